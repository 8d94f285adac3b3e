"""Areas, outages, broadcasts, the board's version, API keys."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "areas",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("spoken", sa.String(200), nullable=False),
        sa.Column("district_id", sa.Integer, sa.ForeignKey("areas.id", name="fk_areas_district_id")),
        sa.Column("search_key", sa.String(120), nullable=False),
        sa.Column("keypad", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("population", sa.Integer),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("merged_into", sa.Integer, sa.ForeignKey("areas.id", name="fk_areas_merged_into")),
        sa.UniqueConstraint("number", name="uq_areas_number"),
    )
    op.create_index("ix_areas_district_id", "areas", ["district_id"])
    op.create_index("ix_areas_search_key", "areas", ["search_key"])
    _create_outages()
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text_tr", sa.Text, nullable=False),
        sa.Column("text_en", sa.Text),
        sa.Column("district_id", sa.Integer, sa.ForeignKey("areas.id", name="fk_broadcasts_district_id")),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("ends", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
    )
    op.create_index("ix_broadcasts_ends", "broadcasts", ["ends"])
    board_state = op.create_table(
        "board_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("mass_call", sa.Boolean, nullable=False),
    )
    op.bulk_insert(board_state, [{"id": 1, "version": 1, "mass_call": False}])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.UniqueConstraint("name", name="uq_api_keys_name"),
        sa.UniqueConstraint("sha256", name="uq_api_keys_sha256"),
    )


def _create_outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("life", sa.String(20), nullable=False),
        sa.Column("starts", UtcDateTime, nullable=False),
        sa.Column("expected_end", UtcDateTime),
        sa.Column("actual_end", UtcDateTime),
        sa.Column("subscribers", sa.Integer),
        sa.Column("crew", sa.String(20)),
        sa.Column("tanker_points", sa.Text),
        sa.Column("announcement_tr", sa.Text),
        sa.Column("announcement_en", sa.Text),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(120)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("external_id", name="uq_outages_external_id"),
    )
    op.create_index("ix_outages_life_starts", "outages", ["life", "starts"])
    op.create_index("ix_outages_actual_end", "outages", ["actual_end"])
    owner = ("outages.id",)
    op.create_table(
        "outage_areas",
        sa.Column("outage_id", sa.Integer, primary_key=True),
        sa.Column("area_id", sa.Integer, sa.ForeignKey("areas.id", name="fk_outage_areas_area_id"), primary_key=True),
        sa.Column("streets", sa.Text),
        sa.ForeignKeyConstraint(["outage_id"], owner, name="fk_outage_areas_outage_id", ondelete="CASCADE"),
    )
    op.create_index("ix_outage_areas_area_id", "outage_areas", ["area_id"])
    op.create_table(
        "outage_revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("outage_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["outage_id"], owner, name="fk_outage_revisions_outage_id", ondelete="CASCADE"),
        sa.UniqueConstraint("outage_id", "number", name="uq_outage_revisions_outage_id"),
    )
