"""Outbox of webhooks, addresses of public pages and the list of notices."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_endpoints()
    _create_deliveries()
    op.create_table(
        "public_addresses",
        sa.Column("path", sa.String(160), primary_key=True),
        sa.Column("area_id", sa.Integer, sa.ForeignKey("areas.id", name="fk_public_addresses_area_id"), nullable=False),
    )
    op.create_index("ix_public_addresses_area_id", "public_addresses", ["area_id"])
    _create_notices()


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", Protected, nullable=False),
        sa.Column("former_secret", Protected),
        sa.Column("former_until", UtcDateTime),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("allow_private", sa.Boolean, nullable=False),
        sa.Column("made", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("leased_by", sa.String(36)),
        sa.Column("leased_until", UtcDateTime),
    )
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("posted", UtcDateTime, nullable=False),
        sa.UniqueConstraint("key", name="uq_outbox_messages_key"),
    )
    op.create_index("ix_outbox_messages_posted", "outbox_messages", ["posted"])


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("endpoint_id", sa.Integer, nullable=False),
        sa.Column("message_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("settled", UtcDateTime),
        sa.Column("note", sa.Text),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name="fk_webhook_deliveries_endpoint_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_messages.id"], name="fk_webhook_deliveries_message_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("uuid", name="uq_webhook_deliveries_uuid"),
    )
    op.create_index("ix_webhook_deliveries_state_endpoint_id", "webhook_deliveries", ["state", "endpoint_id"])
    op.create_index("ix_webhook_deliveries_message_id", "webhook_deliveries", ["message_id"])
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("problem", sa.Text),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name="fk_webhook_attempts_delivery_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("delivery_id", "number", name="uq_webhook_attempts_delivery_id"),
    )


def _create_notices() -> None:
    op.create_table(
        "notice_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("area_id", sa.Integer, sa.ForeignKey("areas.id", name="fk_notice_requests_area_id"), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("number", Protected, nullable=False),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("consent_version", sa.String(40), nullable=False),
        sa.Column("consent_source", sa.String(20), nullable=False),
        sa.Column("consented", UtcDateTime, nullable=False),
        sa.Column("confirmed", UtcDateTime),
        sa.Column("confirmed_by", sa.String(120)),
        sa.UniqueConstraint("number_hash", "area_id", name="uq_notice_requests_number_hash"),
    )
    op.create_index("ix_notice_requests_area_id_state", "notice_requests", ["area_id", "state"])
