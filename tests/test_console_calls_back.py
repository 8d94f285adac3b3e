"""The call-back desk: citizens are asked by people or by the dialler, and every attempt stays to be seen."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dialling.kinds import Outcome, State, Why
from dialling.models import CallAttempt, OptOut, OutboundCall
from dialling.service import CallBacks, Wanted
from people.models import AuditEntry
from people.roles import Role
from storage.database import Database
from tests.calling_world import CallRoom
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.ticket_world import CALLER
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel, Urgency
from tickets.life import Move
from tickets.life import State as TicketState
from tickets.models import Ticket, TicketEvent
from tickets.setup import UnitFacts

DESK = "/console/calls-back"
DONE = (Move.accept, Move.arrive, Move.finish)


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


async def done(world: ConsoleWorld, key: str = "1", number: str | None = CALLER) -> str:
    """A report that the field has worked off."""
    given = Submission(
        Channel.web, key, Category.leak, None, world.places.yeni, "İnönü Cad. 5", "Su akıyor", "Ali", number
    )
    parts = world.office.tickets
    async with world.office.db.session() as session:
        ticket = (await take(session, world.clock(), given, who="tests", secret=parts.secret)).ticket
        work = parts.handling(session, "crew")
        unit = await parts.setup(session, "tests").units()
        if not unit:
            unit = [await parts.setup(session, "tests").save_unit(None, UnitFacts("Şebeke"))]
        await work.hand_on(ticket.number, unit[0].id)
        for move in DONE:
            await work.move(ticket.number, move, cause="valve" if move is Move.finish else None, note="Vana değişti")
        await session.commit()
        return ticket.number


async def listed(world: ConsoleWorld, number: str) -> int:
    """As the dialler would have it."""
    async with world.office.db.session() as session:
        wanted = Wanted(Why.ticket_check, number, CALLER)
        call = await CallBacks(session, world.clock, world.office.tickets.secret).ask(wanted)
        await world.office.tickets.handling(session, "system").move(number, Move.ask, reason="by_call")
        await session.commit()
        return call.id


async def decide(browser: Browser, number: str, decision: str, **more: str) -> str:
    answer = await browser.submit(f"{DESK}/{number}", decision=decision, **more)
    return answer.headers.get("location", answer.text)


async def ticket(world: ConsoleWorld, number: str) -> Ticket:
    async with world.office.db.reading() as session:
        return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()


async def attempts(world: ConsoleWorld) -> list[CallAttempt]:
    async with world.office.db.reading() as session:
        return list(await session.scalars(select(CallAttempt).order_by(CallAttempt.id)))


async def reasons(world: ConsoleWorld) -> list[tuple[str, str | None]]:
    told = ("ask", "call", "rated", "close", "reopen", "not_reached")
    async with world.office.db.reading() as session:
        events = await session.scalars(select(TicketEvent).order_by(TicketEvent.id))
        return [(event.what, event.reason) for event in events if event.what in told]


async def test_a_call_by_a_persons_own_telephone_is_kept_and_closes_the_ticket(world: ConsoleWorld) -> None:
    number = await done(world)
    async with world.browser(Role.operator, "ayse") as browser:
        page = (await browser.open(DESK)).text
        assert "Şimdi aranacak" in page
        assert number in page
        assert (
            await decide(browser, number, "only_log", outcome="no_answer") == f"{DESK}/{number}?done=call_back_only_log"
        )
        world.clock.forward(timedelta(minutes=30))
        assert (
            await decide(browser, number, "solved", outcome="answered_person", stars="5")
            == f"{DESK}?done=call_back_solved"
        )
        assert "Sorulacak kayıt yok" in (await browser.open(DESK)).text
        shown = (await browser.open(f"{DESK}/{number}")).text
        assert "kendi telefonundan" in shown
        assert "Yanıt yok" in shown
    made = await attempts(world)
    assert [(a.who, a.outcome, a.verdict, a.stars) for a in made] == [
        ("ayse", "no_answer", None, None),
        ("ayse", "answered_person", "solved", 5),
    ]
    assert (await ticket(world, number)).state == "closed"
    assert await reasons(world) == [
        ("call", "no_answer"), ("call", "solved"), ("rated", "stars_5"), ("ask", "by_desk"), ("close", "solved"),
    ]  # fmt: skip


async def test_not_solved_needs_a_reason_and_opens_it_anew(world: ConsoleWorld) -> None:
    number = await done(world)
    async with world.browser(Role.operator) as browser:
        assert "Neyin giderilmediğini yazın" in await decide(browser, number, "not_solved", outcome="answered_person")
        assert await attempts(world) == []
        await decide(browser, number, "not_solved", outcome="answered_person", note="Su yine akıyor")
        assert "Su yine akıyor" in (await browser.open(f"/console/tickets/{number}")).text
    again = await ticket(world, number)
    assert (again.state, again.round, again.urgency) == ("reopened", 2, "urgent")


async def test_who_was_not_talked_to_has_said_nothing(world: ConsoleWorld) -> None:
    number = await done(world)
    async with world.browser(Role.operator) as browser:
        assert "Görüşülmeyen kişi" in await decide(browser, number, "solved", outcome="busy")
        assert "Aramanın sonucunu seçin" in await decide(browser, number, "only_log")
        assert "Aramanın sonucunu seçin" in await decide(browser, number, "only_log", outcome="martian")
    assert (await ticket(world, number)).state == "done"
    assert await attempts(world) == []


async def test_it_is_called_again_now_or_at_a_time(world: ConsoleWorld) -> None:
    number = await done(world)
    async with world.browser(Role.operator) as browser:
        assert "Henüz gelmemiş" in await decide(browser, number, "again", at="2026-11-24T10:00")
        assert await decide(browser, number, "again", at="2026-11-26T10:00") == f"{DESK}?done=call_back_again"
        assert "Sonra aranacak" in (await browser.open(DESK)).text
        await decide(browser, number, "again")
        assert "Şimdi aranacak" in (await browser.open(DESK)).text
        async with world.office.db.reading() as session:
            [call] = await session.scalars(select(OutboundCall))
        assert (call.state, call.due) == (State.waiting, world.clock())
        await decide(browser, number, "solved")
    async with world.office.db.reading() as session:
        assert await session.scalar(select(OutboundCall.state)) == State.cancelled


async def test_who_wants_no_calls_is_on_the_list_and_the_ticket_is_left_to_people(world: ConsoleWorld) -> None:
    number = await done(world)
    await listed(world, number)
    async with world.browser(Role.operator, "ayse") as browser:
        await decide(browser, number, "no_calls", outcome="answered_person", note="Aramayın dedi")
        assert "Aranamıyor" in (await browser.open(DESK)).text
        assert "listesinden çıkarın" in await decide(browser, number, "again")
    assert (await ticket(world, number)).state == "unreachable"
    async with world.office.db.reading() as session:
        assert await session.scalar(select(OutboundCall.state)) == State.opted_out
        assert await session.scalar(select(OptOut.how)) == "ayse"
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.what == "opt_out_added"))).one()
    assert (audited.who, audited.subject) == ("ayse", "number:67")


async def test_the_desk_shows_why_each_ticket_is_there(world: ConsoleWorld) -> None:
    rings, without, late = await done(world, "1"), await done(world, "2", None), await done(world, "3", "+905329998877")
    await listed(world, rings)
    room = CallRoom(world.office.db, world.clock)
    assert await room.dialler().round() == 1
    async with world.browser(Role.operator) as browser:
        await decide(browser, late, "not_reached", outcome="no_answer")
        page = (await browser.open(DESK)).text
        for title, number in (("Şu anda aranıyor", rings), ("Ulaşılamadı", late), ("Aranamıyor", without)):
            assert page.index(f">{title} ") < page.index(f"{DESK}/{number}")
        assert "Telefon numarası yok" in page
        await room.talk(room.trunk.rings[0].token, outcome=Outcome.person)
        part = (await browser.open(f"{DESK}/moving")).text
        assert "Şu anda aranıyor" not in part
        shown = (await browser.open(f"{DESK}/{rings}")).text
        assert "İyi günler." in shown
        assert "Bastı: 1" in shown


async def test_whoever_only_reads_decides_nothing_and_hears_nothing(world: ConsoleWorld) -> None:
    number = await done(world)
    async with world.browser(Role.viewer) as browser:
        for path in (DESK, f"{DESK}/{number}"):
            page = (await browser.open(path)).text
            assert number in page
            assert "532" not in page
            assert "akıyor" not in page
            assert 'name="decision"' not in page
        assert (await browser.submit(f"{DESK}/{number}", decision="solved")).status_code == 403
        assert 'href="/console/dialler"' not in page


async def test_a_ticket_without_a_number_cannot_have_been_called(world: ConsoleWorld) -> None:
    number = await done(world, number=None)
    async with world.browser(Role.operator) as browser:
        assert "aranacak numarası yok" in await decide(browser, number, "only_log", outcome="busy")
        assert (await decide(browser, number, "solved", note="Muhtar onayladı")).endswith("call_back_solved")
        assert (await browser.get(f"{DESK}/26-999999")).status_code == 404
        assert (await browser.submit(f"{DESK}/{number}", decision="again")).status_code == 422


async def many(world: ConsoleWorld, number: int) -> list[str]:
    """Tickets that wait to be asked about, of all urgencies, in the order of the desk."""
    async with world.office.db.session() as session:
        for nth in range(number):
            given = Submission(Channel.web, f"many {nth}", Category.leak, list(Urgency)[nth % 3], world.places.yeni)
            taken = await take(session, world.clock(), given, who="tests", secret=world.office.tickets.secret)
            ticket = taken.ticket
            ticket.state, ticket.updated = TicketState.done, world.clock()
            world.clock.forward(timedelta(minutes=nth % 2))
        await session.commit()
        found = list(await session.scalars(select(Ticket)))
    place = {urgency: nth for nth, urgency in enumerate(Urgency)}
    found.sort(key=lambda each: (place[Urgency(each.urgency)], each.updated, each.id))
    return [each.number for each in found]


def numbers_on(page: str) -> list[str]:
    return re.findall(r'href="/console/calls-back/(\d\d-\d+)"', page)


async def test_whoever_turns_all_pages_sees_every_ticket_once_the_most_urgent_first(world: ConsoleWorld) -> None:
    wanted = await many(world, 120)
    seen: list[str] = []
    async with world.browser(Role.viewer) as browser:
        path: str | None = DESK
        while path:
            page = (await browser.open(path)).text
            assert "Toplam 120 kayıttan" in page
            moving = html.unescape(re.search(r'hx-get="(/console/calls-back/moving[^"]*)"', page)[1])  # type: ignore[index]
            assert numbers_on((await browser.open(moving)).text) == numbers_on(page)
            seen += numbers_on(page)
            more = re.search(r'<a class="button" href="([^"]+)">Sonraki sayfa', page)
            path = html.unescape(more[1]) if more else None
    assert len(seen) == 120
    assert seen == wanted


async def test_what_is_put_off_comes_after_what_can_be_done_now(world: ConsoleWorld) -> None:
    wanted = await many(world, 60)
    async with world.office.db.session() as session:
        later = Wanted(Why.ticket_check, wanted[0], CALLER, due=world.clock() + timedelta(days=1))
        await CallBacks(session, world.clock, world.office.tickets.secret).ask(later)
        await session.commit()
    async with world.browser(Role.viewer) as browser:
        first = (await browser.open(DESK)).text
        more = html.unescape(re.search(r'href="([^"]+)">Sonraki sayfa', first)[1])  # type: ignore[index]
        second = (await browser.open(more)).text
    assert numbers_on(first) == wanted[1:51]
    assert numbers_on(second) == [*wanted[51:], wanted[0]]


async def test_the_desk_is_searched_like_the_tickets(world: ConsoleWorld) -> None:
    number, other = await done(world, "1"), await done(world, "2", "05321110000")
    async with world.browser(Role.viewer) as browser:
        assert numbers_on((await browser.open(DESK, q=number)).text) == [number]
        assert set(numbers_on((await browser.open(DESK, q="inonu")).text)) == {number, other}
        assert set(numbers_on((await browser.open(DESK, category="leak", urgency="")).text)) == {number, other}
        assert "Bu aramaya uyan kayıt yok" in (await browser.open(DESK, category="sewer")).text
        nowhere = await browser.open(DESK, area="Atlantis")
        assert nowhere.status_code == 422
        assert numbers_on(nowhere.text) == []
        for broken in ("x", "1.2.3", "9.9.99999999999999999999.9", "0.0.0.٣"):
            assert (await browser.open(DESK, after=broken)).status_code == 200
