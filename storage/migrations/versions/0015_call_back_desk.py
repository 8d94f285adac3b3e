"""People beside the dialler: calls that they make themselves, and the emergency stop."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_attempts", sa.Column("who", sa.String(120)))
    op.add_column("opt_outs", sa.Column("note", sa.String(200)))
    op.create_table(
        "dialler_stops",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("note", sa.String(200)),
    )
