"""Tickets in the console: agents write them down, crews work from a telephone, administrators say what goes where."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from people.roles import Role
from storage.database import Database
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.ticket_world import CALLER
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.models import Ticket
from tickets.unit_models import Unit
from tickets.watch import TicketWatch

JPEG = b"\xff\xd8\xff a photo"
CREW = {
    "name": "Gebze Şebeke",
    "email": "sebeke@example.org",
    "answer_minutes": "10",
    "always": "true",
    "active": "true",
}


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


async def set_up(world: ConsoleWorld) -> int:
    """One unit that gets everything, made as an administrator makes it."""
    async with world.browser(Role.administrator) as browser:
        made = await browser.submit("/console/units/0", **CREW)
        assert made.status_code == 303, made.text
        unit = int(made.headers["location"].split("?")[0].rsplit("/", 1)[1])
        row = await browser.submit("/console/units/rules/routes", position="10", unit=str(unit))
        assert row.headers["location"] == "/console/units/rules?done=rules_saved"
    return unit


async def reported(world: ConsoleWorld, key: str = "1", voice: str | None = None) -> str:
    given = Submission(
        Channel.web, key, Category.leak, area_id=world.places.yeni, address="İnönü Cad. 5", told="<b>Su</b> akıyor",
        callback_number=CALLER, voice=voice,
    )  # fmt: skip
    async with world.office.db.session() as session:
        taken = await take(session, world.clock(), given, who="tests", secret=world.office.tickets.secret)
        await session.commit()
    await watch(world)
    return taken.ticket.number


async def watch(world: ConsoleWorld) -> None:
    await TicketWatch(world.office.db, world.office.tickets.teller).turn()


async def field_step(browser: Browser, unit: int, number: str, move: str, **more: str) -> str:
    answer = await browser.submit(f"/console/unit/{unit}/{number}", move=move, **more)
    return answer.headers.get("location", answer.text)


async def test_a_report_is_written_down_once_and_sent_to_its_unit(world: ConsoleWorld) -> None:
    await set_up(world)
    async with world.browser(Role.operator) as browser:
        form = await browser.open("/console/tickets/new")
        key = form.text.split('name="key" value="')[1].split('"')[0]
        given = {"key": key, "channel": "153", "category": "leak", "area": "Gebze / Yeni Mahalle", "told": "Su akıyor"}
        first = await browser.submit("/console/tickets/new", **given, caller="0532 123 45 67")
        second = await browser.submit("/console/tickets/new", **given, caller="0532 123 45 67")
        assert (
            first.headers["location"] == second.headers["location"] == "/console/tickets/26-000001?done=ticket_opened"
        )
        await watch(world)
        page = (await browser.open("/console/tickets/26-000001")).text
        assert "Yönlendirme tablosunun 10. sırası" in page
        assert "Gebze / Yeni Mahalle" in page
        wrong = await browser.submit("/console/tickets/new", **given | {"area": "Atlantis"})
        assert wrong.status_code == 422
        assert "Su akıyor" in wrong.text


async def test_tickets_are_found_by_what_people_know_of_them(world: ConsoleWorld) -> None:
    await set_up(world)
    await reported(world)
    async with world.browser(Role.operator) as browser:
        for query in ({"q": "26-000001"}, {"q": "inonu"}, {"caller": "0532 123 4567"}, {"area": "Gebze"}, {}):
            page = await browser.open("/console/tickets", **query)
            assert "26-000001" in page.text, query
            assert CALLER in page.text
        for query in ({"q": "yok"}, {"caller": "0533 999 88 77"}, {"area": "Körfez"}, {"state": "closed"}):
            assert "Böyle bir kayıt yok" in (await browser.open("/console/tickets", **query)).text, query
        assert (await browser.open("/console/tickets", area="Atlantis")).status_code == 422
        assert (await browser.open("/console/tickets", caller="abc")).status_code == 422


async def test_whoever_only_reads_sees_no_number_no_address_and_no_words(world: ConsoleWorld) -> None:
    await set_up(world)
    number = await reported(world)
    async with world.browser(Role.viewer) as browser:
        for path in ("/console/tickets", f"/console/tickets/{number}"):
            page = (await browser.open(path)).text
            assert "…67" in page
            assert "532" not in page
            assert "akıyor" not in page
            assert "İnönü" not in page
        assert (await browser.get(f"/console/tickets/{number}/voice")).status_code == 403


async def test_a_crew_works_from_its_telephone(world: ConsoleWorld) -> None:
    unit = await set_up(world)
    number = await reported(world)
    async with world.browser(Role.operator) as browser:
        inbox = (await browser.open(f"/console/unit/{unit}")).text
        assert number in inbox
        assert "&lt;b&gt;Su&lt;/b&gt; akıyor" in inbox
        for move in ("accept", "set_out", "arrive"):
            assert await field_step(browser, unit, number, move) == f"/console/unit/{unit}?done=ticket_{move}"
        assert "Sahada ne bulunduğunu seçin" in await field_step(browser, unit, number, "finish")
        form = {"csrf": browser.csrf, "move": "finish", "cause": "valve", "note": "Vana değişti"}
        photo = {"photo": ("a.jpg", JPEG, "image/jpeg")}
        done = await browser.post(f"/console/unit/{unit}/{number}", data=form, files=photo)
        assert done.headers["location"] == f"/console/unit/{unit}?done=ticket_finish"
        assert "Yapılacak iş yok" in (await browser.open(f"/console/unit/{unit}")).text
        page = (await browser.open(f"/console/tickets/{number}")).text
        assert "Vana değişti" in page
        shown = await browser.get(f"/console/tickets/{number}/files/1")
        assert (shown.content, shown.headers["content-type"]) == (JPEG, "image/jpeg")


async def test_a_bad_photo_keeps_the_step_from_being_taken(world: ConsoleWorld) -> None:
    unit = await set_up(world)
    number = await reported(world)
    async with world.browser(Role.operator) as browser:
        await field_step(browser, unit, number, "accept")
        form = {"csrf": browser.csrf, "move": "finish", "cause": "valve"}
        refused = await browser.post(
            f"/console/unit/{unit}/{number}", data=form, files={"photo": ("a.jpg", b"<script>", "image/jpeg")}
        )
        assert refused.status_code == 422
        assert "Yalnız fotoğraf" in refused.text
    assert (await ticket(world, number)).state == "accepted"


async def test_the_field_does_not_close_what_the_citizen_has_not_confirmed(world: ConsoleWorld) -> None:
    unit = await set_up(world)
    number = await reported(world)
    async with world.browser(Role.operator) as browser:
        for move in ("close", "ask", "hand_on"):
            assert (await browser.submit(f"/console/unit/{unit}/{number}", move=move)).status_code == 409
        assert (await browser.submit(f"/console/unit/{unit + 1}/{number}", move="accept")).status_code == 422


async def test_the_desk_asks_hands_on_merges_and_listens(world: ConsoleWorld, tmp_path: Path) -> None:
    unit = await set_up(world)
    message = tmp_path / "m.wav"
    message.write_bytes(b"RIFF said")
    first = await reported(world, "1", world.office.tickets.files.voices.keep(message))
    second = await reported(world, "2")
    path = f"/console/tickets/{first}"
    async with world.browser(Role.operator) as browser:
        heard = await browser.get(f"{path}/voice")
        assert (heard.content, heard.headers["content-type"]) == (b"RIFF said", "audio/wav")
        for form, fields in (
            ("note", {"note": "Komşusu da aradı"}),
            ("kind", {"category": "burst_main", "urgency": "hazard"}),
            ("hand-on", {"unit": str(unit), "note": "Yakınlar"}),
        ):
            assert (await browser.submit(f"{path}/{form}", **fields)).status_code == 303, form
        merged = await browser.submit(f"/console/tickets/{second}/join/merge", other=first)
        assert merged.status_code == 303
        assert (await browser.submit(f"/console/tickets/{second}/move", move="accept")).status_code == 409
        page = (await browser.open(path)).text
        for words in ("Komşusu da aradı", "Tehlike", f'href="/console/tickets/{second}"', "elle yönlendirdi"):
            assert words in page, words
        for move, more in (
            ("accept", {}),
            ("finish", {"cause": "valve"}),
            ("ask", {}),
            ("not_reached", {}),
            ("close", {}),
        ):
            assert (await browser.submit(f"{path}/move", move=move, **more)).status_code == 303, move
        for how, other, status in (("attach", "9", 404), ("detach", "", 409), ("nonsense", "", 404)):
            assert (await browser.submit(f"{path}/join/{how}", other=other)).status_code == status
    assert (await ticket(world, first)).state == "closed"


async def test_administrators_set_units_chains_and_times(world: ConsoleWorld) -> None:
    unit = await set_up(world)
    async with world.browser(Role.administrator, "yonetici") as browser:
        office = {"name": "Abone", "answer_minutes": "60", "from": "08:30", "until": "17:30", "days": ["0", "4"]}
        saved = await browser.submit("/console/units/0", **office, stand_in=str(unit), active="true")
        assert saved.status_code == 303
        refused = await browser.submit("/console/units/0", **office | {"name": "Gebze Şebeke"})
        assert (refused.status_code, "Bu ad zaten kullanılıyor" in refused.text) == (422, True)
        for fields in ({"until": "08:00"}, {"days": []}, {"answer_minutes": "0"}, {"email": "x"}, {"phone": "1"}):
            wrong = await browser.submit("/console/units/0", **office | {"name": "Başka"} | fields)
            assert wrong.status_code == 422, fields
        step = await browser.submit(f"/console/units/{unit}/chain", name="Şef", email="s@example.org", minutes="15")
        assert step.status_code == 303
        assert "Şef" in (await browser.open(f"/console/units/{unit}")).text
        await browser.submit(f"/console/units/{unit}/chain/1/remove")
        level = {"urgency": "normal", "category": "bill", "answer": "60", "solution": "600"}
        assert (await browser.submit("/console/units/rules/levels", **level)).status_code == 303
        assert (await browser.submit("/console/units/rules/levels", **level | {"solution": "5"})).status_code == 422
        assert (
            await browser.submit("/console/units/rules/categories", category="bill", urgency="normal")
        ).status_code == 303
        page = (await browser.open("/console/units/rules")).text
        assert "600 dk" in page
        assert "Şef" not in (await browser.open(f"/console/units/{unit}")).text
    async with world.office.db.reading() as session:
        week = await session.scalar(select(Unit.week).where(Unit.name == "Abone"))
    assert week == {"0": [["08:30", "17:30"]], "4": [["08:30", "17:30"]]}


async def ticket(world: ConsoleWorld, number: str) -> Ticket:
    async with world.office.db.reading() as session:
        return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()
