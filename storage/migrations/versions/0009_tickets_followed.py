"""What following a ticket to its end needs: units, promises, history, e-mail."""

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_URGENCY = {
    "no_water": "urgent",
    "low_pressure": "normal",
    "leak": "urgent",
    "burst_main": "urgent",
    "sewer": "urgent",
    "water_quality": "urgent",
    "meter": "normal",
    "bill": "low",
    "subscription": "low",
    "complaint": "normal",
    "thanks": "low",
    "information": "low",
}
_LEVELS = (
    # urgency, minutes to the first answer, to the site, to the solution, day and night
    ("hazard", 10, 45, 240, True),
    ("urgent", 30, 120, 720, True),
    ("normal", 120, 480, 1440, False),
    ("low", 480, None, 2400, False),
)
"""To begin with; administrators set their own."""


def upgrade() -> None:
    _create_units()
    _extend_tickets()
    _create_history()
    _create_promises()
    _create_mails()
    _fill()
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def _create_units() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(200)),
        sa.Column("phone", Protected),
        sa.Column("webhook_id", sa.Integer),
        sa.Column("week", sa.JSON),
        sa.Column("stand_in_id", sa.Integer),
        sa.Column("answer_minutes", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("changed", UtcDateTime, nullable=False),
        sa.UniqueConstraint("name", name="uq_units_name"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook_endpoints.id"], name="fk_units_webhook_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["stand_in_id"], ["units.id"], name="fk_units_stand_in_id"),
    )
    op.create_table(
        "unit_chain",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.Integer, sa.ForeignKey("units.id", name="fk_unit_chain_unit_id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(200)),
        sa.Column("phone", Protected),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.UniqueConstraint("unit_id", "position", name="uq_unit_chain_unit_id"),
    )
    op.create_table(
        "ticket_routes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("category", sa.String(20)),
        sa.Column("urgency", sa.String(10)),
        sa.Column("district_id", sa.Integer, sa.ForeignKey("areas.id", name="fk_ticket_routes_district_id")),
        sa.Column("unit_id", sa.Integer, sa.ForeignKey("units.id", name="fk_ticket_routes_unit_id"), nullable=False),
    )
    op.create_index("ix_ticket_routes_position", "ticket_routes", ["position"])


def _extend_tickets() -> None:
    """Tickets that are there were told to nobody: they are new, and the watch sends them as soon as there are units."""
    for name, kind in (
        ("key", sa.String(260)),
        ("fingerprint", sa.String(64)),
        ("channel", sa.String(10)),
        ("urgency", sa.String(10)),
        ("state", sa.String(20)),
        ("address", sa.Text),
        ("told", sa.Text),
        ("search_key", sa.Text),
        ("caller_name", Protected),
        ("number_hash", sa.String(64)),
        ("language", sa.String(2)),
        ("merged_into", sa.Integer),
        ("unit_id", sa.Integer),
        ("step", sa.Integer),
        ("answer_by", UtcDateTime),
        ("why", sa.JSON),
        ("cause", sa.String(40)),
        ("round", sa.Integer),
        ("updated", UtcDateTime),
        ("closed", UtcDateTime),
        ("forgotten", UtcDateTime),
        ("look_at", UtcDateTime),
    ):
        op.add_column("tickets", sa.Column(name, kind))
    op.execute(
        "UPDATE tickets SET key = 'phone:' || call_id || ':' || category, channel = 'phone', state = 'new', "
        "language = 'tr', step = 0, round = 1, updated = opened, "
        "look_at = CASE WHEN outage_id IS NULL THEN opened END, "
        "urgency = CASE WHEN category = 'hazard' THEN 'hazard' WHEN urgent THEN 'urgent' "
        "WHEN category = 'low_pressure' THEN 'normal' ELSE 'urgent' END, "
        "category = CASE WHEN category = 'hazard' THEN 'burst_main' ELSE category END"
    )
    with op.batch_alter_table("tickets") as batch:  # SQLite can only make the table anew
        for name, kind in (
            ("key", sa.String(260)),
            ("channel", sa.String(10)),
            ("urgency", sa.String(10)),
            ("state", sa.String(20)),
            ("language", sa.String(2)),
            ("step", sa.Integer),
            ("round", sa.Integer),
            ("updated", UtcDateTime),
        ):
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.alter_column("call_id", existing_type=sa.String(200), nullable=True)
        batch.drop_constraint("uq_tickets_call_id", type_="unique")
        batch.create_unique_constraint("uq_tickets_key", ["key"])
        batch.create_foreign_key("fk_tickets_merged_into", "tickets", ["merged_into"], ["id"])
        batch.create_foreign_key("fk_tickets_unit_id", "units", ["unit_id"], ["id"])
        batch.drop_column("urgent")
    for column in ("call_id", "state", "number_hash", "merged_into", "closed", "look_at"):
        op.create_index(f"ix_tickets_{column}", "tickets", [column])
    op.create_index("ix_tickets_unit_id_state", "tickets", ["unit_id", "state"])


def _ticket_id() -> sa.Column[int]:
    return sa.Column("ticket_id", sa.Integer, nullable=False)


def _to_ticket(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=f"fk_{table}_ticket_id")


def _create_history() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.Integer, primary_key=True),
        _ticket_id(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("before", sa.String(20)),
        sa.Column("after", sa.String(20)),
        sa.Column("reason", sa.String(60)),
        sa.Column("detail", sa.JSON, nullable=False),
        _to_ticket("ticket_events"),
        sa.UniqueConstraint("ticket_id", "number", name="uq_ticket_events_ticket_id"),
    )
    op.create_index("ix_ticket_events_at", "ticket_events", ["at"])
    op.create_table(
        "ticket_notes",
        sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=False),
        _ticket_id(),
        sa.Column("text", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ticket_events.id"], name="fk_ticket_notes_event_id"),
        _to_ticket("ticket_notes"),
    )
    op.create_index("ix_ticket_notes_ticket_id", "ticket_notes", ["ticket_id"])
    op.create_table(
        "ticket_files",
        sa.Column("id", sa.Integer, primary_key=True),
        _ticket_id(),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("stored", sa.String(120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        _to_ticket("ticket_files"),
    )
    op.create_index("ix_ticket_files_ticket_id", "ticket_files", ["ticket_id"])


def _create_promises() -> None:
    op.create_table(
        "ticket_categories",
        sa.Column("category", sa.String(20), primary_key=True),
        sa.Column("urgency", sa.String(10), nullable=False),
    )
    op.create_table(
        "service_levels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urgency", sa.String(10), nullable=False),
        sa.Column("category", sa.String(20)),
        sa.Column("answer_minutes", sa.Integer, nullable=False),
        sa.Column("site_minutes", sa.Integer),
        sa.Column("solution_minutes", sa.Integer, nullable=False),
        sa.Column("always", sa.Boolean, nullable=False),
        sa.UniqueConstraint("urgency", "category", name="uq_service_levels_urgency"),
    )
    op.create_table(
        "ticket_clocks",
        sa.Column("id", sa.Integer, primary_key=True),
        _ticket_id(),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("promise", sa.String(10), nullable=False),
        sa.Column("warn_at", UtcDateTime, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("met", UtcDateTime),
        sa.Column("warned", UtcDateTime),
        sa.Column("breached", UtcDateTime),
        _to_ticket("ticket_clocks"),
        sa.UniqueConstraint("ticket_id", "round", "promise", name="uq_ticket_clocks_ticket_id"),
    )
    op.create_index("ix_ticket_clocks_breached", "ticket_clocks", ["breached"])
    op.create_table(
        "ticket_acknowledgements",
        sa.Column("digest", sa.String(64), primary_key=True),
        _ticket_id(),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("unit_id", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("told", sa.String(120), nullable=False),
        sa.Column("made", UtcDateTime, nullable=False),
        sa.Column("used", UtcDateTime),
        _to_ticket("ticket_acknowledgements"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_ticket_acknowledgements_unit_id"),
    )
    op.create_index("ix_ticket_acknowledgements_ticket_id", "ticket_acknowledgements", ["ticket_id"])


def _create_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("to", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", Protected, nullable=False),
        sa.Column("posted", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("settled", UtcDateTime),
        sa.Column("note", sa.Text),
        sa.Column("leased_by", sa.String(36)),
        sa.Column("leased_until", UtcDateTime),
        sa.UniqueConstraint("key", name="uq_mails_key"),
    )
    op.create_index("ix_mails_state_due", "mails", ["state", "due"])
    op.create_index("ix_mails_posted", "mails", ["posted"])
    op.create_table(
        "mail_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mail_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_mail_attempts_mail_id", ondelete="CASCADE"),
        sa.UniqueConstraint("mail_id", "number", name="uq_mail_attempts_mail_id"),
    )


def _fill() -> None:
    categories = sa.table("ticket_categories", sa.column("category", sa.String), sa.column("urgency", sa.String))
    op.bulk_insert(categories, [{"category": name, "urgency": urgency} for name, urgency in _URGENCY.items()])
    names = ("urgency", "answer_minutes", "site_minutes", "solution_minutes", "always")
    kinds = (sa.String, sa.Integer, sa.Integer, sa.Integer, sa.Boolean)
    levels = sa.table("service_levels", *(sa.column(name, kind) for name, kind in zip(names, kinds, strict=True)))
    op.bulk_insert(levels, [dict(zip(names, level, strict=True)) for level in _LEVELS])
    op.execute(
        "INSERT INTO ticket_events (ticket_id, number, at, who, what, detail) "
        "SELECT id, 1, opened, 'phone', 'opened', '{}' FROM tickets"
    )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION ticket_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the history of tickets is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ticket_events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION ticket_events_refuse()"
    )


def _guard_on_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ticket_events_no_{change.lower()} BEFORE {change} ON ticket_events "
            "BEGIN SELECT RAISE(ABORT, 'the history of tickets is append-only'); END"
        )
