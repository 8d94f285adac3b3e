"""Tables of reports: who gets them, and which ones were sent."""

from datetime import date, datetime

from sqlalchemy import Date, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base

HOUSE = "house"


class ReportReader(Base):
    """Somebody who gets the reports of the whole house by mail."""

    __tablename__ = "report_readers"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(200), unique=True)
    daily: Mapped[bool]
    weekly: Mapped[bool]
    monthly: Mapped[bool]
    added: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))


class ReportSettings(Base):
    """One row."""

    __tablename__ = "report_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime | None]
    """When reports began to be sent: none is made up for the time before."""
    units_daily: Mapped[bool]
    """Whether units get theirs at their own addresses."""
    units_weekly: Mapped[bool]
    units_monthly: Mapped[bool]


class ReportRun(Base):
    """One report that is due, committed before it is made: however many processes look, it is sent once."""

    __tablename__ = "report_runs"
    __table_args__ = (UniqueConstraint("first", "length", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    length: Mapped[str] = mapped_column(String(10))
    first: Mapped[date] = mapped_column(Date)
    scope: Mapped[str] = mapped_column(String(20))
    """`house`, or `unit:` and its id."""
    worker: Mapped[str] = mapped_column(String(40))
    lease: Mapped[datetime]
    """Until then its worker is given time; after that another one takes over."""
    settled: Mapped[datetime | None]
    """When its mails went into the outbox."""
    sent: Mapped[int]
    """To how many addresses."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why it could not be made yet."""
