"""Who asked to be called when the water is back, and who says that it is not; kept places in the agents' queue."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restoration_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("outage_id", sa.Integer, nullable=False),
        sa.Column("area_id", sa.Integer, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("number", Protected, nullable=False),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("consent_version", sa.String(40), nullable=False),
        sa.Column("consent_source", sa.String(20), nullable=False),
        sa.Column("consented", UtcDateTime, nullable=False),
        sa.Column("settled", UtcDateTime),
        sa.Column("settled_as", sa.String(20)),
        sa.UniqueConstraint("outage_id", "number_hash", name="uq_restoration_requests_outage_id"),
        sa.ForeignKeyConstraint(["outage_id"], ["outages.id"], name="fk_restoration_requests_outage_id_outages"),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name="fk_restoration_requests_area_id_areas"),
    )
    op.create_index("ix_restoration_requests_number_hash", "restoration_requests", ["number_hash"])
    op.create_index("ix_restoration_requests_settled", "restoration_requests", ["settled"])
    op.create_table(
        "still_off",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("outage_id", sa.Integer, nullable=False),
        sa.Column("area_id", sa.Integer, nullable=False),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("outage_id", "area_id", "number_hash", name="uq_still_off_outage_id"),
    )
    op.create_index("ix_still_off_area_id_at", "still_off", ["area_id", "at"])
    op.create_index("ix_still_off_number_hash", "still_off", ["number_hash"])
    op.create_table(
        "restoration_doubts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("outage_id", sa.Integer, nullable=False),
        sa.Column("area_id", sa.Integer, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("raised", UtcDateTime, nullable=False),
        sa.Column("settled", UtcDateTime),
        sa.Column("settled_by", sa.String(120)),
        sa.UniqueConstraint("outage_id", "area_id", name="uq_restoration_doubts_outage_id"),
    )
    op.create_table(
        "kept_places",
        sa.Column("outbound_id", sa.Integer, nullable=False),
        sa.Column("joined", UtcDateTime, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("area", sa.String(100)),
        sa.Column("ticket", sa.String(20)),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("outbound_id", name="pk_kept_places"),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_calls.id"], name="fk_kept_places_outbound_id_outbound_calls"
        ),
    )
    op.create_index("ix_kept_places_joined", "kept_places", ["joined"])
