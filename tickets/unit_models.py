"""Tables that administrators edit: units, which of them gets what, and what is promised to citizens."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outages.models import Area
from outbox.models import Endpoint
from storage.base import Base
from storage.types import Protected
from tickets.columns import words
from tickets.kinds import Category, Urgency

Week = dict[str, list[list[str]]]


class Unit(Base):
    """A unit (birim) that works on tickets."""

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(Protected)
    webhook_id: Mapped[int | None] = mapped_column(ForeignKey(Endpoint.id, ondelete="SET NULL"))
    week: Mapped[Week | None] = mapped_column(JSON)
    """Duty hours as `{"0": [["08:00", "17:00"]]}`, Monday is 0; None: always on duty, holidays too."""
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    """Who takes what is urgent while this unit is off duty."""
    answer_minutes: Mapped[int]
    """Not accepted within these, the first of the chain is told."""
    active: Mapped[bool] = mapped_column(default=True)
    changed: Mapped[datetime]


class ChainStep(Base):
    """Whom to tell when nobody has accepted, one after the other."""

    __tablename__ = "unit_chain"
    __table_args__ = (UniqueConstraint("unit_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    position: Mapped[int]
    """From 1."""
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(Protected)
    minutes: Mapped[int]
    """How long this person has to accept."""


class Route(Base):
    """One row of the routing table; the first that fits decides. What is empty fits everything."""

    __tablename__ = "ticket_routes"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(index=True)
    category: Mapped[Category | None] = mapped_column(words(Category))
    urgency: Mapped[Urgency | None] = mapped_column(words(Urgency, 10))
    district_id: Mapped[int | None] = mapped_column(ForeignKey(Area.id))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))


class CategoryRow(Base):
    """How urgent a category is unless somebody says otherwise."""

    __tablename__ = "ticket_categories"

    category: Mapped[Category] = mapped_column(words(Category), primary_key=True)
    urgency: Mapped[Urgency] = mapped_column(words(Urgency, 10))


class ServiceLevel(Base):
    """What is promised; the row of a category wins over the one for all."""

    __tablename__ = "service_levels"
    __table_args__ = (UniqueConstraint("urgency", "category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    urgency: Mapped[Urgency] = mapped_column(words(Urgency, 10))
    category: Mapped[Category | None] = mapped_column(words(Category))
    """None: all categories that have no row of their own."""
    answer_minutes: Mapped[int]
    site_minutes: Mapped[int | None]
    """None where nobody goes there, as with bills."""
    solution_minutes: Mapped[int]
    always: Mapped[bool]
    """The clock runs day and night; else in the unit's duty hours, holidays left out."""
