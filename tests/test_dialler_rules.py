"""An administrator changes hours, patience and pace: what is claimed next goes by it, in every process."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dialling.errors import DiallingError
from dialling.kinds import Outcome, State, Verdict
from dialling.rules import Lines
from dialling.setting import Policy, RuleSetting, Typed, checked, policy_of, typed_of
from ivr.calling.errands import Errands
from people import audit
from people.models import AuditEntry
from people.roles import Role
from storage.database import Database
from tests.calling_world import MINUTE, NEIGHBOUR, RULES, CallRoom
from tests.console_world import ConsoleWorld, console_world
from tests.outage_world import HOUR
from tests.test_console_dialler import Centre

PAGE = "/console/dialler/rules"
DEFAULT = Policy(RULES, Lines(channels=30, reserved=0.5, at_once=10), 2.0)
AS_SET = typed_of(DEFAULT)


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        object.__setattr__(made.office, "calling", Centre())
        yield made


@pytest.fixture
def room(world: ConsoleWorld) -> CallRoom:
    return CallRoom(world.office.db, world.clock, lines=DEFAULT.lines)


async def save(world: ConsoleWorld, **changes: object) -> None:
    async with world.office.db.session() as session:
        await RuleSetting(session, world.clock, "ayse", DEFAULT).save(replace(AS_SET, **changes))  # type: ignore[arg-type]
        await session.commit()


def form(**changes: str) -> dict[str, str]:
    given = {name: str(getattr(AS_SET, name)) for name in Typed.__dataclass_fields__ if name != "on_holidays"}
    return given | changes


async def test_nobody_is_called_outside_the_hours_set_from_the_next_round_on(
    world: ConsoleWorld, room: CallRoom
) -> None:
    """It is noon. The dialler is one that runs already."""
    dialler = room.dialler()
    await save(world, opens="13:00", closes="18:30")
    await room.ask()
    assert await dialler.round() == 0
    room.later(HOUR)
    assert await dialler.round() == 1
    await room.talk(room.trunk.rings[0].token, Verdict.solved)
    async with world.office.db.session() as session:
        await RuleSetting(session, world.clock, "ayse", DEFAULT).drop()
        await session.commit()
    room.later(7 * HOUR - MINUTE)
    await room.ask("26-000002", NEIGHBOUR)
    assert await dialler.round() == 1


async def test_pace_share_and_most_at_once_count_for_a_dialler_that_runs(world: ConsoleWorld, room: CallRoom) -> None:
    dialler = room.dialler(per_second=2.0)
    for number in range(9):
        await room.ask(f"26-{number:06}", f"+90532123456{number}")
    assert await dialler.round() == 2
    await save(world, per_second="1", at_once="3")
    room.later(timedelta(seconds=1))
    assert [await dialler.round(), await dialler.round()] == [1, 0]
    room.later(timedelta(seconds=1))
    assert await dialler.round() == 0
    await save(world, per_second="5", at_once="20", reserved="80")
    room.later(timedelta(seconds=1))
    assert await dialler.round() == 3


async def test_who_was_not_reached_is_tried_again_by_the_pauses_set(world: ConsoleWorld, room: CallRoom) -> None:
    await save(world, spacing="5 30", attempts="2", a_day="2")
    call_id = await room.ask()
    errands = Errands(room.db, room.clock, room.rules, room.told, "here")
    await room.dialler().round()
    await errands.report(room.trunk.rings[0].token, Outcome.no_answer, 19)
    room.later(5 * MINUTE)
    assert await room.dialler().round() == 1
    await errands.report(room.trunk.rings[1].token, Outcome.no_answer, 19)
    assert (await room.call(call_id)).state == State.given_up


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"opens": "9"}, "bad_clock"),
        ({"opens": "24:00"}, "bad_clock"),
        ({"opens": "20:00", "closes": "09:00"}, "bad_calling_hours"),
        ({"closes": "09:00"}, "bad_calling_hours"),
        ({"attempts": "0"}, "bad_attempts"),
        ({"attempts": "٣"}, "bad_attempts"),
        ({"a_day": "21"}, "bad_a_day"),
        ({"spacing": ""}, "bad_spacing"),
        ({"spacing": "60 15"}, "bad_spacing"),
        ({"spacing": "1 15"}, "bad_spacing"),
        ({"spacing": "15 99999"}, "bad_spacing"),
        ({"per_second": "0"}, "bad_pace"),
        ({"per_second": "51"}, "bad_pace"),
        ({"per_second": "1e1"}, "bad_pace"),
        ({"at_once": "501"}, "bad_at_once"),
        ({"reserved": "101"}, "bad_reserved"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, str], code: str) -> None:
    with pytest.raises(DiallingError) as refused:
        checked(replace(AS_SET, **changes), AS_SET)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_hours_across_midnight_from_the_settings_file_can_be_left_as_they_are() -> None:
    night = replace(AS_SET, opens="20:00", closes="02:00")
    assert checked(replace(night, a_day="2"), night)["closes"] == "02:00"


async def test_an_administrator_changes_them_on_the_page_and_it_is_audited(world: ConsoleWorld, room: CallRoom) -> None:
    async with world.browser(Role.publisher) as browser:
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.submit(PAGE, **form())).status_code == 403
    async with world.browser(Role.administrator, "ayse") as browser:
        page = (await browser.open(PAGE)).text
        assert '<a href="/console/calls-back" aria-current="true">' in page
        assert 'value="09:00"' in page
        assert 'name="per_second" type="text" value="2"' in page
        assert 'value="15 60 240 1440"' in page
        wrong = await browser.submit(PAGE, **form(closes="08:00", at_once="7"))
        assert wrong.status_code == 422
        assert "Bitiş saati" in wrong.text
        assert 'value="08:00"' in wrong.text
        assert 'value="7"' in wrong.text
        saved = await browser.submit(
            PAGE, **form(opens="10.30", per_second="0,5", spacing="20, 120", on_holidays="true")
        )
        assert saved.headers["location"] == "/console/dialler?done=dialler_rules_saved"
        shown = (await browser.open("/console/dialler")).text
        assert "10:30–20:00" in shown
        assert "saniyede 0,5 arama" in shown
        assert "ayse" in shown
        assert 'name="per_second" type="text" value="0,5"' in (await browser.open(PAGE)).text
        dropped = await browser.submit(f"{PAGE}/drop")
        assert dropped.headers["location"] == "/console/dialler?done=dialler_rules_dropped"
        assert "09:00–20:00" in (await browser.open("/console/dialler")).text
    async with world.office.db.reading() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.what.startswith("dialler_rules")))).all()
        assert (await audit.verify(session)).ok
    assert [(entry.who, entry.what) for entry in entries] == [
        ("ayse", "dialler_rules_changed"),
        ("ayse", "dialler_rules_dropped"),
    ]
    assert entries[0].detail == {
        "opens": "09:00 → 10:30",
        "spacing": "15 60 240 1440 → 20 120",
        "per_second": "2 → 0.5",
    }


async def test_what_is_typed_is_what_counts(world: ConsoleWorld) -> None:
    await save(world, opens="08:15", closes="21:00", on_holidays=True, attempts="4", a_day="2", reserved="33")
    async with world.office.db.reading() as session:
        found = await policy_of(session, DEFAULT)
    assert typed_of(found) == replace(
        AS_SET, opens="08:15", closes="21:00", on_holidays=True, attempts="4", a_day="2", reserved="33"
    )
    assert found.lines.channels == DEFAULT.lines.channels
