"""Kept places in the queue: who called somebody by hand."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kept_places", sa.Column("handled", UtcDateTime))
    op.add_column("kept_places", sa.Column("handled_by", sa.String(120)))
