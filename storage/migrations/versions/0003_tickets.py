"""Tickets and their yearly numbers."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("call_id", sa.String(200), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("area_id", sa.Integer),
        sa.Column("outage_id", sa.Integer),
        sa.Column("callback_number", Protected),
        sa.Column("voice", sa.String(120)),
        sa.Column("opened", UtcDateTime, nullable=False),
        sa.UniqueConstraint("number", name="uq_tickets_number"),
        sa.UniqueConstraint("call_id", "category", name="uq_tickets_call_id"),
    )
    for column in ("area_id", "outage_id", "opened"):
        op.create_index(f"ix_tickets_{column}", "tickets", [column])
    op.create_table(
        "ticket_years",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
