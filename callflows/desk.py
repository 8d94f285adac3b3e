"""What a conversation may ask of the utility: the board, the words, the tickets. `ivr.service` puts it together."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from callflows.call import Caller
from outages.board import Board
from prompts.catalogue import Catalogue
from prompts.prompt import Language
from tickets.status import PhoneStatus

Category = Literal["no_water", "low_pressure", "leak", "sewer", "water_quality", "hazard"]


@dataclass(frozen=True, slots=True)
class Report:
    """A fault as the caller told it. `call_id` makes it idempotent: one call, one ticket of a category."""

    call_id: str
    category: Category
    urgent: bool
    area_id: int | None
    callback_number: str | None
    """E.164."""
    voice: Path | None
    """The recorded message; moved into the tickets' folder when the ticket is committed."""
    outage_id: int | None = None
    """The known outage that the caller is attached to instead of a new job."""


@dataclass(frozen=True, slots=True)
class Wish:
    """To be called when an outage is over. The caller has agreed to be called on this number."""

    number: str
    area_id: int
    outage_id: int
    language: Language


class Desk(Protocol):
    """Shared by all calls; holds no state of any one call."""

    catalogue: Catalogue

    @property
    def board(self) -> Board: ...

    def now(self) -> datetime:
        """Aware, UTC."""

    def mass_call(self) -> bool:
        """Whether shorter menus are wanted: an operator's switch, or calls per minute above the set level."""

    def minutes_to_wait(self) -> int | None:
        """For a person, by somebody who joins the line now; None for less than a minute, and where nobody can tell."""

    async def area_of(self, caller: Caller) -> int | None:
        """The area remembered with consent for this number, else that of the subscriber whose number it is.

        `StorageError` when the database is away.
        """

    async def remember_area(self, caller: Caller, area_id: int) -> None:
        """With the caller's consent only. `StorageError` when the database is away."""

    def may_call(self, number: str) -> bool:
        """Whether calls back are made at all, and to such a number."""

    async def call_when_back(self, wish: Wish) -> bool:
        """Commit the wish; False when the number is on the list of those who want no calls. `StorageError`."""

    def takes_subscriber_numbers(self) -> bool:
        """Whether there is anybody to be found by number."""

    async def subscriber_area(self, number: str, caller: Caller) -> int | None:
        """The area of the number that a caller typed, and nothing else of the subscriber: anybody may type it.

        None within a second for a number that is not known, and for who has tried too often.
        """

    async def open_ticket(self, report: Report) -> str:
        """Commit the ticket durably, then return its number (`26-004217`). A repeat returns the same number.

        `TicketError` when nothing could be committed.
        """

    async def ticket_state(self, number: str, caller: Caller) -> PhoneStatus | None:
        """Where a ticket is; None without such a ticket. `TicketError` for a caller who asks for too many."""
