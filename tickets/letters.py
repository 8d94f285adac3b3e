"""What units are written: Turkish, English below it, in plain text."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tickets.models import Ticket
from tickets.words import CATEGORY, URGENCY

_HEAD = {
    "sent": ("Yeni kayıt", "New ticket"),
    "reopened": ("Kayıt yeniden açıldı", "Ticket reopened"),
    "next_on_chain": ("Kabul edilmeyen kayıt", "Ticket that nobody accepted"),
    "warned": ("Süresi dolmak üzere", "Running out of time"),
    "breached": ("Süresi aşıldı", "Out of time"),
}
KINDS = tuple(_HEAD)
_PROMISE = {
    "answer": ("kabul", "acceptance"),
    "site": ("yerinde olma", "being on site"),
    "solution": ("çözüm", "solution"),
}
_LABELS = (
    ("Tür", "Kind"),
    ("Aciliyet", "Urgency"),
    ("Yer", "Place"),
    ("Adres", "Address"),
    ("Anlatılan", "Told"),
    ("Bildirildi", "Reported"),
    ("Arayan", "Caller"),
    ("Süre", "Due"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a ticket is accepted."""

    base: str
    path: str
    secret: str

    def in_(self, language: int) -> str:
        return f"{self.base}{'/en' if language else ''}{self.path}?t={self.secret}"


@dataclass(frozen=True, slots=True)
class Letter:
    """`link`: accepts the ticket; None where there is nothing to accept. `due`: the promise that it is about."""

    kind: str
    ticket: Ticket
    place: str
    caller: str
    zone: ZoneInfo
    due: tuple[str, datetime] | None = None
    link: Link | None = None

    def subject(self) -> str:
        turkish, _ = _HEAD[self.kind]
        category, urgency = CATEGORY[self.ticket.category][0], URGENCY[self.ticket.urgency][0]
        return f"[{urgency}] {turkish}: {self.ticket.number} · {category} · {self.place}"

    def body(self) -> str:
        return f"{self._in(0)}\n\n——— English ———\n\n{self._in(1)}\n"

    def _in(self, language: int) -> str:
        head = f"{_HEAD[self.kind][language]}: {self.ticket.number}"
        facts = zip(_LABELS, self._facts(language), strict=True)
        lines = [head, "", *(f"{label[language]}: {value}" for label, value in facts if value)]
        if self.ticket.voice:
            lines.append(("Sesli mesajı konsoldadır.", "Its voice message is in the console.")[language])
        if self.link:
            lines += ["", ("Kabul etmek için:", "To accept it:")[language], self.link.in_(language)]
        return "\n".join(lines)

    def _facts(self, language: int) -> tuple[str | None, ...]:
        ticket = self.ticket
        due = f"{_PROMISE[self.due[0]][language]}, {self._time(self.due[1])}" if self.due else None
        return (
            CATEGORY[ticket.category][language],
            URGENCY[ticket.urgency][language],
            self.place,
            ticket.address,
            ticket.told,
            self._time(ticket.opened),
            self.caller,
            due,
        )

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%d.%m.%Y %H:%M}"
