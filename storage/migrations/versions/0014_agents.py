"""The agents' desk: duties of people, states, contacts, queues, and what administrators set for it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import Protected, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PAUSES = (("Mola", "Break"), ("Yemek", "Meal"), ("Eğitim", "Training"), ("Toplantı", "Meeting"), ("Diğer", "Other"))
RESULTS = (
    ("Bilgi verildi", "Told", False),
    ("Kayıt açıldı", "Ticket opened", False),
    ("Kesintiye bağlandı", "Added to an outage", False),
    ("Başka yere aktarıldı", "Passed on", False),
    ("Geri arama sözü verildi", "Call-back promised", True),
    ("Ses yok / kapandı", "No sound / hung up", False),
    ("Konu dışı arama", "Not our business", False),
)
SCRIPTS = (
    ("", "Açılış", "Alo 185, ben {ad}. Kaydınızı görüyorum, bir daha anlatmanıza gerek yok: …"),
    (
        "hazard",
        "Tehlike",
        "Güvende misiniz? Suya ve elektriğe yaklaşmayın. Ekip hemen yola çıkıyor; adresi doğrulayalım.",
    ),
    ("no_water", "Su yok", "Yalnız sizde mi, komşularda da mı yok? Vana ve sayaç açık mı? Ne zamandan beri?"),
    ("leak", "Su kaçağı", "Su yoldan mı, binadan mı geliyor? Elektrik panosuna yakın mı? Tam adres ve bir tarif alın."),
    ("sewer", "Kanalizasyon", "Taşma yolda mı, bodrumda mı? Kaç daire etkileniyor? Çocuk ya da hasta var mı?"),
    ("water_quality", "Su kalitesi", "Renk, koku ya da tat mı? İçmeyin, kaynatmayın; numune için ekip gönderilir."),
)
ENDED = sa.text("ended IS NULL")
NOW = sa.text("until IS NULL")


def upgrade() -> None:
    for duty in ("desk", "supervisor"):
        op.add_column("users", sa.Column(duty, sa.Boolean, nullable=False, server_default=sa.false()))
    _settings()
    _work()
    _seed()


def _settings() -> None:
    def listed(name: str, *columns: sa.Column[Any]) -> sa.Table:
        more = (sa.Column("position", sa.Integer, nullable=False), sa.Column("active", sa.Boolean, nullable=False))
        return op.create_table(name, *columns, *more)

    def label(name: str, length: int = 80) -> sa.Column[Any]:
        return sa.Column(name, sa.String(length), nullable=False)

    def number() -> sa.Column[Any]:
        return sa.Column("id", sa.Integer, primary_key=True)

    listed("agent_pause_reasons", number(), label("label_tr"), label("label_en"))
    listed(
        "agent_results",
        number(),
        label("label_tr"),
        label("label_en"),
        sa.Column("call_back", sa.Boolean, nullable=False),
    )
    listed(
        "agent_scripts",
        number(),
        label("about", 40),
        label("title", 120),
        sa.Column("text", sa.Text, nullable=False),
    )
    listed("agent_targets", number(), label("kind", 10), label("label", 120), label("number", 40))
    listed("agent_queues", sa.Column("name", sa.String(60), primary_key=True), label("label_tr"), label("label_en"))
    op.create_table(
        "agent_memberships",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("queue", sa.String(60), primary_key=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_agent_memberships_user_id_users"),
        sa.ForeignKeyConstraint(["queue"], ["agent_queues.name"], name="fk_agent_memberships_queue_agent_queues"),
    )


def _work() -> None:
    op.create_table(
        "agent_sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("started", UtcDateTime, nullable=False),
        sa.Column("seen", UtcDateTime, nullable=False),
        sa.Column("ended", UtcDateTime),
        sa.Column("how", sa.String(20)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_agent_sessions_user_id_users"),
    )
    op.create_index(
        "uq_agent_sessions_open", "agent_sessions", ["user_id"], unique=True, sqlite_where=ENDED, postgresql_where=ENDED
    )
    op.create_index("ix_agent_sessions_user_id", "agent_sessions", ["user_id"])
    op.create_index("ix_agent_sessions_started", "agent_sessions", ["started"])
    op.create_table(
        "agent_states",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason_id", sa.Integer),
        sa.Column("contact_id", sa.Integer),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime),
        sa.Column("who", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_agent_states_user_id_users"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agent_sessions.id"], name="fk_agent_states_session_id_agent_sessions"
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["agent_pause_reasons.id"], name="fk_agent_states_reason_id_agent_pause_reasons"
        ),
    )
    op.create_index(
        "uq_agent_states_now", "agent_states", ["user_id"], unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index("ix_agent_states_at", "agent_states", ["at"])
    op.create_index("ix_agent_states_user_id", "agent_states", ["user_id"])
    _contacts()


def _contacts() -> None:
    op.create_table(
        "agent_contacts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("leg", sa.String(80), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.Integer),
        sa.Column("queue", sa.String(60), nullable=False),
        sa.Column("caller", sa.String(80), nullable=False),
        sa.Column("number", Protected),
        sa.Column("number_hash", sa.String(64)),
        sa.Column("area_id", sa.Integer),
        sa.Column("reason", sa.String(60)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("waited", sa.Float, nullable=False),
        sa.Column("rang", UtcDateTime, nullable=False),
        sa.Column("answered", UtcDateTime),
        sa.Column("ended", UtcDateTime),
        sa.Column("wrapped", UtcDateTime),
        sa.Column("outcome", sa.String(12)),
        sa.Column("result_id", sa.Integer),
        sa.Column("passed_to", sa.String(120)),
        sa.Column("ticket_number", sa.String(20)),
        sa.Column("call_back_at", UtcDateTime),
        sa.Column("called_back", UtcDateTime),
        sa.Column("called_back_by", sa.String(120)),
        sa.Column("note", Protected),
        sa.UniqueConstraint("leg", name="uq_agent_contacts_leg"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_agent_contacts_user_id_users"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["agent_sessions.id"], name="fk_agent_contacts_session_id_agent_sessions"
        ),
        sa.ForeignKeyConstraint(["result_id"], ["agent_results.id"], name="fk_agent_contacts_result_id_agent_results"),
    )
    op.create_index("ix_agent_contacts_user_id_rang", "agent_contacts", ["user_id", "rang"])
    for column in ("caller", "number_hash", "rang", "call_back_at"):
        op.create_index(f"ix_agent_contacts_{column}", "agent_contacts", [column])
    op.create_table(
        "agent_queue_visits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("caller", sa.String(80), nullable=False),
        sa.Column("joined", UtcDateTime, nullable=False),
        sa.Column("left_at", UtcDateTime, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("waited", sa.Float, nullable=False),
        sa.UniqueConstraint("caller", name="uq_agent_queue_visits_caller"),
    )
    op.create_index("ix_agent_queue_visits_left", "agent_queue_visits", ["left_at"])
    op.create_table(
        "agent_recordings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact_id", sa.Integer, nullable=False),
        sa.Column("asked_by", sa.String(120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("stored", sa.String(120)),
        sa.Column("removed", UtcDateTime),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["agent_contacts.id"], name="fk_agent_recordings_contact_id_agent_contacts"
        ),
    )
    op.create_index("ix_agent_recordings_contact_id", "agent_recordings", ["contact_id"])
    op.create_index("ix_agent_recordings_at", "agent_recordings", ["at"])


def _seed() -> None:
    """What a desk can begin with; administrators change it."""
    _rows("agent_pause_reasons", ("label_tr", "label_en"), PAUSES)
    _rows("agent_results", ("label_tr", "label_en", "call_back"), RESULTS)
    _rows("agent_scripts", ("about", "title", "text"), SCRIPTS)
    _rows("agent_queues", ("name", "label_tr", "label_en"), (("alo185-agents", "185 hattı", "185 line"),))


def _rows(name: str, columns: tuple[str, ...], given: tuple[tuple[object, ...], ...]) -> None:
    kinds = {"call_back": sa.Boolean, "text": sa.Text}
    table = sa.table(
        name,
        *(sa.column(column, kinds.get(column, sa.String)) for column in columns),
        sa.column("position", sa.Integer),
        sa.column("active", sa.Boolean),
    )
    named = (*columns, "position", "active")
    rows = [dict(zip(named, (*row, 10 * place, True), strict=True)) for place, row in enumerate(given, start=1)]
    op.bulk_insert(table, rows)
