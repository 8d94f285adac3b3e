"""Subscribers, their telephones, consents and imports; who may see what is personal of them."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_subscribers()
    _create_consents()
    _create_housekeeping()
    op.add_column("users", sa.Column("personal", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE users SET personal = (role = 'administrator')")


def _create_subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("number", Protected, nullable=False),
        sa.Column("name", Protected),
        sa.Column("address", Protected),
        sa.Column("meter_point", Protected),
        sa.Column("area_id", sa.Integer),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("updated", UtcDateTime, nullable=False),
        sa.Column("merged_into", sa.Integer),
        sa.UniqueConstraint("number_hash", name="uq_subscribers_number_hash"),
        sa.ForeignKeyConstraint(["merged_into"], ["subscribers.id"], name="fk_subscribers_merged_into"),
    )
    op.create_index("ix_subscribers_merged_into", "subscribers", ["merged_into"])
    op.create_table(
        "subscriber_phones",
        _subscriber_id(primary_key=True),
        sa.Column("number_hash", sa.String(64), primary_key=True),
        sa.Column("number", Protected, nullable=False),
        _to_subscriber("subscriber_phones"),
    )
    op.create_index("ix_subscriber_phones_number_hash", "subscriber_phones", ["number_hash"])
    op.create_table(
        "subscriber_names",
        sa.Column("token", sa.Integer, primary_key=True, autoincrement=False),
        _subscriber_id(primary_key=True),
        _to_subscriber("subscriber_names"),
    )
    op.create_index("ix_subscriber_names_subscriber_id", "subscriber_names", ["subscriber_id"])


def _create_consents() -> None:
    op.create_table(
        "subscriber_consents",
        sa.Column("id", sa.Integer, primary_key=True),
        _subscriber_id(),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        _to_subscriber("subscriber_consents"),
    )
    op.create_index("ix_subscriber_consents_subscriber_id", "subscriber_consents", ["subscriber_id"])


def _create_housekeeping() -> None:
    op.create_table(
        "subscriber_erasures",
        sa.Column("number_hash", sa.String(64), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
    )
    op.create_table(
        "subscriber_imports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        *(sa.Column(count, sa.Integer, nullable=False) for count in ("done", "new", "changed", "same", "bad")),
        sa.Column("started", UtcDateTime, nullable=False),
        sa.Column("updated", UtcDateTime, nullable=False),
        sa.Column("finished", UtcDateTime),
    )
    op.create_index("ix_subscriber_imports_origin", "subscriber_imports", ["origin"])
    op.create_table(
        "subscriber_tries",
        sa.Column("caller", sa.String(64), primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
    )


def _subscriber_id(*, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column("subscriber_id", sa.Integer, primary_key=primary_key, autoincrement=False, nullable=False)


def _to_subscriber(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subscriber_id"], ["subscribers.id"], name=f"fk_{table}_subscriber_id", ondelete="CASCADE"
    )
