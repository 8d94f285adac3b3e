"""The desk's pages: who calls is shown before the first word, tickets take three clicks, supervisors see the floor."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agents.keeping import Keeping
from agents.models import Contact, QueueVisit
from agents.rules import Rang
from calls.models import RememberedCaller
from console.desk import events
from outages.service import OutageService
from people import audit
from people.roles import Duty, Role
from storage.database import Database
from tests.agents_world import CALLER, CHANNEL, SECRET, journal
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.outage_world import fault
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.models import Ticket
from tickets.privacy import pseudonym

POP = f"/console/desk/call/{CHANNEL}"
QUEUE = "alo185-agents"
LEG = "1732500001.9"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        async with made.office.db.session() as session:
            outages = OutageService(session, made.clock, "tests")
            await outages.create(fault(made.places.yeni))
            await session.commit()
        await made.heard()
        yield made


async def user_id(browser: Browser, world: ConsoleWorld) -> int:
    person = await world.office.signin.who(browser.cookies["alo185_session"])
    assert person
    return person.id


async def rings(world: ConsoleWorld, browser: Browser, *, answered: bool = True, **told: object) -> int:
    """A caller who began to report a leak is offered to the agent of this browser."""
    desk = world.office.desk
    assert desk
    desk.memory.keep(journal(world.clock, world.places.yeni, **told))
    agent = await user_id(browser, world)
    await browser.submit("/console/desk/state", state="ready")
    await desk.rang(Rang(f"desk-{agent}", LEG, CHANNEL, QUEUE, 42.4))
    if answered:
        await desk.answered(LEG)
    return agent


async def test_who_calls_is_shown_while_it_still_rings(world: ConsoleWorld) -> None:
    earlier = Submission(Channel.web, "x", Category.bill, callback_number=CALLER)
    async with world.office.db.session() as session:
        await take(session, world.clock(), earlier, who="tests", secret=SECRET)
        await session.commit()
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser, answered=False)
        page = (await browser.open(POP)).text
        for words in (
            "Gebze / Yeni Mahalle",
            CALLER,
            "42 sn",
            "Kendisi istedi",
            "Arıza bildirmek için iki.",
            "<kbd>3</kbd>",
            "Şebeke arızası",
            "26-000001",
            'value="leak" selected',
        ):
            assert words in page, words
        assert "05321112233" not in page
        assert "•••••••••••" in page
        assert (await browser.open("/console/desk")).text.count(f'data-caller="{CHANNEL}"') == 1


async def test_it_is_pushed_the_moment_the_telephone_rings(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        agent = await user_id(browser, world)
        desk = world.office.desk
        assert desk
        with desk.hub.listening(agent) as listener:
            await rings(world, browser, answered=False)
            news = await listener.next(1)
            assert news
            assert (news.what, news.about) == ("rings", CHANNEL)
    assert events


async def test_a_number_is_masked_for_who_may_not_see_it(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer, duties=[Duty.desk]) as browser:
        await rings(world, browser)
        page = (await browser.open(POP)).text
        assert "…67" in page
        assert "532" not in page


async def test_nobody_sees_a_call_that_was_not_offered_to_them(world: ConsoleWorld) -> None:
    async with (
        world.browser(Role.operator, "ayse", duties=[Duty.desk]) as ayse,
        world.browser(Role.operator, "fatma", duties=[Duty.desk]) as fatma,
    ):
        await rings(world, ayse)
        assert (await fatma.open(POP)).status_code == 404
        for form in ("ticket", "attach"):
            assert (await fatma.submit(f"{POP}/{form}", category="leak", number="26-000001")).status_code == 404
        assert (await fatma.submit(f"{POP}/pass-on", to=f"queue:{QUEUE}")).status_code == 409


async def test_a_ticket_is_opened_as_it_was_filled_in_and_once(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser)
        form = {"category": "leak", "urgency": "", "area": "Gebze / Yeni Mahalle", "told": "Yoldan su akıyor"}
        for _ in range(2):
            made = await browser.submit(f"{POP}/ticket", **form, number="+905550000000")
            assert made.headers["location"] == "/console/desk?done=ticket_opened"
    async with world.office.db.reading() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        contact = (await session.scalars(select(Contact))).one()
    assert (ticket.channel, ticket.category, ticket.area_id) == ("agent", "leak", world.places.yeni)
    assert (ticket.callback_number, ticket.call_id) == (CALLER, f"{CHANNEL}-0a1b2c3d")
    assert contact.ticket_number == ticket.number


async def test_a_caller_of_a_known_outage_is_added_to_it_by_one_click(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser, pressed=[])
        page = (await browser.open(POP)).text
        assert 'value="no_water" selected' in page
        assert 'value="1" selected' in page
        await browser.submit(f"{POP}/ticket", category="no_water", area="Gebze / Yeni Mahalle", outage="1")
    async with world.office.db.reading() as session:
        assert (await session.scalars(select(Ticket.outage_id))).all() == [1]


async def test_an_open_ticket_is_attached_to_the_outage(world: ConsoleWorld) -> None:
    async with world.office.db.session() as session:
        earlier = Submission(Channel.web, "x", Category.no_water, callback_number=CALLER)
        await take(session, world.clock(), earlier, who="tests", secret=SECRET)
        await session.commit()
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser)
        assert "Kesintiye bağla" in (await browser.open(POP)).text
        done = await browser.submit(f"{POP}/attach", number="26-000001", outage="1")
        assert done.headers["location"] == "/console/desk?done=ticket_changed"
    async with world.office.db.reading() as session:
        assert (await session.scalars(select(Ticket.outage_id))).all() == [1]


async def test_a_hazard_is_seen_at_first_sight_and_filled_in_as_one(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser, reason="hazard")
        page = (await browser.open(POP)).text
        for words in ("TEHLİKE", 'value="burst_main" selected', 'value="hazard" selected', "Güvende misiniz"):
            assert words in page, words


async def test_a_caller_who_never_was_in_the_line_is_known_by_what_they_consented_to(world: ConsoleWorld) -> None:
    async with world.office.db.session() as session:
        hashed = pseudonym(CALLER, SECRET)
        session.add(RememberedCaller(caller_hash=hashed, area_id=world.places.baris, consented_at=world.clock()))
        await session.commit()
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        agent, desk = await user_id(browser, world), world.office.desk
        assert desk
        await desk.rang(Rang(f"desk-{agent}", LEG, "1732.8", QUEUE, 3, CALLER))
        page = (await browser.open("/console/desk/call/1732.8")).text
        for words in ("Gebze / Barış", "hatırlanan yer", "Menüden geçmedi"):
            assert words in page, words


async def test_the_result_comes_before_the_next_call(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser)
        desk = world.office.desk
        assert desk
        await desk.ended(LEG)
        refused = await browser.submit("/console/desk/state", state="ready")
        assert (refused.status_code, "Önce son aramanın sonucunu yazın" in refused.text) == (409, True)
        assert (await browser.submit(f"{POP}/result", result="")).status_code == 422
        assert (await browser.submit(f"{POP}/result", result="5")).status_code == 422
        saved = await browser.submit(f"{POP}/result", result="5", minutes="60", note="Akşam aranacak")
        assert saved.headers["location"] == "/console/desk?done=result_saved"
        assert "Hazır" in (await browser.open("/console/desk")).text
    async with world.office.db.reading() as session:
        contact = (await session.scalars(select(Contact))).one()
    assert (contact.call_back_at, contact.note) == (world.clock() + timedelta(hours=1), "Akşam aranacak")


async def test_parts_of_the_page_are_swapped_and_the_page_is_never_left(world: ConsoleWorld) -> None:
    htmx = {"HX-Request": "true"}
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser)
        for path, form in (
            (f"{POP}/ticket", {"category": "leak"}),
            (f"{POP}/result", {"result": "1"}),
        ):
            answer = await browser.post(path, data={"csrf": browser.csrf, **form}, headers=htmx)
            assert answer.status_code == 200, path
            assert "<html" not in answer.text
            assert f'data-caller="{CHANNEL}"' in answer.text


async def test_calls_are_passed_on_only_to_what_is_on_the_list(world: ConsoleWorld) -> None:
    async with world.browser(Role.administrator, "yonetici") as admin:
        target = {"kind": "outside", "label": "AKOM", "number": "0262 318 10 00"}
        assert (await admin.submit("/console/desk/setup/targets", **target)).status_code == 303
        assert (await admin.submit("/console/desk/setup/targets", **target | {"number": "x"})).status_code == 422
        assert "AKOM" in (await admin.open("/console/desk/setup")).text
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser:
        await rings(world, browser)
        assert "AKOM" in (await browser.open("/console/desk")).text
        for to, status in (("target:9", 404), ("target:x", 404), ("queue:other", 404), ("+902623181000", 404)):
            assert (await browser.submit(f"{POP}/pass-on", to=to)).status_code == status, to
        assert (await browser.submit(f"{POP}/pass-on", to=f"queue:{QUEUE}", how="three")).status_code == 422
        for to, how in (("target:1", "three"), (f"queue:{QUEUE}", "transfer"), ("target:1", "transfer")):
            assert (await browser.submit(f"{POP}/pass-on", to=to, how=how)).status_code == 303
        world.exchange.away = True
        assert (await browser.submit(f"{POP}/pass-on", to="target:1")).status_code == 503
    assert world.exchange.done == [
        ("three_way", CHANNEL, LEG, "+902623181000"),
        ("to_queue", CHANNEL, QUEUE, False),
        ("to_number", CHANNEL, "+902623181000"),
    ]
    async with world.office.db.reading() as session:
        contact = (await session.scalars(select(Contact))).one()
    assert (contact.outcome, contact.passed_to) == ("transferred", "AKOM")


async def test_a_promised_call_back_stands_on_the_call_back_desk_until_it_is_made(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, duties=[Duty.desk]) as browser, world.browser(Role.viewer) as reader:
        await rings(world, browser)
        await browser.submit(f"{POP}/result", result="5", minutes="60", note="Akşam aranacak")
        page = (await browser.open("/console/calls-back")).text
        for words in ("bugün 13:00", CALLER, "Gebze / Yeni Mahalle", "Akşam aranacak"):
            assert words in page, words
        masked = (await reader.open("/console/calls-back")).text
        assert ("…67" in masked, "532" in masked, "Akşam" in masked) == (True, False, False)
        done = await browser.submit("/console/calls-back/promised/1")
        assert done.headers["location"] == "/console/calls-back?done=promise_kept"
        assert (await browser.submit("/console/calls-back/promised/1")).status_code == 404
        assert CALLER not in (await browser.open("/console/calls-back")).text


async def test_recorded_calls_are_heard_by_supervisors_until_their_time_is_up(
    world: ConsoleWorld, tmp_path: Path
) -> None:
    desk = world.office.desk
    assert desk
    desk.keeping = Keeping(world.office.db, world.clock, tmp_path)
    async with (
        world.browser(Role.viewer, "amir", duties=[Duty.supervisor]) as supervisor,
        world.browser(Role.operator, "ayse", duties=[Duty.desk]) as agent,
    ):
        number = await rings(world, agent)
        assert (await supervisor.submit(f"/console/supervisor/{number}/record")).status_code == 303
        (what, caller, leg, name, language) = world.exchange.done[0]
        assert (what, caller, leg, language) == ("record", CHANNEL, LEG, "tr")
        (tmp_path / f"{name}.wav").write_bytes(b"RIFF said")
        assert "/console/supervisor/recordings/1" in (await supervisor.open("/console/supervisor/recordings")).text
        heard = await supervisor.get("/console/supervisor/recordings/1")
        assert (heard.content, heard.headers["content-type"]) == (b"RIFF said", "audio/wav")
        assert (await agent.get("/console/supervisor/recordings/1")).status_code == 403
        world.clock.forward(timedelta(days=29))
        assert await desk.keeping.purge(30, 90) == 0
        world.clock.forward(timedelta(days=2))
        assert await desk.keeping.purge(30, 90) == 1
    async with world.browser(Role.viewer, "amire", duties=[Duty.supervisor]) as later:
        assert (await later.get("/console/supervisor/recordings/1")).status_code == 404
    assert not (tmp_path / f"{name}.wav").exists()
    async with world.office.db.reading() as session:
        noted = [entry.what for entry in await audit.search(session, subject="contact:1")]
    assert noted == ["call_removed", "call_played", "call_recorded"]


async def test_supervisors_see_who_does_what_since_when(world: ConsoleWorld) -> None:
    now = world.clock()
    waits = ((True, 5.0), (True, 15.0), (True, 90.0), (False, 60.0), (False, 2.0))
    async with world.office.db.session() as session:
        for number, (answered, waited) in enumerate(waits):
            session.add(QueueVisit(caller=str(number), joined=now, left_at=now, answered=answered, waited=waited))
        await session.commit()
    async with (
        world.browser(Role.viewer, "amir", duties=[Duty.supervisor]) as supervisor,
        world.browser(Role.operator, "ayse", duties=[Duty.desk]) as agent,
    ):
        number = await rings(world, agent)
        world.clock.forward(timedelta(minutes=3))
        page = (await supervisor.open("/console/supervisor")).text
        for words in ("Ayse", "Görüşmede", "3 dk", "Gebze / Yeni Mahalle", "…67", "%50", "3 yanıt, 1 vazgeçen"):
            assert words in page, words
        assert "532" not in page
        moved = await supervisor.submit(f"/console/supervisor/{number}/queues", queues=[QUEUE])
        assert moved.headers["location"] == "/console/supervisor?done=agent_moved"
        assert (await supervisor.submit(f"/console/supervisor/{number}/queues", queues="no")).status_code == 404
        await supervisor.submit(f"/console/supervisor/{number}/out")
        assert "Masada kimse yok" in (await supervisor.open("/console/supervisor")).text
    assert world.exchange.queues == {QUEUE: {}}


async def test_administrators_write_the_lists(world: ConsoleWorld) -> None:
    async with world.browser(Role.administrator) as browser:
        for name, form in (
            ("pauses", {"label_tr": "Namaz", "label_en": "Prayer"}),
            ("results", {"label_tr": "Başka", "label_en": "Else", "call_back": "true"}),
            ("scripts", {"about": "meter", "title": "Sayaç", "text": "Sayaç numarası?"}),
        ):
            assert (await browser.submit(f"/console/desk/setup/{name}", **form)).status_code == 303
            empty = dict.fromkeys(form, "")
            assert (await browser.submit(f"/console/desk/setup/{name}", **empty)).status_code == 422
            assert (await browser.submit(f"/console/desk/setup/{name}/999", **form)).status_code == 404
        page = (await browser.open("/console/desk/setup")).text
        for words in ("Namaz", "Başka", "Sayaç numarası?"):
            assert words in page, words
        await browser.submit("/console/desk/setup/pauses/6/switch")
        assert "Namaz" not in (await browser.open("/console/desk")).text
        assert (await browser.submit("/console/desk/setup/queues", name="x")).status_code == 404
