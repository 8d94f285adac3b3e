"""Calls to citizens."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ACTIVE = sa.text("state IN ('waiting', 'claimed', 'dialling', 'answered')")


def upgrade() -> None:
    op.create_table(
        "outbound_calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("number", Protected),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("area_id", sa.Integer),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("worker", sa.String(40)),
        sa.Column("lease", UtcDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String(20)),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("finished", UtcDateTime),
    )
    op.create_index(
        "uq_outbound_calls_active",
        "outbound_calls",
        ["number_hash"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
    op.create_index("ix_outbound_calls_number_hash", "outbound_calls", ["number_hash"])
    op.create_index("ix_outbound_calls_why_subject", "outbound_calls", ["why", "subject"])
    op.create_index("ix_outbound_calls_state_due", "outbound_calls", ["state", "due"])
    op.create_table(
        "call_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("outbound_id", sa.Integer, nullable=False),
        sa.Column("token", sa.String(40), nullable=False),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("worker", sa.String(40), nullable=False),
        sa.Column("trunk", sa.String(80), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("answered", UtcDateTime),
        sa.Column("ended", UtcDateTime),
        sa.Column("outcome", sa.String(20)),
        sa.Column("cause", sa.Integer),
        sa.Column("verdict", sa.String(20)),
        sa.Column("stars", sa.Integer),
        sa.Column("heard", Protected),
        sa.Column("keys", Protected),
        sa.UniqueConstraint("token", name="uq_call_attempts_token"),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_calls.id"], name="fk_call_attempts_outbound_id_outbound_calls"
        ),
    )
    op.create_index("ix_call_attempts_outbound_id", "call_attempts", ["outbound_id"])
    op.create_index("ix_call_attempts_number_hash_at", "call_attempts", ["number_hash", "at"])
    op.create_table(
        "opt_outs",
        sa.Column("number_hash", sa.String(64), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("how", sa.String(40), nullable=False),
    )
