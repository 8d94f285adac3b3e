"""Every golden conversation goes alike over ARI, over FastAGI and in the terminal: same words, end and ticket."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callflows.call import Call, CallEnded
from callflows.hotline import hotline
from calls.journal import Journal
from ivr.terminal import PlayCall
from tests.attended import AttendedCall, Everything, PatientKeys, ReadingVoice
from tests.hotline_world import CALLER, NOON, TestDesk, VirtualClock, desk_of, dial
from tests.lines import Lines
from tests.test_play import wav
from tests.transcribe import SCENARIOS, Scenario

CARRIED = [s for s in SCENARIOS if "agents" not in s.world]
"""Only the scripted call knows that no agent is there; elsewhere the queue says so."""


@dataclass(frozen=True)
class Told:
    """What is left of a call."""

    said: list[str]
    typed: list[tuple[str, bool]]
    ended: tuple[str, str | None, int | None, tuple[int, ...], str | None]
    reports: list[tuple[str, bool, int | None, str | None, bool, int | None]]


def told(journal: Journal, desk: TestDesk) -> Told:
    return Told(
        [heard.text for heard in journal.heard if heard.key != "record.message"],
        [(pressed.keys, pressed.private) for pressed in journal.pressed],
        (journal.outcome, journal.reason, journal.area_id, tuple(journal.outage_ids), journal.ticket_number),
        [(r.category, r.urgent, r.area_id, r.callback_number, r.voice is not None, r.outage_id) for r in desk.reports],
    )


async def golden(scenario: Scenario) -> Told:
    line = await dial(scenario.keys, **scenario.world)
    return told(line.call.journal, line.desk)


def met(scenario: Scenario, clock: Any) -> TestDesk:
    world = dict(scenario.world)
    return desk_of(clock, world.pop("on", None), **world)


def number_of(scenario: Scenario) -> str | None:
    return scenario.world.get("number", CALLER)


@pytest.mark.parametrize("driver", ["ari", "agi"])
@pytest.mark.parametrize("scenario", CARRIED, ids=lambda scenario: scenario.name)
async def test_on_the_line(scenario: Scenario, driver: str, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    desk = met(scenario, clock)
    lines = Lines(driver, tmp_path, clock=clock.now, pass_time=clock.pass_, studio=Everything())

    async def flow(line: Call) -> None:
        await hotline(AttendedCall(line, phone, scenario.keys, clock.pass_), desk)

    async with lines.serving():
        lines.flow = flow
        phone = lines.phone(number_of(scenario) or "")
        await phone.dial()
        await phone.over()
        journal = await lines.journal()
    assert told(journal, desk) == await golden(scenario)


@pytest.mark.parametrize("scenario", CARRIED, ids=lambda scenario: scenario.name)
async def test_in_the_terminal(scenario: Scenario, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    desk = met(scenario, clock)
    keys, message = PatientKeys(scenario.keys, clock), wav(tmp_path / "words.wav", 8)
    call = PlayCall(
        number_of(scenario),
        keys,
        tmp_path / "in",
        show=lambda line: None,
        clock=clock.now,
        voice=ReadingVoice(clock),
        message=message,
    )
    with contextlib.suppress(CallEnded):
        await hotline(call, desk)
    assert told(call.journal, desk) == await golden(scenario)
