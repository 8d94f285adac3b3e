"""Tables of e-mail: what is to be sent, and how sending it went."""

from datetime import datetime

from sqlalchemy import Enum, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outbox.models import State
from storage.base import Base
from storage.types import Protected


class Mail(Base):
    """One e-mail to one address."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_state_due", "state", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Posted again with the same key, it is the same mail; its Message-ID is made of it."""
    to: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Protected)
    """Unreadable in the database: links in it let somebody in."""
    posted: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, length=20))
    attempts: Mapped[int]
    due: Mapped[datetime]
    settled: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)
    leased_by: Mapped[str | None] = mapped_column(String(36))
    leased_until: Mapped[datetime | None]
    """Until then one process alone sends it; a process that dies loses it by time."""


class MailAttachment(Base):
    """A file that goes with an e-mail. Nothing personal: it is kept as it is."""

    __tablename__ = "mail_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(100))
    """Media type."""
    data: Mapped[bytes] = mapped_column(LargeBinary)


class MailAttempt(Base):
    """One try: what the mail server answered, and how fast."""

    __tablename__ = "mail_attempts"
    __table_args__ = (UniqueConstraint("mail_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"))
    number: Mapped[int]
    at: Mapped[datetime]
    status: Mapped[int | None]
    """The server's SMTP code; None where there was no answer."""
    ms: Mapped[int]
    answer: Mapped[str | None] = mapped_column(Text)
