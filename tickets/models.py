"""Geri Dönüş: what callers reported and how they are called back."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.types import Protected


class Ticket(Base):
    """One reported fault. Areas and outages are kept as plain ids: no ticket is refused because a list has changed."""

    __tablename__ = "tickets"
    __table_args__ = (UniqueConstraint("call_id", "category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """`26-004217`: year and serial within the year."""
    call_id: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool]
    area_id: Mapped[int | None] = mapped_column(index=True)
    outage_id: Mapped[int | None] = mapped_column(index=True)
    """The known outage to which the caller was attached instead of a new job."""
    callback_number: Mapped[str | None] = mapped_column(Protected)
    voice: Mapped[str | None] = mapped_column(String(120))
    """File name within the tickets' folder."""
    opened: Mapped[datetime] = mapped_column(index=True)


class TicketYear(Base):
    """The last serial of a year. Its row lock lets tickets be numbered without gaps or duplicates."""

    __tablename__ = "ticket_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
