"""Tables of areas, outages and what callers are told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outages.board import AreaKind, OutageKind
from outages.life import Life
from storage.base import Base


class Area(Base):
    """A district, neighbourhood or industrial zone. Merged away: not `active`, and `merged_into` its successor."""

    __tablename__ = "areas"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AreaKind] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    spoken: Mapped[str] = mapped_column(String(200))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    search_key: Mapped[str] = mapped_column(String(120), index=True)
    """Turkish small letters; see `outages.keys`."""
    keypad: Mapped[str] = mapped_column(String(120))
    number: Mapped[int] = mapped_column(unique=True)
    population: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    former_names: Mapped[list[str] | None] = mapped_column(JSON)
    """What it was called before; people go on typing that."""


class AreaBorder(Base):
    """The border of an area, for maps; most utilities have those of their districts."""

    __tablename__ = "area_borders"

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True)
    geometry: Mapped[dict[str, Any]] = mapped_column(JSON)
    """GeoJSON `Polygon` or `MultiPolygon`."""
    credit: Mapped[str | None] = mapped_column(String(200))


class OutageArea(Base):
    """One area of an outage."""

    __tablename__ = "outage_areas"

    outage_id: Mapped[int] = mapped_column(ForeignKey("outages.id", ondelete="CASCADE"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, index=True)
    streets: Mapped[str | None] = mapped_column(Text)
    """Free text; None for the whole area."""


class Outage(Base):
    """Water that is, was or will be off. Changed through `outages.service` only, which keeps every revision."""

    __tablename__ = "outages"
    __table_args__ = (Index("ix_outages_life_starts", "life", "starts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OutageKind] = mapped_column(String(20))
    cause: Mapped[str] = mapped_column(String(40))
    life: Mapped[Life] = mapped_column(Enum(Life, native_enum=False, length=20))
    starts: Mapped[datetime] = mapped_column(index=True)
    expected_end: Mapped[datetime | None]
    actual_end: Mapped[datetime | None] = mapped_column(index=True)
    subscribers: Mapped[int | None]
    crew: Mapped[str | None] = mapped_column(String(20))
    tanker_points: Mapped[str | None] = mapped_column(Text)
    announcement_tr: Mapped[str | None] = mapped_column(Text)
    announcement_en: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(20))
    """`operator`, `import` or `demo`."""
    external_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    """The outage's id in the system that it was imported from."""
    updated: Mapped[datetime]
    """When its last revision was made."""
    edited_by: Mapped[str | None] = mapped_column(String(120))
    """Who last said what it says."""
    submitted_by: Mapped[str | None] = mapped_column(String(120))
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(120))
    """Who let it go out, now or at `publish_at`."""
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the draft goes out by itself."""
    revision: Mapped[int] = mapped_column()
    """Raised by each change; SQLAlchemy refuses a write on top of a revision that was not read."""
    places: Mapped[list[OutageArea]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=OutageArea.area_id
    )

    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}  # noqa: RUF012


class OutageRevision(Base):
    """Who changed what and when. Never changed, never removed while the outage exists."""

    __tablename__ = "outage_revisions"
    __table_args__ = (UniqueConstraint("outage_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outages.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(String(20))
    """`created`, `changed`, `submitted`, `sent_back`, `approved`, `published`, `started`, `restored`, `cancelled` or
    `undone`."""
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Each changed field with its value before and after: `{"expected_end": ["2026-…", "2026-…"]}`."""
    reason: Mapped[str | None] = mapped_column(String(300))
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    """The person who had asked for what the system then did."""


class Broadcast(Base):
    """An emergency announcement, played before everything until it ends."""

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    text_tr: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str | None] = mapped_column(Text)
    district_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    """None: the whole city."""
    created: Mapped[datetime]
    ends: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(120))


class BoardState(Base):
    """One row: the version that every change of what callers hear raises, and the mass-call switch."""

    __tablename__ = "board_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    mass_call: Mapped[bool]
    mass_call_until: Mapped[datetime | None]
    """When the switch turns itself off."""
    mass_call_by: Mapped[str | None] = mapped_column(String(120))


class OutageTemplate(Base):
    """What operators write again and again: an outage without its times."""

    __tablename__ = "outage_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    minutes: Mapped[int | None]
    """How long it usually lasts."""
    who: Mapped[str] = mapped_column(String(120))
    created: Mapped[datetime]
    uses: Mapped[int]
    last_used: Mapped[datetime | None]


class PhonePage(Base):
    """One writing of an information page of the phone menu; the highest revision is heard, the others are history."""

    __tablename__ = "phone_pages"
    __table_args__ = (UniqueConstraint("key", "language", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str | None] = mapped_column(Text)
    """None: the text that ships."""
    revision: Mapped[int]
    who: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
