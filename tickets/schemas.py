"""What REST takes and gives for tickets."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tickets.history import LONGEST_NOTE
from tickets.intake import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_WORDS, Submission
from tickets.kinds import Category, Channel, Urgency
from tickets.life import Move, State
from tickets.models import Ticket, TicketClock, TicketEvent, TicketFile
from tickets.privacy import masked
from tickets.search import e164

Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Note = Annotated[str, Field(max_length=LONGEST_NOTE)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ReportIn(_In):
    channel: Channel
    category: Category
    urgency: Urgency | None = Field(None, description="Left out, that of the category.")
    area_id: Id | None = None
    address: str | None = Field(None, max_length=LONGEST_ADDRESS)
    told: str | None = Field(None, max_length=LONGEST_WORDS, description="What the citizen said or wrote.")
    caller_name: str | None = Field(None, max_length=LONGEST_NAME)
    callback_number: str | None = Field(None, max_length=40, examples=["0532 123 45 67"])
    language: str = Field("tr", pattern="^(tr|en)$")

    def submission(self, key: str) -> Submission:
        number = e164(self.callback_number) if self.callback_number else None
        facts = self.model_dump(exclude={"callback_number"})
        return Submission(key=key, callback_number=number, **facts)


class MoveIn(_In):
    move: Move = Field(description="`send` and `hand_on` need `unit_id`.")
    unit_id: Id | None = None
    note: Note | None = None
    reason: str | None = Field(None, max_length=60, pattern="^[a-z_]+$")
    cause: str | None = Field(None, max_length=40, description="What was found; `finish` needs it.")


class NoteIn(_In):
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class MergeIn(_In):
    into: str = Field(max_length=20, examples=["26-000017"])
    note: Note | None = None


class AttachIn(_In):
    outage_id: Id
    note: Note | None = None


class WhyIn(_In):
    note: Note | None = None


class ChangeIn(_In):
    category: Category
    urgency: Urgency
    note: Note | None = None


class TicketOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: str
    channel: Channel
    category: Category
    urgency: Urgency
    state: State
    area_id: int | None
    outage_id: int | None
    unit_id: int | None
    round: int = Field(description="Raised each time it is reopened.")
    opened: datetime
    updated: datetime
    closed: datetime | None
    caller: str | None = Field(description="In lists only the last two digits.")


class EventOut(BaseModel):
    number: int
    at: datetime
    who: str
    what: str
    before: State | None
    after: State | None
    reason: str | None
    note: str | None
    detail: dict[str, Any]


class ClockOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    promise: str
    due: datetime
    met: datetime | None
    warned: datetime | None
    breached: datetime | None


class FileOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    kind: str
    size: int
    at: datetime
    who: str


class TicketWhole(TicketOut):
    address: str | None
    told: str | None
    caller_name: str | None
    language: str
    cause: str | None
    merged_into: str | None = Field(description="The ticket that it is part of.")
    why: dict[str, Any] | None = Field(description="Why it is at its unit: the row of the routing table that fitted.")
    has_voice: bool
    moves: list[Move] = Field(description="What can be done now.")
    promises: list[ClockOut]
    files: list[FileOut]
    history: list[EventOut]


class StatusOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: str
    state: State
    category: str
    opened: datetime
    updated: datetime


def ticket_out(ticket: Ticket) -> TicketOut:
    return TicketOut.model_validate(_fields(ticket) | {"caller": masked(ticket.callback_number)})


def whole(
    ticket: Ticket,
    main: Ticket | None,
    moves: list[Move],
    clocks: list[TicketClock],
    files: list[TicketFile],
    history: list[tuple[TicketEvent, str | None]],
) -> TicketWhole:
    names = ("address", "told", "caller_name", "language", "cause", "why")
    given = _fields(ticket) | {name: getattr(ticket, name) for name in names}
    given |= {"caller": ticket.callback_number, "merged_into": main.number if main else None, "moves": moves}
    given |= {"has_voice": ticket.voice is not None}
    given["promises"] = [ClockOut.model_validate(clock) for clock in clocks]
    given["files"] = [FileOut.model_validate(file) for file in files]
    given["history"] = [event_out(event, note) for event, note in history]
    return TicketWhole.model_validate(given)


def event_out(event: TicketEvent, note: str | None) -> EventOut:
    names = (name for name in EventOut.model_fields if name != "note")
    return EventOut.model_validate({name: getattr(event, name) for name in names} | {"note": note})


def _fields(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in TicketOut.model_fields if name != "caller"}
