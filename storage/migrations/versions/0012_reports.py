"""Reports of the departments: what they are told from, who gets them, which were sent, and files in e-mail."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SERVED = ["started", "driver", "outcome", "reason", "first_answer_seconds"]


def upgrade() -> None:
    op.add_column("calls", sa.Column("left_at", sa.String(80)))
    op.add_column("calls", sa.Column("called_again", sa.Boolean))
    op.drop_index("ix_calls_served", "calls")
    op.create_index("ix_calls_served", "calls", [*SERVED, "area_id", "left_at", "called_again"])
    op.drop_index("ix_calls_caller_hash", "calls")
    op.create_index("ix_calls_caller_hash_started", "calls", ["caller_hash", "started", "driver", "outcome"])
    op.create_index("ix_call_attempts_at", "call_attempts", ["at"])
    op.create_index("ix_outbound_calls_finished", "outbound_calls", ["finished"])
    _create_sending()
    op.create_table(
        "mail_attachments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mail_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_mail_attachments_mail_id", ondelete="CASCADE"),
    )
    op.create_index("ix_mail_attachments_mail_id", "mail_attachments", ["mail_id"])


def _create_sending() -> None:
    op.create_table(
        "report_readers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("address", sa.String(200), nullable=False),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("daily", "weekly", "monthly")),
        sa.Column("added", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.UniqueConstraint("address", name="uq_report_readers_address"),
    )
    settings = op.create_table(
        "report_settings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", UtcDateTime),
        *(sa.Column(f"units_{name}", sa.Boolean, nullable=False) for name in ("daily", "weekly", "monthly")),
    )
    op.bulk_insert(settings, [{"id": 1, "units_daily": True, "units_weekly": True, "units_monthly": True}])
    op.create_table(
        "report_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("length", sa.String(10), nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("worker", sa.String(40), nullable=False),
        sa.Column("lease", UtcDateTime, nullable=False),
        sa.Column("settled", UtcDateTime),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.UniqueConstraint("first", "length", "scope", name="uq_report_runs_first"),
    )
