"""A list of calls, a clock, and an exchange of the test's own that rings nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.claiming import Turn
from dialling.dialler import Dialler
from dialling.errors import NotPlaced
from dialling.follow_up import About, FollowUp
from dialling.kinds import Outcome, Verdict, Why
from dialling.models import CallAttempt, OutboundCall
from dialling.rules import Hours, Lines, Pace, Rules
from dialling.service import CallBacks, Wanted
from dialling.work import Ring, Work
from storage.database import Database
from tests.outage_world import Clock

SECRET = "the pseudonyms' secret in tests"
CITIZEN = "+905321234567"
NEIGHBOUR = "+905321234568"
TICKET = "26-004217"
RULES = Rules(Hours(ZoneInfo("Europe/Istanbul")))
MINUTE = timedelta(minutes=1)


@dataclass
class FakeTrunk:
    """Counts rings."""

    name: str = "PJSIP/{number}@carrier"
    rings: list[Ring] = field(default_factory=list)
    refuses: bool = False
    silent: bool = False
    """Takes the call and breaks off before it says so."""

    async def place(self, ring: Ring) -> None:
        if self.refuses:
            raise NotPlaced("the exchange is away")
        self.rings.append(ring)
        if self.silent:
            raise TimeoutError


@dataclass
class FakeTraffic:
    taken: int = 0
    free: bool = True
    before: datetime | None = None
    """When the one who has held the line longest joined."""

    def in_use(self) -> int:
        return self.taken

    def turn(self) -> Turn:
        return Turn(1 if self.free else 0, self.before)


@dataclass
class Told:
    """Everything that a follow-up was told, in order."""

    words: list[str] = field(default_factory=list)
    tries: list[Outcome] = field(default_factory=list)
    still_asked: bool = True

    async def hold(self, session: AsyncSession, about: About) -> None:
        return None

    async def solved(self, session: AsyncSession, ticket: str) -> None:
        self.words.append(f"solved {ticket}")

    async def not_solved(self, session: AsyncSession, ticket: str) -> None:
        self.words.append(f"not solved {ticket}")

    async def restored(self, session: AsyncSession, outage: str, area_id: int | None) -> None:
        self.words.append(f"restored {outage} {area_id}")

    async def still_off(self, session: AsyncSession, about: About) -> None:
        self.words.append(f"still off {about.subject} {about.area_id}")

    async def told(self, session: AsyncSession, outage: str, area_id: int | None) -> None:
        self.words.append(f"told {outage} {area_id}")

    async def wants_person(self, session: AsyncSession, about: About) -> None:
        self.words.append(f"wants a person {about.subject}")

    async def opted_out(self, session: AsyncSession, about: About) -> None:
        self.words.append(f"opted out {about.subject}")

    async def tried(self, session: AsyncSession, about: About, outcome: Outcome) -> bool:
        self.tries.append(outcome)
        return self.still_asked

    async def unreachable(self, session: AsyncSession, about: About) -> None:
        self.words.append(f"unreachable {about.subject}")

    async def rated(self, session: AsyncSession, about: About, stars: int) -> None:
        self.words.append(f"rated {about.subject} {stars}")


@dataclass
class CallRoom:
    """The room `dialling/` with everything around it."""

    db: Database
    clock: Clock
    trunk: FakeTrunk = field(default_factory=FakeTrunk)
    traffic: FakeTraffic = field(default_factory=FakeTraffic)
    told: Told = field(default_factory=Told)
    follow_up: FollowUp | None = None
    """Who is told instead of `told`."""
    rules: Rules = RULES
    lines: Lines = Lines()  # noqa: RUF009  # frozen
    seconds: float = 0.0
    """A monotonic clock."""

    def dialler(self, per_second: float = 100.0) -> Dialler:
        return Dialler(
            self.db,
            self.trunk,
            self.clock,
            rules=self.rules,
            lines=self.lines,
            pace=Pace(per_second),
            traffic=self.traffic,
            follow_up=self.follow_up or self.told,
            clock=lambda: self.seconds,
        )

    async def ask(
        self, subject: str = TICKET, number: str = CITIZEN, why: Why = Why.ticket_check, **more: object
    ) -> int:
        async with self.db.session() as session:
            wanted = Wanted(why, subject, number, **more)  # type: ignore[arg-type]
            call = await CallBacks(session, self.clock, SECRET).ask(wanted)
            await session.commit()
        return call.id

    async def report(self, token: str, outcome: Outcome, cause: int | None = None) -> None:
        async with self.work() as work:
            await work.report(token, outcome, cause)

    async def talk(self, token: str, *verdicts: Verdict, outcome: Outcome = Outcome.person) -> bool:
        """Answer, say something, and hang up; whether it was a call of ours."""
        async with self.answered(token, *verdicts, outcome=outcome) as begun:
            return begun

    @asynccontextmanager
    async def answered(
        self, token: str, *verdicts: Verdict, outcome: Outcome = Outcome.person, stars: int | None = None
    ) -> AsyncIterator[bool]:
        """The conversation after what the citizen said; they hang up at its end."""
        async with self.work() as work:
            begun = await work.begin(token)
        for verdict in verdicts if begun else ():
            async with self.work() as work:
                await work.conclude(token, verdict)
        if stars:
            async with self.work() as work:
                await work.rate(token, stars)
        yield begun is not None
        async with self.work() as work:
            await work.end(token, outcome, [[0.0, "call_back.hello", "İyi günler.", False]], [[3.1, "1"]])

    async def call(self, call_id: int) -> OutboundCall:
        async with self.db.reading() as session:
            return (await session.scalars(select(OutboundCall).where(OutboundCall.id == call_id))).one()

    async def attempts(self) -> list[CallAttempt]:
        async with self.db.reading() as session:
            return list(await session.scalars(select(CallAttempt).order_by(CallAttempt.id)))

    def later(self, by: timedelta) -> datetime:
        self.clock.forward(by)
        self.seconds += by.total_seconds()
        return self.clock()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One change, committed at its end."""
        async with self.db.session() as session:
            yield Work(session, self.clock(), self.rules, self.follow_up or self.told)
            await session.commit()


@pytest.fixture
def room(db: Database, key: None) -> CallRoom:
    """Calls to citizens in a database of the test's own, sealed with a key of its own."""
    return CallRoom(db, Clock())
