"""Departments get their reports by mail: once each, also after restarts, from several processes, and late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from outbox.errors import OutboxError
from outbox.mail_models import Mail, MailAttachment
from outbox.mailer import Mailer
from reports.errors import ReportError
from reports.models import ReportRun, ReportSettings
from reports.paper import FOLDER, missing
from reports.readers import Readers, Wishes
from reports.schedule import LEASE, TRY_AGAIN, ReportSchedule
from storage.database import Database
from tests.outage_world import Clock
from tests.report_world import ReportWorld, local, report_world
from tests.shared_pages import catalogue, pages_of
from tests.test_mailer import Inbox, mail_server
from tickets.unit_models import Unit
from web.pages import Pages

CHIEF = "mudur@example.org"
ALL = Wishes(daily=True, weekly=True, monthly=True)
MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)
HOUSE_AND_UNITS = 3
"""Of each period, where everybody has an address."""


@dataclass
class Press:
    """Prints at once; can be out of order, and can be slow."""

    printed: int = 0
    broken: bool = False
    hold: asyncio.Event | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, html: str) -> bytes:
        if self.broken:
            raise missing()
        self.printed += 1
        self.began.set()
        if self.hold:
            await self.hold.wait()
        return b"%PDF " + html.encode()


@dataclass
class PostRoom:
    world: ReportWorld
    clock: Clock
    pages: Pages

    @property
    def db(self) -> Database:
        return self.world.db

    def schedule(self, press: Press | None = None) -> ReportSchedule:
        base = "https://185.example.org"
        made = press or Press()
        return ReportSchedule(self.db, self.clock, self.pages, catalogue(), base_url=base, printed=made)

    async def mails(self) -> list[tuple[str, str]]:
        async with self.db.reading() as session:
            found = await session.execute(select(Mail.to, Mail.key).order_by(Mail.id))
            return [(to, key.split(":", 1)[1].rpartition(":")[0]) for to, key in found]

    async def add(self, address: str = CHIEF, wishes: Wishes = ALL) -> None:
        async with self.db.session() as session:
            await Readers(session, self.clock, "tests").add(address, wishes)
            await session.commit()


@pytest.fixture
async def room(db: Database) -> PostRoom:
    made = PostRoom(await report_world(db), Clock(MONDAY), pages_of(FOLDER))
    await made.add()
    await made.schedule().turn()  # reports begin to be sent
    assert await made.mails() == []
    return made


async def test_the_days_report_comes_after_midnight_in_istanbul(room: PostRoom) -> None:
    room.clock.moment = local(5, 23, 59)
    assert await room.schedule().turn() == 0
    room.clock.moment = local(6, 0, 1)
    assert await room.schedule().turn() == HOUSE_AND_UNITS
    assert await room.mails() == [
        (CHIEF, "day:2026-10-05:house"),
        ("sebeke@example.org", f"day:2026-10-05:unit:{room.world.network}"),
        ("abone@example.org", f"day:2026-10-05:unit:{room.world.office}"),
    ]
    assert await room.schedule().turn() == 0


async def test_weeks_come_on_monday_and_months_on_the_first(room: PostRoom) -> None:
    room.clock.moment = local(12, 0, 1)
    await room.schedule().turn()
    found = [key for to, key in await room.mails() if to == CHIEF]
    assert found == [*(f"day:2026-10-{day:02}:house" for day in range(5, 12)), "week:2026-10-05:house"]
    room.clock.moment = local(1, 0, 1, month=11)
    await room.schedule().turn()
    later = [key for to, key in await room.mails() if to == CHIEF][len(found) :]
    assert later == [
        *(f"day:2026-10-{day}:house" for day in range(25, 32)),  # of three weeks, what is still of use
        "week:2026-10-12:house",
        "week:2026-10-19:house",
        "month:2026-10-01:house",
    ]


async def test_several_processes_send_each_report_once(room: PostRoom) -> None:
    room.clock.moment = local(12, 0, 1)
    schedules = [room.schedule() for _ in range(4)]
    sent = await asyncio.gather(*(schedule.turn() for schedule in schedules))
    assert sum(sent) == 8 * HOUSE_AND_UNITS
    assert len(set(await room.mails())) == len(await room.mails()) == 8 * HOUSE_AND_UNITS


async def test_a_process_that_dies_over_a_report_is_replaced_when_its_lease_is_over(room: PostRoom) -> None:
    room.clock.moment = local(6, 0, 1)
    dying = Press(hold=asyncio.Event())
    first = asyncio.create_task(room.schedule(dying).turn())
    await dying.began.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    other = room.schedule()
    assert await other.turn() == 2  # those of the units, which nobody has
    room.clock.forward(LEASE + timedelta(seconds=1))
    assert await other.turn() == 1
    assert len(set(await room.mails())) == len(await room.mails()) == HOUSE_AND_UNITS


async def test_whoever_was_too_slow_does_not_send_it_a_second_time(room: PostRoom) -> None:
    room.clock.moment = local(6, 0, 1)
    slow = Press(hold=asyncio.Event())
    first = asyncio.create_task(room.schedule(slow).turn())
    await slow.began.wait()
    room.clock.forward(LEASE + timedelta(seconds=1))
    assert await room.schedule().turn() == HOUSE_AND_UNITS
    assert slow.hold
    slow.hold.set()
    assert await first == 0
    assert len(await room.mails()) == HOUSE_AND_UNITS


async def test_without_what_pdf_needs_reports_wait_and_say_why(room: PostRoom) -> None:
    room.clock.moment = local(6, 0, 1)
    assert await room.schedule(Press(broken=True)).turn() == 0
    async with room.db.reading() as session:
        waiting = await Readers(session, room.clock, "").waiting()
    assert len(waiting) == HOUSE_AND_UNITS
    assert "apt-get install libpango" in (waiting[0].problem or "")
    room.clock.forward(TRY_AGAIN + timedelta(seconds=1))
    assert await room.schedule().turn() == HOUSE_AND_UNITS
    async with room.db.reading() as session:
        assert await Readers(session, room.clock, "").waiting() == []


async def test_only_who_wants_a_report_gets_it(room: PostRoom) -> None:
    await room.add(CHIEF, Wishes(monthly=True))
    async with room.db.session() as session:
        await Readers(session, room.clock, "tests").set_units(Wishes(weekly=True))
        unit = await session.get_one(Unit, room.world.office)
        unit.email = None
        await session.commit()
    room.clock.moment = local(12, 0, 1)
    await room.schedule().turn()
    assert await room.mails() == [("sebeke@example.org", f"week:2026-10-05:unit:{room.world.network}")]
    await room.add("yeni@example.org")  # who comes later is not sent what is past
    assert await room.schedule().turn() == 0


async def test_nothing_is_made_up_for_the_time_before_reports_were_sent(room: PostRoom) -> None:
    async with room.db.reading() as session:
        assert (await session.get_one(ReportSettings, 1)).since == MONDAY
        first = await session.scalar(select(func.min(ReportRun.first)))
    assert first is None


@asynccontextmanager
async def delivered(room: PostRoom) -> AsyncIterator[Inbox]:
    inbox = Inbox()
    async with mail_server(inbox) as server:
        mailer = Mailer(room.db, room.clock, server, chance=lambda: 0.5)
        while await mailer.turn():
            pass
        yield inbox


async def test_the_pdf_arrives_at_a_real_mail_server(room: PostRoom) -> None:
    room.world.call(local(5, 12), area_id=room.world.places.yeni)
    await room.world.keep()
    room.clock.moment = local(6, 0, 1)
    schedule = ReportSchedule(room.db, room.clock, room.pages, catalogue(), base_url="https://185.example.org")
    assert await schedule.turn() == HOUSE_AND_UNITS
    async with delivered(room) as inbox:
        message = next(each for each in inbox.received if each["To"] == CHIEF)
    assert message["Subject"] == "Alo 185 günlük rapor: 5 Ekim 2026 Pazartesi – Bütün birimler"
    body = message.get_body(("plain",))
    assert body is not None
    assert "https://185.example.org/console/reports?period=day&date=2026-10-05" in body.get_content()
    (pdf,) = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("alo185-day-2026-10-05.pdf", "application/pdf")
    assert pdf.get_content().startswith(b"%PDF-")
    assert len(inbox.received) == HOUSE_AND_UNITS


async def test_a_mail_that_failed_is_sent_again_with_its_attachment(room: PostRoom) -> None:
    room.clock.moment = local(6, 0, 1)
    await room.schedule().turn()
    inbox = Inbox()
    inbox.answers = ["451 come back later"] * HOUSE_AND_UNITS
    async with mail_server(inbox) as server:
        mailer = Mailer(room.db, room.clock, server, chance=lambda: 0.5)
        await mailer.turn()
        assert inbox.received == []
        room.clock.forward(timedelta(seconds=10))
        await mailer.turn()
    assert len([part for each in inbox.received for part in each.iter_attachments()]) == HOUSE_AND_UNITS
    async with room.db.session() as session:
        await session.delete((await session.scalars(select(Mail).limit(1))).one())
        await session.commit()
        assert await session.scalar(select(func.count()).select_from(MailAttachment)) == HOUSE_AND_UNITS - 1


@pytest.mark.parametrize(
    ("address", "wishes", "code"), [("a@b, c@d", ALL, "bad_email"), (CHIEF, Wishes(), "no_report_chosen")]
)
async def test_only_a_plain_address_with_a_wish_is_taken(
    room: PostRoom, address: str, wishes: Wishes, code: str
) -> None:
    with pytest.raises((ReportError, OutboxError)) as refused:
        await room.add(address, wishes)
    assert refused.value.code == code
