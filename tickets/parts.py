"""What everything that shows or changes tickets works with."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from tickets.files import Files
from tickets.handling import Handling
from tickets.setup import Setup
from tickets.telling import Teller


@dataclass(frozen=True, slots=True)
class TicketParts:
    """`secret`: of callers' pseudonyms."""

    teller: Teller
    files: Files
    secret: str

    def handling(self, session: AsyncSession, who: str) -> Handling:
        return Handling(session, self.teller, who)

    def setup(self, session: AsyncSession, who: str) -> Setup:
        return Setup(session, self.teller.now, who, self.teller.zone)
