"""What the live wall shares between processes, and what it needs to be quick."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_calls_started", "calls")
    op.create_index("ix_calls_served", "calls", ["started", "driver", "outcome", "reason", "first_answer_seconds"])
    op.create_index("ix_calls_area_id_started", "calls", ["area_id", "started"])
    op.create_table(
        "dismissed_demand",
        sa.Column("area_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
    )
    op.create_table(
        "live_processes",
        sa.Column("process", sa.String(40), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
    )
    op.create_table(
        "live_watch",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
