"""A report is sent to its unit at once, followed by the clock, and stays until the citizen says that it is solved."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from callflows.desk import Report
from outages.service import OutageService
from outbox.mailer import Mailer
from storage.database import Database
from tests.outage_world import fault
from tests.test_mailer import Inbox, mail_server
from tests.ticket_world import CALLER, TicketWorld, ticket_world
from tickets.errors import TicketError
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel, Urgency
from tickets.life import Move, State
from tickets.models import Ticket, TicketNote
from tickets.service import TicketService
from tickets.watch import LONGEST_PAUSE, TicketWatch

DONE = (Move.accept, Move.set_out, Move.arrive, Move.finish)


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    return await ticket_world(db)


async def whats(world: TicketWorld, number: str) -> list[str]:
    return [event.what for event in await world.history(number)]


async def test_two_hundred_retries_of_one_report_make_one_ticket(world: TicketWorld) -> None:
    report = Submission(Channel.app, "report-1", Category.leak, told="Sokakta su var", address="Bağ Sk. 3")

    async def once() -> tuple[str, bool]:
        async with world.db.session() as session:
            taken = await take(session, world.clock(), report, who="app")
            if taken.new:
                await session.commit()
            return taken.ticket.number, taken.new

    answers = [await once() for _ in range(100)]
    for _ in range(10):
        answers += await asyncio.gather(*(once() for _ in range(10)))
    assert {number for number, _ in answers} == {"26-000001"}
    assert [new for _, new in answers].count(True) == 1
    assert await world.report("other") == "26-000002"


async def test_first_tries_at_the_same_moment_make_one_ticket(world: TicketWorld) -> None:
    assert len(set(await asyncio.gather(*(world.report("same") for _ in range(40))))) == 1


async def test_another_report_under_a_used_key_is_refused(world: TicketWorld) -> None:
    await world.report("1", told="Sokakta su var")
    with pytest.raises(TicketError) as refused:
        await world.report("1", told="Evde su yok")
    assert refused.value.code == "key_reused"
    assert await world.report("1", channel=Channel.app, told="Evde su yok") == "26-000002"


async def test_it_goes_to_the_unit_of_the_first_row_that_fits_and_says_why(world: TicketWorld) -> None:
    leak, elsewhere = await world.report("1"), await world.report("2", area_id=world.places.korfez_yeni)
    await world.watch.turn()
    first, second = await world.ticket(leak), await world.ticket(elsewhere)
    assert (first.state, first.unit_id, second.unit_id) == (State.sent, world.network, world.office)
    told = {"category": "leak", "urgency": None, "district": "Gebze", "unit": "Gebze Şebeke"}
    assert first.why == {"row": 1, **told}
    assert second.why is not None
    assert second.why["row"] == 3


async def test_what_is_urgent_does_not_wait_for_a_unit_that_is_off_duty(world: TicketWorld) -> None:
    world.clock.forward(timedelta(hours=12))  # midnight
    urgent, normal = await world.report("1", Category.sewer), await world.report("2", Category.meter)
    await world.watch.turn()
    first, second = await world.ticket(urgent), await world.ticket(normal)
    assert (first.unit_id, second.unit_id) == (world.network, world.office)
    assert first.why is not None
    assert first.why["stand_in"] == "Gebze Şebeke"
    assert second.answer_by is not None
    assert second.answer_by.astimezone(world.teller.zone).strftime("%d %H:%M") == "26 09:30"


async def test_a_report_that_no_unit_is_for_is_not_lost(world: TicketWorld) -> None:
    async with world.db.session() as session:
        await session.execute(text("DELETE FROM ticket_routes"))
        await session.commit()
    number = await world.report()
    await world.watch.turn()
    await world.pass_time(2)
    assert await whats(world, number) == ["opened", "no_unit"]
    await world.pass_time(60)
    assert "breached" in await whats(world, number)
    async with world.at_work() as work:
        await work.hand_on(number, world.office, note="Elle")
    assert (await world.ticket(number)).state is State.sent


async def test_a_whole_life_is_told_by_its_history(world: TicketWorld) -> None:
    number = await world.report()
    await world.watch.turn()
    await world.move(number, *DONE)
    await world.move(number, Move.ask, who="caller")
    await world.move(number, Move.reopen, who="citizen", reason="no", note="Hâlâ akıyor")
    await world.watch.turn()
    again = await world.ticket(number)
    assert (again.state, again.urgency, again.round, again.unit_id) == (State.sent, "urgent", 2, world.network)
    await world.move(number, *DONE)
    await world.move(number, Move.ask, Move.not_reached, Move.ask, Move.close)
    history = await world.history(number)
    moves = [(event.before, event.after) for event in history if event.after]
    assert [after for _, after in moves] == [
        "sent", "accepted", "on_the_way", "on_site", "done", "confirming", "reopened",
        "sent", "accepted", "on_the_way", "on_site", "done", "confirming", "unreachable", "confirming", "closed",
    ]  # fmt: skip
    assert all(before == after for (_, after), (before, _) in pairwise(moves))
    assert [event.number for event in history] == list(range(1, len(history) + 1))
    assert [event.reason for event in history if event.what == "reopen"] == ["no"]
    async with world.db.reading() as session:
        assert (await session.scalars(select(TicketNote.text))).all() == ["Hâlâ akıyor"]
    closed = await world.ticket(number)
    assert (closed.closed, closed.look_at) == (world.clock(), None)


@pytest.mark.parametrize("change", ["UPDATE ticket_events SET who = 'x'", "DELETE FROM ticket_events"])
async def test_the_history_cannot_be_rewritten(world: TicketWorld, change: str) -> None:
    await world.report()
    async with world.db.session() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text(change))


async def test_impossible_steps_are_refused_and_leave_no_trace(world: TicketWorld) -> None:
    number = await world.report()
    for move, code in ((Move.close, "impossible_move"), (Move.answer, "must_ask"), (Move.send, "no_unit_given")):
        with pytest.raises(TicketError) as refused:
            await world.move(number, move)
        assert refused.value.code == code
    assert await whats(world, number) == ["opened"]
    with pytest.raises(TicketError) as unknown:
        await world.move("26-999999", Move.accept)
    assert unknown.value.code == "unknown_ticket"


async def test_thanks_are_closed_without_a_call(world: TicketWorld) -> None:
    number = await world.report("1", Category.thanks)
    await world.move(number, Move.answer)
    assert (await world.ticket(number)).state is State.closed


async def test_promises_are_warned_of_then_broken_once(world: TicketWorld) -> None:
    number = await world.report()  # a leak is urgent: 30 minutes, 120 minutes, 12 hours
    await world.watch.turn()
    await world.move(number, Move.accept)
    await world.pass_time(89)
    assert "warned" not in await whats(world, number)
    await world.pass_time(2)
    await world.pass_time(10)
    assert [event.reason for event in await world.history(number) if event.what == "warned"] == ["site"]
    await world.pass_time(60)
    await world.pass_time(60)
    assert [event.reason for event in await world.history(number) if event.what == "breached"] == ["site"]
    kept = await world.clocks(number)
    assert (kept["answer"].breached, kept["site"].breached) == (None, kept["site"].due)
    await world.move(number, Move.arrive, Move.finish)
    kept = await world.clocks(number)
    assert kept["site"].met == kept["solution"].met == world.clock()
    assert kept["solution"].breached is None


async def test_nobody_accepts_so_the_next_on_the_chain_is_told_until_there_is_nobody_left(world: TicketWorld) -> None:
    number = await world.report()
    await world.watch.turn()
    for minutes in (9, 2, 10, 6, 29, 2, 60):
        await world.pass_time(minutes)
    told = [mail.to for mail in await world.mails() if "onay" in mail.body]
    assert told == ["sebeke@example.org", "kisi1@example.org", "kisi2@example.org"]
    assert (await whats(world, number)).count("chain_ended") == 1


async def test_who_accepts_ends_the_chain(world: TicketWorld) -> None:
    number = await world.report()
    await world.watch.turn()
    await world.move(number, Move.accept)
    await world.pass_time(20)
    assert "next_on_chain" not in await whats(world, number)


async def test_the_watch_looks_when_the_next_promise_is_due(world: TicketWorld) -> None:
    assert await world.watch.until_due() == LONGEST_PAUSE
    number = await world.report()
    assert await world.watch.until_due() < LONGEST_PAUSE
    await world.watch.turn()  # the unit has ten minutes to answer
    world.clock.forward(timedelta(minutes=9, seconds=50))
    assert await world.watch.until_due() == 10
    await world.pass_time(1 / 6)
    assert "next_on_chain" in await whats(world, number)
    assert await world.watch.until_due() == LONGEST_PAUSE


async def test_two_watches_at_once_tell_once(world: TicketWorld) -> None:
    numbers = [await world.report(str(each)) for each in range(10)]
    other = TicketWatch(world.db, world.teller)
    await asyncio.gather(world.watch.turn(), other.turn(), world.watch.turn(), other.turn())
    for number in numbers:
        assert await whats(world, number) == ["opened", "send", "told"]
    assert len(await world.mails()) == 10


async def test_one_broken_ticket_does_not_keep_the_others_from_their_units(world: TicketWorld) -> None:
    broken, whole = await world.report("1"), await world.report("2")
    async with world.db.session() as session:
        await session.execute(text("UPDATE tickets SET urgency = 'nonsense' WHERE number = :n"), {"n": broken})
        await session.commit()
    await world.watch.turn()
    assert (await world.ticket(whole)).state is State.sent


async def test_an_attached_ticket_is_asked_about_when_the_outage_is_over(world: TicketWorld) -> None:
    async with world.db.session() as session:
        service = OutageService(session, world.clock, "ayse")
        outage = await service.create(fault(world.places.yeni))
        other = await service.create(fault(world.places.baris))
        await session.commit()
    by_phone = await world.report("1", Category.no_water, outage_id=outage.id)
    by_hand, wrongly = await world.report("2", Category.no_water), await world.report("3", Category.no_water)
    async with world.at_work() as work:
        await work.attach(by_hand, outage.id)
        await work.attach(wrongly, other.id)
    await world.pass_time(60 * 24)
    assert await whats(world, by_phone) == ["opened"]
    async with world.db.session() as session:
        await OutageService(session, world.clock, "ayse").end(outage.id)
        await OutageService(session, world.clock, "ayse").cancel(other.id)
        await session.commit()
    await world.watch.turn()
    await world.watch.turn()
    states = [(await world.ticket(number)).state for number in (by_phone, by_hand, wrongly)]
    assert states == [State.confirming, State.confirming, State.sent]
    await world.move(by_phone, Move.reopen, reason="no")
    await world.watch.turn()
    assert (await world.ticket(by_phone)).state is State.sent


async def test_duplicates_stand_still_within_one_and_can_be_taken_out(world: TicketWorld) -> None:
    main, twin = await world.report("1"), await world.report("2")
    await world.watch.turn()
    async with world.at_work() as work:
        await work.merge(twin, main, note="Aynı sokak")
    await world.pass_time(60)
    assert (await world.ticket(twin)).state is State.sent
    assert "next_on_chain" not in await whats(world, twin)
    with pytest.raises(TicketError) as refused:
        await world.move(twin, Move.accept)
    assert refused.value.code == "merged"
    third = await world.report("3")
    async with world.at_work() as work:
        with pytest.raises(TicketError, match="others within it"):
            await work.merge(main, third)
        await work.take_out(twin)
    await world.watch.turn()
    assert "next_on_chain" in await whats(world, twin)
    assert [w for w in await whats(world, main) if w == "merged"] == ["merged"]


async def test_another_urgency_makes_the_promises_anew(world: TicketWorld) -> None:
    number = await world.report("1", Category.meter, urgency=Urgency.low)
    await world.watch.turn()
    assert "site" not in await world.clocks(number)
    async with world.at_work() as work:
        await work.change(number, Category.leak, Urgency.hazard, note="Yola akıyor")
    due = (await world.clocks(number))["site"].due
    assert due == world.clock() + timedelta(minutes=45)


async def test_the_link_of_a_message_accepts_once(world: TicketWorld) -> None:
    number = await world.report()
    await world.watch.turn()
    await world.pass_time(11)
    unit, chief = [mail.body.split("/onay?t=")[1].split()[0] for mail in await world.mails()]
    async with world.at_work() as work:
        await work.accept_by_link(chief)
    assert (await world.ticket(number)).state is State.accepted
    assert (await world.history(number))[-1].who == "Gebze Şebeke (Şef Kaya)"
    for used, code in (
        (chief, "link_used"),
        (unit, "link_used"),
        ("guessed", "link_unknown"),
        ("x" * 5000, "link_unknown"),
    ):
        async with world.at_work() as work:
            with pytest.raises(TicketError) as refused:
                await work.accept_by_link(used)
        assert refused.value.code == code


async def test_messages_hide_the_citizens_number_unless_set_otherwise(world: TicketWorld) -> None:
    await world.report("1", told="Su akıyor", address="Bağ Sk. 3")
    await world.watch.turn()
    open_watch = TicketWatch(world.db, replace(world.teller, show_numbers=True))
    await world.report("2")
    await open_watch.turn()
    hidden, shown = await world.mails()
    assert "Arayan: …67" in hidden.body
    assert "532" not in hidden.body
    assert "Arayan: +905321234567" in shown.body
    assert hidden.subject == "[Acil] Yeni kayıt: 26-000001 · Su kaçağı · Gebze, Yeni Mahalle"
    assert "Kind: Leak" in hidden.body
    async with world.db.reading() as session:
        assert "onay" not in str(await session.scalar(text("SELECT body FROM mails LIMIT 1")))


async def test_every_state_that_a_watch_finds_is_left_with_a_reason_to_come_back(world: TicketWorld) -> None:
    """Open, alone and unattached: somebody looks again before the next promise is broken."""
    number = await world.report()
    await world.watch.turn()
    for move in DONE[:-1]:
        ticket = await world.ticket(number)
        assert ticket.look_at is not None
        await world.move(number, move)
    async with world.db.reading() as session:
        assert await session.scalar(select(Ticket.look_at)) is not None


async def test_a_report_reaches_its_units_mail_by_itself(world: TicketWorld) -> None:
    """The workers as the service runs them."""
    inbox = Inbox()
    async with mail_server(inbox) as server:
        works = [TicketWatch(world.db, world.teller).run(), Mailer(world.db, world.clock, server).run()]
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            service = TicketService(world.db, Path("unused"), world.clock, "secret")
            number = await service.open(Report("call-1", "hazard", True, world.places.yeni, CALLER, None))
            async with asyncio.timeout(20):
                await inbox.arrived.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert number in inbox.received[0]["Subject"]
    assert (await world.ticket(number)).urgency is Urgency.hazard


async def test_of_many_who_accept_at_the_same_moment_one_does(world: TicketWorld) -> None:
    number = await world.report()
    await world.watch.turn()
    link = (await world.mails())[0].body.split("/onay?t=")[1].split()[0]

    async def by_link() -> None:
        async with world.at_work() as work:
            await work.accept_by_link(link)

    tries = [by_link(), *(world.move(number, Move.accept, who=f"crew {each}") for each in range(6)), by_link()]
    refused = [error for error in await asyncio.gather(*tries, return_exceptions=True) if error]
    assert {error.code for error in refused if isinstance(error, TicketError)} <= {"impossible_move", "link_used"}
    assert len(refused) == 7
    assert (await whats(world, number)).count("accept") == 1
