"""What the outage desk adds to outages."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LONGEST_MASS_CALL = timedelta(hours=24)


def upgrade() -> None:
    _extend_outages()
    _extend_board_state()
    op.add_column("areas", sa.Column("former_names", sa.JSON))
    op.create_table(
        "outage_templates",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("minutes", sa.Integer),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("last_used", UtcDateTime),
        sa.UniqueConstraint("name", name="uq_outage_templates_name"),
    )
    op.create_table(
        "phone_pages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("key", "language", "revision", name="uq_phone_pages_key"),
    )


def _extend_outages() -> None:
    op.add_column(
        "outages", sa.Column("updated", UtcDateTime, nullable=False, server_default=sa.text("'2000-01-01 00:00:00'"))
    )
    op.execute(
        "UPDATE outages SET updated = coalesce("
        "(SELECT max(at) FROM outage_revisions WHERE outage_id = outages.id), starts)"
    )
    for name in ("edited_by", "submitted_by", "approved_by"):
        op.add_column("outages", sa.Column(name, sa.String(120)))
    op.execute(
        "UPDATE outages SET edited_by = (SELECT who FROM outage_revisions WHERE outage_id = outages.id"
        " AND what IN ('created', 'changed') ORDER BY number DESC LIMIT 1)"
    )
    for name in ("submitted_at", "publish_at"):
        op.add_column("outages", sa.Column(name, UtcDateTime))
    op.create_index("ix_outages_publish_at", "outages", ["publish_at"])
    op.create_index("ix_outages_starts", "outages", ["starts"])
    op.add_column("outage_revisions", sa.Column("reason", sa.String(300)))
    op.add_column("outage_revisions", sa.Column("on_behalf_of", sa.String(120)))


def _extend_board_state() -> None:
    """A switch that an earlier version left on ends by itself too."""
    op.add_column("board_state", sa.Column("mass_call_until", UtcDateTime))
    op.add_column("board_state", sa.Column("mass_call_by", sa.String(120)))
    state = sa.table("board_state", sa.column("mass_call", sa.Boolean), sa.column("mass_call_until", UtcDateTime))
    until = datetime.now(UTC) + _LONGEST_MASS_CALL
    op.execute(state.update().where(state.c.mass_call).values(mass_call_until=until))
