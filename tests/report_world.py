"""Three months of a hotline for the tests of reports: a random many, and the few at the edges by hand."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from calls.journal import Outcome
from calls.models import CallRecord
from dialling.kinds import Outcome as Ended
from dialling.kinds import State as Wish
from dialling.kinds import Verdict, Why
from dialling.models import CallAttempt, OutboundCall
from outages.life import Cause, Life
from outages.models import Outage
from reports.period import Length, Period
from storage.base import Base
from storage.database import Database
from storage.types import use_key
from tests.outage_world import Places, add_places
from tickets.kinds import Category, Channel, Urgency
from tickets.life import State
from tickets.models import Ticket, TicketClock
from tickets.unit_models import Unit

ISTANBUL = ZoneInfo("Europe/Istanbul")
OCTOBER = Period(Length.month, date(2026, 10, 1), ISTANBUL)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MADE = datetime(2026, 11, 10, 3, tzinfo=UTC)
GONE = 99_999
"""An area that is in no list any more."""


def local(day: int, hour: int = 0, minute: int = 0, month: int = 10) -> datetime:
    """By the wall clock of Istanbul."""
    return datetime(2026, month, day, hour, minute, tzinfo=ISTANBUL).astimezone(UTC)


@dataclass
class ReportWorld:
    db: Database
    places: Places
    network: int
    office: int
    serial: int = 0
    rows: dict[type[Base], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """Thousands: as objects they would take three times as long."""

    def call(self, started: datetime, number: str | None = None, outcome: str = "served", **facts: Any) -> None:
        self.serial += 1
        given = {"driver": "ari", "language": "tr", "outage_ids": [], "first_answer_seconds": None} | facts
        told = {"call_id": f"call-{self.serial}", "started": started, "caller_hash": number, "outcome": outcome}
        self.rows[CallRecord].append(told | given)

    def ticket(self, opened: datetime, category: Category = Category.leak, **facts: Any) -> int:
        self.serial += 1
        given: dict[str, Any] = {"channel": Channel.phone, "urgency": Urgency.normal, "state": State.sent}
        given |= {"language": "tr", "step": 0, "round": 1, "unit_id": self.network} | facts
        number = f"26-{self.serial:06d}"
        told = {"id": self.serial, "number": number, "key": number, "opened": opened, "updated": opened}
        self.rows[Ticket].append(told | {"category": category} | given)
        return self.serial

    def promise(self, ticket: int, promise: str, due: datetime, met: datetime | None, **facts: Any) -> None:
        given = {"round": 1, "breached": due if met is None or met > due else None} | facts
        told = {"ticket_id": ticket, "promise": promise, "warn_at": due, "due": due, "met": met}
        self.rows[TicketClock].append(told | given)

    def outage(self, starts: datetime, ends: datetime | None, cause: Cause = Cause.pump_fault, **facts: Any) -> None:
        life = Life.active if ends is None else Life.restored
        given = {"kind": "fault", "life": life, "source": "operator", "revision": 1, "updated": starts} | facts
        self.rows[Outage].append({"starts": starts, "actual_end": ends, "cause": cause} | given)

    def asked(self, ticket: int, finished: datetime | None, state: Wish, attempts: list[dict[str, Any]]) -> None:
        """A citizen who was called, or was to be."""
        self.serial += 1
        why = Why.ticket_check if ticket else Why.restoration
        number, subject = f"hash-{self.serial}", f"26-{ticket:06d}" if ticket else "7"
        wish = {"id": self.serial, "why": why, "subject": subject, "state": state, "number_hash": number}
        wish |= {"language": "tr", "priority": 0, "attempts": len(attempts), "finished": finished}
        self.rows[OutboundCall].append(wish | dict.fromkeys(("created", "due"), finished or local(1)))
        for n, told in enumerate(attempts):
            attempt = {"outbound_id": self.serial, "token": f"{self.serial}-{n}", "number_hash": number}
            self.rows[CallAttempt].append(attempt | {"why": why, "worker": "tests", "trunk": "carrier"} | told)

    async def keep(self) -> None:
        async with self.db.session() as session:
            for kind in (Ticket, OutboundCall, CallRecord, TicketClock, Outage, CallAttempt):  # referred to first
                if rows := self.rows.pop(kind, []):
                    told = dict.fromkeys(name for row in rows for name in row)
                    alike = [told | row for row in rows]
                    await session.execute(insert(kind).execution_options(render_nulls=True), alike)
            await session.commit()


async def report_world(db: Database) -> ReportWorld:
    use_key("a key for tests, long enough")
    places = await add_places(db)
    async with db.session() as session:
        units = [Unit(name=name, answer_minutes=10, changed=MADE, active=True) for name in ("Gebze Şebeke", "Abone")]
        units[0].email, units[1].email = "sebeke@example.org", "abone@example.org"
        session.add_all(units)
        await session.commit()
        return ReportWorld(db, places, units[0].id, units[1].id)


def edges(world: ReportWorld) -> None:
    """What is easily counted wrongly."""
    first, last = local(1), local(31, 23, 59) + timedelta(seconds=59, microseconds=999_999)
    for at in (first - timedelta(microseconds=1), first, last, local(1, month=11)):
        world.call(at)  # a withheld number
        world.ticket(at)
        world.outage(at, at + 2 * HOUR)
    world.call(local(9, 23, 59), "eve", area_id=world.places.yeni)
    world.call(local(10, 0, 0), "midnight", area_id=world.places.gebze)
    world.call(local(5, 12), "soon")
    world.call(local(6, 11, 59), "soon")  # 23h59m later
    world.call(local(5, 12), "late")
    world.call(local(6, 12, 1), "late")  # 24h01m later
    world.call(local(31, 20), "over the end of the month")
    world.call(local(1, 10, month=11), "over the end of the month", "transferred", reason="asked")
    world.call(local(7, 9), "tried in a terminal")
    world.call(local(7, 10), "tried in a terminal", driver="play")
    for again in (True, False):  # their numbers have been removed
        world.call(local(8, 9), called_again=again)
    world.call(local(12, 3), "silent", "gave_up", left_at=None)
    world.call(local(12, 4), "menu", "gave_up", left_at="menu.main", area_id=GONE)
    world.call(local(12, 5), "broken", "failed", reason=None)
    ticket = world.ticket(local(3, 8), state=State.reopened, round=2, unit_id=world.office)
    world.promise(ticket, "answer", local(3, 9), local(3, 8, 30))
    world.promise(ticket, "answer", local(4, 9), None, round=2, breached=None)
    main = world.ticket(local(3, 9), state=State.closed)
    world.promise(main, "solution", local(3, 12), local(3, 13))
    world.promise(main, "answer", local(3, 12), local(3, 13), breached=None)  # done before the watch had looked
    world.ticket(local(3, 10), state=State.new, merged_into=main, area_id=GONE, unit_id=None)
    world.outage(local(2), local(2, 2), Cause.flood)  # two hours exactly
    world.outage(local(2), local(3), Cause.flood)  # a day exactly
    world.outage(local(4), None, Cause.unknown)
    world.outage(local(4), local(5), life=Life.draft)
    world.outage(local(4), None, life=Life.cancelled)
    world.outage(local(4), local(4, 5), Cause.maintenance, kind="planned")
    person = {"outcome": Ended.person, "verdict": Verdict.solved, "answered": local(4, 9), "ended": local(4, 9, 1)}
    tried = {"at": local(3, 15), "outcome": Ended.busy}
    world.asked(main, local(4, 9), Wish.done, [tried, {"at": local(4, 9), "stars": 5, **person}])
    world.asked(
        ticket, local(31, 23, 59), Wish.given_up, [tried, {"at": local(31, 23, 59), "outcome": Ended.no_answer}]
    )
    world.asked(0, local(6), Wish.opted_out, [{"at": local(6), "outcome": Ended.hung_up, "verdict": Verdict.opted_out}])
    world.asked(0, None, Wish.answered, [{"at": local(7), "outcome": None}])
    world.asked(main, local(1, month=11), Wish.done, [{"at": local(1, month=11), "stars": 1, **person}])


def many(world: ReportWorld, seed: int = 185) -> None:
    """Months that look like real ones, the same in every run."""
    chance, places = random.Random(seed), world.places
    areas = (None, GONE, places.gebze, places.yeni, places.baris, places.korfez, places.korfez_yeni, places.merged)
    phrases = (None, "menu.main", "area.district_letters", "hazard.question")
    for _ in range(600):
        started = local(1, month=9) + chance.random() * 75 * DAY
        outcome = chance.choice(list(Outcome)).value
        number = chance.choice((None, *(f"caller-{n}" for n in range(150))))
        reason = chance.choice((None, "asked", "silence")) if outcome in ("transferred", "failed") else None
        left_at = chance.choice(phrases) if outcome == "gave_up" else None
        answer = chance.choice((None, round(chance.uniform(2, 20), 1)))
        area = chance.choice(areas)
        world.call(started, number, outcome, reason=reason, left_at=left_at, area_id=area, first_answer_seconds=answer)
    for _ in range(300):
        _reported(world, chance, chance.choice(areas))
    for _ in range(80):
        starts = local(1, month=9) + chance.random() * 75 * DAY
        ends = chance.choice((None, starts + chance.random() * 40 * HOUR))
        world.outage(starts, ends, chance.choice(list(Cause)), kind=chance.choice(("fault", "planned")))


def _reported(world: ReportWorld, chance: random.Random, area: int | None) -> None:
    opened = local(1, month=9) + chance.random() * 75 * DAY
    ticket = world.ticket(
        opened,
        chance.choice(list(Category)),
        channel=chance.choice(list(Channel)),
        urgency=chance.choice(list(Urgency)),
        state=chance.choice(list(State)),
        round=chance.choice((1, 1, 1, 2, 3)),
        area_id=area,
        unit_id=chance.choice((None, world.network, world.office)),
    )
    for promise in ("answer", "site", "solution"):
        due = opened + chance.randrange(10, 3000) * MINUTE
        met = chance.choice((None, opened + chance.randrange(1, 4000) * MINUTE))
        world.promise(
            ticket, promise, due, met, **({"breached": None} if met is None and chance.random() < 0.5 else {})
        )
    if chance.random() < 0.5:
        finished = opened + chance.random() * 10 * DAY
        state = chance.choice((Wish.done, Wish.given_up, Wish.opted_out, Wish.cancelled))
        attempts = [
            {
                "at": finished - n * HOUR,
                "outcome": chance.choice(list(Ended)),
                "verdict": chance.choice((None, *Verdict)),
                "stars": chance.choice((None, 1, 2, 3, 4, 5)),
            }
            for n in range(chance.randrange(1, 4))
        ]
        world.asked(ticket, finished, state, attempts)
