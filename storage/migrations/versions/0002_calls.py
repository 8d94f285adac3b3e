"""Call records, remembered callers."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.String(120), nullable=False),
        sa.Column("driver", sa.String(10), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("started", UtcDateTime, nullable=False),
        sa.Column("answered", UtcDateTime),
        sa.Column("ended", UtcDateTime),
        sa.Column("area_id", sa.Integer),
        sa.Column("outage_ids", sa.JSON, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60)),
        sa.Column("ticket_number", sa.String(20)),
        sa.Column("first_answer_seconds", sa.Float),
        sa.Column("duration_seconds", sa.Float),
        sa.Column("caller", Protected),
        sa.Column("caller_hash", sa.String(64)),
        sa.Column("heard", Protected),
        sa.Column("keys", Protected),
        sa.UniqueConstraint("call_id", name="uq_calls_call_id"),
    )
    op.create_index("ix_calls_started", "calls", ["started"])
    op.create_index("ix_calls_caller_hash", "calls", ["caller_hash"])
    op.create_table(
        "remembered_callers",
        sa.Column("caller_hash", sa.String(64), primary_key=True),
        sa.Column("area_id", sa.Integer, nullable=False),
        sa.Column("consented_at", UtcDateTime, nullable=False),
    )
