"""Who is told what a call brought to light: tickets, outages, the list of notices."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import OPEN, Outcome, Verdict, Why
from dialling.models import OutboundCall


@dataclass(frozen=True, slots=True)
class About:
    """What a call was about."""

    why: Why
    subject: str
    area_id: int | None
    number_hash: str = ""
    """Tells different citizens apart."""


class FollowUp(Protocol):
    """Called once for each verdict, inside the transaction that keeps it: both are kept, or neither."""

    async def hold(self, session: AsyncSession, about: About) -> None:
        """Lock what a verdict would change, before the call itself: whoever changes it asks for calls last."""

    async def solved(self, session: AsyncSession, ticket: str) -> None: ...
    async def not_solved(self, session: AsyncSession, ticket: str) -> None: ...
    async def restored(self, session: AsyncSession, outage: str, area_id: int | None) -> None: ...
    async def still_off(self, session: AsyncSession, about: About) -> None: ...
    async def told(self, session: AsyncSession, outage: str, area_id: int | None) -> None: ...
    async def wants_person(self, session: AsyncSession, about: About) -> None: ...
    async def opted_out(self, session: AsyncSession, about: About) -> None: ...

    async def tried(self, session: AsyncSession, about: About, outcome: Outcome) -> bool:
        """An attempt ended without a verdict; whether there is still something to ask."""
        ...

    async def unreachable(self, session: AsyncSession, about: About) -> None:
        """All attempts were in vain, or time is up."""

    async def rated(self, session: AsyncSession, about: About, stars: int) -> None: ...


class OnlyKept:
    """Nobody is told: verdicts stay with their attempts."""

    async def hold(self, session: AsyncSession, about: About) -> None:
        return None

    async def solved(self, session: AsyncSession, ticket: str) -> None:
        return None

    async def not_solved(self, session: AsyncSession, ticket: str) -> None:
        return None

    async def restored(self, session: AsyncSession, outage: str, area_id: int | None) -> None:
        return None

    async def still_off(self, session: AsyncSession, about: About) -> None:
        return None

    async def told(self, session: AsyncSession, outage: str, area_id: int | None) -> None:
        return None

    async def wants_person(self, session: AsyncSession, about: About) -> None:
        return None

    async def opted_out(self, session: AsyncSession, about: About) -> None:
        return None

    async def tried(self, session: AsyncSession, about: About, outcome: Outcome) -> bool:
        return True

    async def unreachable(self, session: AsyncSession, about: About) -> None:
        return None

    async def rated(self, session: AsyncSession, about: About, stars: int) -> None:
        return None


async def tell(to: FollowUp, session: AsyncSession, about: About, verdict: Verdict) -> None:
    match verdict:
        case Verdict.solved:
            await to.solved(session, about.subject)
        case Verdict.not_solved:
            await to.not_solved(session, about.subject)
        case Verdict.restored:
            await to.restored(session, about.subject, about.area_id)
        case Verdict.still_off:
            await to.still_off(session, about)
        case Verdict.told:
            await to.told(session, about.subject, about.area_id)
        case Verdict.wants_person:
            await to.wants_person(session, about)
        case Verdict.opted_out:
            await to.opted_out(session, about)


async def hold_all(to: FollowUp, session: AsyncSession, number_hash: str) -> None:
    """What all open calls of a number are about, always in one order, so that nobody waits in a circle."""
    call = OutboundCall
    open_ = select(call.why, call.subject, call.area_id).where(call.number_hash == number_hash, call.state.in_(OPEN))
    for why, subject, area_id in (await session.execute(open_.order_by(call.subject, call.why))).all():
        await to.hold(session, About(Why(why), subject, area_id, number_hash))
