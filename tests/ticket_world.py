"""Two units in a small Gebze and Körfez, a clock that stands still, and everything that works on tickets."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from outbox.mail_models import Mail
from storage.database import Database
from storage.types import use_key
from tests.outage_world import Clock, Places, add_places
from tickets.handling import Handling
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel, Urgency
from tickets.life import Move
from tickets.models import Ticket, TicketClock, TicketEvent
from tickets.telling import Teller
from tickets.unit_models import ChainStep, Route, Unit
from tickets.watch import TicketWatch
from tickets.working_time import OFFICE

ZONE = ZoneInfo("Europe/Istanbul")
SECRET = "the secret of pseudonyms in tests"
CALLER = "+905321234567"
MINUTE = timedelta(minutes=1)


@dataclass
class TicketWorld:
    db: Database
    clock: Clock
    places: Places
    teller: Teller
    watch: TicketWatch
    network: int
    """Works day and night: leaks and the like in Gebze."""
    office: int
    """Works in office hours: everything else. At night the network's crew stands in."""

    async def report(self, key: str = "1", category: Category = Category.leak, **facts: Any) -> str:
        given = {"area_id": self.places.yeni, "callback_number": CALLER, "channel": Channel.web} | facts
        async with self.db.session() as session:
            submission = Submission(key=key, category=category, **given)
            taken = await take(session, self.clock(), submission, who="tests", secret=SECRET)
            await session.commit()
            return taken.ticket.number

    @asynccontextmanager
    async def at_work(self, who: str = "ayse") -> AsyncIterator[Handling]:
        """What is done is committed at the end."""
        async with self.db.session() as session:
            yield Handling(session, self.teller, who)
            await session.commit()

    async def move(self, number: str, *moves: Move, who: str = "crew", **told: Any) -> None:
        for move in moves:
            async with self.at_work(who) as work:
                cause = "valve" if move is Move.finish else None
                await work.move(number, move, cause=cause, **told)

    async def pass_time(self, minutes: float) -> None:
        """The watch looks once, when that much time has passed."""
        self.clock.forward(timedelta(minutes=minutes))
        await self.watch.turn()

    async def ticket(self, number: str) -> Ticket:
        async with self.db.reading() as session:
            return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()

    async def history(self, number: str) -> Sequence[TicketEvent]:
        query = select(TicketEvent).join(Ticket).where(Ticket.number == number).order_by(TicketEvent.number)
        async with self.db.reading() as session:
            return (await session.scalars(query)).all()

    async def clocks(self, number: str) -> dict[str, TicketClock]:
        query = select(TicketClock).join(Ticket).where(Ticket.number == number).order_by(TicketClock.id)
        async with self.db.reading() as session:
            return {clock.promise: clock for clock in await session.scalars(query)}

    async def mails(self) -> Sequence[Mail]:
        async with self.db.reading() as session:
            return (await session.scalars(select(Mail).order_by(Mail.id))).all()


async def ticket_world(db: Database) -> TicketWorld:
    use_key("a key for tests, long enough")
    clock, places = Clock(), await add_places(db)
    async with db.session() as session:
        network = Unit(name="Gebze Şebeke", email="sebeke@example.org", answer_minutes=10, changed=clock(), active=True)
        session.add(network)
        await session.flush()
        office = Unit(name="Abone İşleri", email="abone@example.org", answer_minutes=60, changed=clock(), active=True)
        office.week, office.stand_in_id = OFFICE, network.id
        session.add(office)
        await session.flush()
        for position, (name, minutes) in enumerate((("Şef Kaya", 15), ("Müdür Demir", 30)), start=1):
            email = f"kisi{position}@example.org"
            step = ChainStep(unit_id=network.id, position=position, name=name, email=email, minutes=minutes)
            session.add(step)
        session.add(Route(position=1, category=Category.leak, district_id=places.gebze, unit_id=network.id))
        session.add(Route(position=2, urgency=Urgency.hazard, unit_id=network.id))
        session.add(Route(position=3, unit_id=office.id))
        await session.commit()
    teller = Teller(clock, ZONE, base_url="https://185.example.org", mail=True)
    return TicketWorld(db, clock, places, teller, TicketWatch(db, teller), network.id, office.id)
