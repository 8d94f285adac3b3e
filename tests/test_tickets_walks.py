"""Whatever crews, desks, citizens, outages, diallers and the clock do with tickets, in whatever order: none is lost."""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from dialling.kinds import ACTIVE, OPEN, Outcome, Verdict
from dialling.kinds import State as CallState
from dialling.models import CallAttempt, OutboundCall
from ivr.calling.following import AskedByCall, TicketFollowUp
from outages.errors import OutageError
from outages.service import OutageService
from people.audit import use_secret
from storage.database import Database
from tests.calling_world import CallRoom
from tests.outage_world import fault
from tests.ticket_world import SECRET, TicketWorld, ticket_world
from tickets.kinds import Category
from tickets.life import OPEN as AT_WORK
from tickets.life import Move, State, possible
from tickets.models import Ticket, TicketEvent
from tickets.watch import TicketWatch

CATEGORIES = (Category.leak, Category.no_water, Category.thanks)
NUMBERS = ("+905321234567", "+905321234567", None, "+442071234567")
"""Two tickets of one citizen, one that cannot be called, one that is abroad."""
Act = tuple[str, int, int]
acts = some.lists(
    some.tuples(
        some.sampled_from(
            ("report", "move", "hand_on", "merge", "take_out", "attach", "outage", "restore", "dial", "answer", "wait")
        ),
        some.integers(0, 11),
        some.integers(0, 11),
    ),
    max_size=40,
)


@dataclass
class Walk:
    """One small utility that everything happens to."""

    world: TicketWorld
    room: CallRoom
    numbers: list[str]
    outages: list[int]

    async def do(self, act: Act) -> None:
        name, one, other = act
        steps: dict[str, Callable[[int, int], Awaitable[None]]] = {
            "report": self.report,
            "move": self.move,
            "hand_on": self.hand_on,
            "merge": self.merge,
            "take_out": self.take_out,
            "attach": self.attach,
            "outage": self.outage,
            "restore": self.restore,
            "dial": self.dial,
            "answer": self.answer,
            "wait": self.wait,
        }
        with contextlib.suppress(OutageError):  # what is impossible is refused, and changes nothing
            await steps[name](one, other)
        await self.world.watch.turn()

    def some(self, index: int) -> str:
        return self.numbers[index % len(self.numbers)]

    async def report(self, one: int, other: int) -> None:
        if len(self.numbers) < 4:
            key = str(len(self.numbers))
            number = NUMBERS[len(self.numbers)]
            category = CATEGORIES[one % len(CATEGORIES)]
            self.numbers.append(await self.world.report(key, category, callback_number=number))

    async def move(self, one: int, other: int) -> None:
        ticket = await self.world.ticket(self.some(one))
        moves = possible(ticket.state, merged=ticket.merged_into is not None, category=ticket.category)
        move = moves[other % len(moves)] if moves else Move.accept
        await self.world.move(ticket.number, move)

    async def hand_on(self, one: int, other: int) -> None:
        async with self.world.at_work() as work:
            await work.hand_on(self.some(one), (self.world.network, self.world.office)[other % 2])

    async def merge(self, one: int, other: int) -> None:
        async with self.world.at_work() as work:
            await work.merge(self.some(one), self.some(other))

    async def take_out(self, one: int, other: int) -> None:
        async with self.world.at_work() as work:
            await work.take_out(self.some(one))

    async def outage(self, one: int, other: int) -> None:
        async with self.world.db.session() as session:
            outage = await OutageService(session, self.world.clock, "ops").create(fault(self.world.places.yeni))
            await session.commit()
            self.outages.append(outage.id)

    async def attach(self, one: int, other: int) -> None:
        if self.outages:
            async with self.world.at_work() as work:
                await work.attach(self.some(one), self.outages[other % len(self.outages)])

    async def restore(self, one: int, other: int) -> None:
        if self.outages:
            outage = self.outages.pop(one % len(self.outages))
            async with self.world.db.session() as session:
                service = OutageService(session, self.world.clock, "ops")
                await (service.end(outage) if other % 2 else service.cancel(outage))
                await session.commit()

    async def dial(self, one: int, other: int) -> None:
        await self.room.dialler().round()

    async def answer(self, one: int, other: int) -> None:
        if not self.room.trunk.rings:
            return
        token = self.room.trunk.rings[-1 - one % min(2, len(self.room.trunk.rings))].token
        said = (Verdict.solved, Verdict.not_solved, Verdict.wants_person, Verdict.opted_out, None, "busy")[other % 6]
        if said == "busy":
            await self.room.report(token, Outcome.busy, 17)
        else:
            await self.room.talk(token, *([said] if isinstance(said, Verdict) else []))

    async def wait(self, one: int, other: int) -> None:
        self.world.clock.forward(timedelta(minutes=(1, 20, 90, 60 * 9, 60 * 30)[one % 5]))


async def check(walk: Walk) -> None:
    """What holds after every step: each ticket is somebody's, and its history tells how it came there."""
    async with walk.world.db.reading() as session:
        tickets = (await session.scalars(select(Ticket).order_by(Ticket.id))).all()
        events = (await session.scalars(select(TicketEvent).order_by(TicketEvent.id))).all()
        calls = (await session.scalars(select(OutboundCall))).all()
        attempts = (await session.scalars(select(CallAttempt))).all()
    assert [ticket.number for ticket in tickets] == walk.numbers
    by_id = {ticket.id: ticket for ticket in tickets}
    for ticket in tickets:
        mine = [event for event in events if event.ticket_id == ticket.id]
        assert [event.number for event in mine] == list(range(1, len(mine) + 1))
        moved = [event for event in mine if event.after]
        assert [(a.after, b.before) for a, b in pairwise(moved) if a.after != b.before] == []
        assert ticket.state is (moved[-1].after if moved else State.new)
        _somebodys(ticket, by_id, calls, bool(walk.outages))
    active = [call.number_hash for call in calls if call.state in ACTIVE]
    assert len(active) == len(set(active)), "a number has one call at a time"
    assert all(attempt.outcome or attempt.outbound_id for attempt in attempts)


def _somebodys(ticket: Ticket, by_id: dict[int, Ticket], calls: Sequence[OutboundCall], outage_open: bool) -> None:
    """Who brings it on: a unit, the watch, the main ticket, an outage's end, the dialler, or the call-back desk."""
    asked = [call for call in calls if call.subject == ticket.number and call.state in OPEN]
    if ticket.merged_into is not None:
        assert by_id[ticket.merged_into].merged_into is None, "no chain of duplicates"
        assert not [call for call in asked if call.state in (CallState.waiting, CallState.behind)]
    elif ticket.state in AT_WORK:
        assert ticket.unit_id or ticket.outage_id or ticket.look_at
        assert ticket.outage_id is None or outage_open, "an outage that is over holds nobody up"
    elif ticket.state is State.closed:
        assert not [call for call in asked if call.state in (CallState.waiting, CallState.behind)]
        assert ticket.closed
    assert possible(ticket.state, merged=ticket.merged_into is not None, category=ticket.category) or ticket.merged_into


async def walked(steps: Sequence[Act], file: Path) -> None:
    use_secret("the audit log's key in tests", None)
    db = Database(f"sqlite:///{file}")
    try:
        world = await ticket_world(db)
        world.teller = replace(world.teller, asking=AskedByCall(world.clock, SECRET))
        world.watch = TicketWatch(db, world.teller)
        walk = Walk(world, CallRoom(db, world.clock, follow_up=TicketFollowUp(world.teller)), [], [])
        await walk.report(0, 0)
        for act in steps:
            await walk.do(act)
            await check(walk)
        await to_the_end(walk)
    finally:
        await db.close()


async def to_the_end(walk: Walk) -> None:
    """From wherever the walk left them, people can close every ticket."""
    way = (Move.accept, Move.arrive, Move.finish, Move.ask, Move.close)
    for number in walk.numbers:
        ticket = await walk.world.ticket(number)
        async with walk.world.at_work() as work:
            if ticket.merged_into:
                await work.take_out(number)
        async with walk.world.at_work() as work:
            if (await work.get(number)).state in AT_WORK:
                await work.hand_on(number, walk.world.network)
        for move in way:
            if move in possible((await walk.world.ticket(number)).state):
                await walk.world.move(number, move)
        assert (await walk.world.ticket(number)).state is State.closed
    await check(walk)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=acts)
def test_no_path_loses_a_ticket(sqlite_template: Path, steps: list[Act]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(walked(steps, shutil.copy(sqlite_template, Path(folder))))
