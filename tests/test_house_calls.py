"""Real calls by a real softphone through a real Asterisk to the whole house, over both drivers.

The calls of a house are placed at once, by a fixture; each test looks at one of them.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from callflows.speech import here, ticket_number
from ivr.asterisk.listening import listen
from ivr.asterisk.softphone import Incoming
from ivr.dialplan import AREA_HEADER, REASON_HEADER
from prompts.prompt import Prompt
from storage.database import Database
from storage.types import use_key
from tests.asterisk_stand import put_sound, put_wav
from tests.clusters import in_own_loop
from tests.live_house import answer_questions, together
from tests.live_worlds import CAUSE, DISTRICT, LETTERS, World
from tickets.models import Ticket

pytestmark = pytest.mark.live

MESSAGE_SEED, MESSAGE_SECONDS = 7, 3


@pytest.fixture(params=["ari on PostgreSQL", "agi on SQLite"])
def world(request: pytest.FixtureRequest, called: dict[str, World]) -> World:
    return called[request.param]


@pytest.fixture(scope="module")
def called(worlds: dict[str, World]) -> dict[str, World]:
    asyncio.run(place_all_calls(worlds.values()))
    return worlds


async def place_all_calls(worlds: Iterable[World]) -> None:
    await asyncio.gather(*(place_calls(world) for world in worlds))


async def place_calls(world: World) -> None:
    """Everybody calls at once."""
    said = put_wav(world.house.settings.state / "message.wav", MESSAGE_SEED, MESSAGE_SECONDS)
    world.calls.update(
        await together(
            unknown_then_known=unknown_then_known(world),
            english=english(world),
            fault=fault(world, said),
            repeat=slow_repeat(world),
        )
    )


async def unknown_then_known(world: World) -> Path:
    """First call: by letters, with consent. Second call: the answer comes first, then a person sees the area."""
    number = "05321110001"
    async with world.house.agent() as desk:
        async with world.house.phone(number) as first:
            await first.dial("185")
            await answer_questions(first, "1", *world.keys_to_district, "5", world.area.keypad[:LETTERS], "1", "1")
            await first.pause()
            await first.hang_up()
            world.calls["first"] = first.recording
        async with world.house.phone(number) as second:
            await second.dial("185")
            await answer_questions(second, "0")
            world.calls["agent"] = await desk.rung(within=90)
            await desk.answered()
            await second.hang_up()
            return second.recording


async def english(world: World) -> Path:
    async with world.house.phone("05321110002") as phone:
        await phone.dial("185")
        await answer_questions(phone, "9", "1")
        await phone.pause()
        await phone.hang_up()
        return phone.recording


async def fault(world: World, said: Path) -> Path:
    """A leak where the water is off: nothing to attach to, so the address is told."""
    async with world.house.phone("05321110003") as phone:
        await phone.dial("185")
        for entry in ("2", "2", "3", *world.keys_to_district, "1"):
            await phone.speaking()
            await phone.press(entry)
        await phone.pause(2)  # on a busy machine, a gap in what is said may last longer than a second
        await phone.speak(said)
        await answer_questions(phone, "*", "1", "1")
        await phone.pause()
        await phone.hang_up()
        return phone.recording


async def slow_repeat(world: World) -> Path:
    async with world.house.phone("05321110004") as phone:
        await phone.dial("185")
        await answer_questions(phone, "*", "*")
        await phone.pause()
        await phone.hang_up()
        return phone.recording


def in_order(heard: list[Prompt], *wanted: str) -> bool:
    """Whether these keys were heard in this order, with anything between."""
    keys = iter(prompt.key for prompt in heard)
    return all(key in keys for key in wanted)


def test_an_unknown_caller_finds_their_place_by_letters(world: World) -> None:
    world.recording("unknown_then_known")
    heard = world.heard(world.recording("first"))
    assert in_order(
        heard,
        "welcome.short",
        "menu.main",
        "area.other_district",
        "area.district_letters",
        "area.which",
        "area.neighbourhoods",
        "area.neighbourhood_letters",
        "area.confirm",
        "area.here",
        "outage.off",
        "outage.no_estimate",
        "consent.remember",
        "consent.thanks",
    ), [prompt.key for prompt in heard]
    assert here(world.board, world.area) in heard
    cause = world.house.phrase(f"cause.{CAUSE}").text
    assert any(prompt.key == "outage.off" and cause in prompt.text for prompt in heard)


def test_a_known_caller_hears_their_outage_before_any_menu(world: World) -> None:
    heard = world.heard(world.recording("unknown_then_known"))
    keys = [prompt.key for prompt in heard]
    assert keys[:4] == ["welcome.short", "area.here", "outage.off", "outage.no_estimate"]
    assert heard[1] == here(world.board, world.area)


def test_the_notice_is_heard_before_the_agent_who_sees_the_area(world: World) -> None:
    heard = world.heard(world.recording("unknown_then_known"))
    assert in_order(heard, "menu.after", "record.notice", "transfer.connecting")
    told = world.calls["agent"]
    assert isinstance(told, Incoming)
    assert told.number == "05321110001"
    assert told.name == f"{DISTRICT}, {world.area.name}"
    assert told.headers[AREA_HEADER] == f"{DISTRICT}, {world.area.name}"
    assert told.headers[REASON_HEADER] == "asked"


def test_english_is_spoken_after_nine(world: World) -> None:
    heard = world.heard(world.recording("english"))
    welcome = world.house.phrase("menu.main", "en")
    after = heard[heard.index(welcome) :]
    assert {prompt.language for prompt in after if not prompt.key.startswith("area.name")} == {"en"}
    assert in_order(after, "menu.main", "area.districts", "choice.one")


def test_a_fault_with_a_voice_message_becomes_a_ticket_whose_number_is_read_twice(world: World) -> None:
    recording = world.recording("fault")
    (ticket,) = [row for row in tickets(world) if row.category == "leak"]
    assert ticket.callback_number == "+905321110003"
    assert ticket.area_id == world.area.id
    message = world.house.settings.tickets / ticket.voice
    said = put_sound(world.house.settings.state / "message", MESSAGE_SEED, MESSAGE_SECONDS)
    assert [match.prompt for match in listen(message, [said])] == [said]
    groups = ticket_number(ticket.number, "tr")
    heard = world.house.heard(recording, groups, world.board)
    asked = ("record.notice", "record.address", "record.review", "callback.yours")
    assert in_order(heard, *asked, "ticket.opened", "ticket.again", "ticket.promise")
    numbers = [prompt.text for prompt in heard if prompt.key.startswith("number.")]
    read = [prompt.text for prompt in groups]
    assert numbers[-2 * len(read) :] == read + read


def test_a_caller_hears_their_own_message_before_they_send_it(world: World) -> None:
    """Nothing but the star plays it: the phone hears nobody else's babble, and never its own."""
    recording = world.recording("fault")
    own = put_sound(world.house.settings.state / "message", MESSAGE_SEED, MESSAGE_SECONDS)
    (match,) = listen(recording, [own])
    assert match.seconds > MESSAGE_SECONDS - 0.5


def test_each_star_repeats_the_question(world: World) -> None:
    """The slow pace itself is held by the transcripts; here its prompts may not have been rendered yet."""
    menu = world.house.phrase("menu.main")
    menus = world.house.heard(world.recording("repeat"), [menu.slower()], world.board)
    assert sum(prompt.text == menu.text for prompt in menus) == 3


def tickets(world: World) -> list[Ticket]:
    async def load() -> list[Ticket]:
        use_key(world.house.settings.secret("database-key"))
        db = Database(world.house.settings.database)
        async with db.reading() as session:
            found = list(await session.scalars(select(Ticket)))
        await db.close()
        return found

    return in_own_loop(load())
