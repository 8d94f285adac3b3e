"""Borders of areas, for maps."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_borders",
        sa.Column("area_id", sa.Integer, sa.ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("geometry", sa.JSON, nullable=False),
        sa.Column("credit", sa.String(200)),
    )
