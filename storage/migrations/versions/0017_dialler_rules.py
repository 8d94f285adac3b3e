"""Calling hours, patience and pace as administrators set them; without the row the settings file counts."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dialler_rules",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("opens", sa.String(5), nullable=False),
        sa.Column("closes", sa.String(5), nullable=False),
        sa.Column("on_holidays", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("a_day", sa.Integer, nullable=False),
        sa.Column("spacing", sa.String(100), nullable=False),
        sa.Column("per_second", sa.Float, nullable=False),
        sa.Column("at_once", sa.Integer, nullable=False),
        sa.Column("reserved", sa.Integer, nullable=False),
        sa.Column("changed", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dialler_rules"),
    )
