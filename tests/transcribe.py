"""Whole calls as text: `python -m tests.transcribe` writes them and `docs/conversation.md`; read the difference."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from callflows.scripted import Event
from outages.board import BroadcastView
from tests.hotline_world import GEBZE, NOON, YENI, Line, board, dial, fault, planned
from tickets.life import State
from tickets.status import PhoneStatus

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "transcripts"
PAGE = ROOT / "docs" / "conversation.md"


@dataclass(frozen=True)
class Scenario:
    """`keys` as in `ScriptedCall`."""

    name: str
    title: str
    story: str
    keys: str
    world: Mapping[str, Any] = field(default_factory=dict)


ALARM = BroadcastView(
    9, {"tr": "Gebze'de suyu ikinci bir duyuruya kadar kaynatmadan içmeyin."}, GEBZE, NOON + timedelta(hours=3)
)
TWO = (fault(), fault(4, (GEBZE,), cause="main_burst", expected_end=None, crew="on_site", tanker_points="Hastane önü"))

SCENARIOS = [
    Scenario("known_outage", "A remembered place with an outage", "No key is needed.", "!", {"knows": YENI}),
    Scenario(
        "known_planned",
        "A remembered place where work is planned",
        "The next 72 hours are said too.",
        "!",
        {"knows": YENI, "on": board(planned())},
    ),
    Scenario(
        "known_late",
        "An estimate that has passed",
        "It is never spoken as if it still held.",
        "!",
        {"knows": YENI, "on": board(fault(expected_end=NOON - timedelta(minutes=30), crew="working"))},
    ),
    Scenario(
        "known_restored",
        "The water has just come back",
        "For six hours after the end.",
        "!",
        {"knows": YENI, "on": board(fault(ended=NOON - timedelta(hours=1)))},
    ),
    Scenario(
        "known_two", "Two outages at one place", "The nearest to home first.", "!", {"knows": YENI, "on": board(*TWO)}
    ),
    Scenario(
        "stranger_by_name",
        "A first call: the affected places are offered by name",
        "The caller agrees that the place is remembered.",
        "1 1 1 1 !",
    ),
    Scenario(
        "stranger_by_letters",
        "Three letters for district and neighbourhood",
        "527 is Karamürsel and Kartepe. The caller confirms what was understood.",
        "1 5 527 2 337 1 2 #",
    ),
    Scenario(
        "many_matches",
        "Too many neighbourhoods begin alike",
        "Two more letters are asked for; what is left is offered by name.",
        "1 5 432 5 239 2# 2 !",
        {"number": None},
    ),
    Scenario(
        "subscriber_number",
        "Found by the number on the bill",
        "Hash instead of letters. The number is not read back, and nothing but the place is told.",
        "1 # 4532107# 4532170# !",
        {"on": board(planned()), "subscribers": {"4532170": YENI}},
    ),
    Scenario("whole_district", "A whole district", "Key 1, which carries no letter.", "1 5 432 5 1# 1 2 !"),
    Scenario(
        "fault_ticket",
        "A leak is reported",
        "Notice, voice message, number to call back, ticket number twice.",
        "2 2 3 1 1 1 1 #",
    ),
    Scenario(
        "fault_known_outage",
        "No water where an outage is known",
        "The caller is attached to it; no new job is opened.",
        "2 2 1 1 1 !",
        {"knows": YENI, "on": board(fault())},
    ),
    Scenario("fault_hazard", "Danger", "An urgent ticket and a person with priority.", "2 1", {"knows": YENI}),
    Scenario(
        "fault_other_number",
        "Another number to call back",
        "The caller listens to the message (`*`), records it anew (`2`), and gives another number, which is read back.",
        "2 2 4 2 1 1 * 2 1 2 02621234567# 1 #",
    ),
    Scenario(
        "ticket_state",
        "Where an earlier report is",
        "The year may be left out. Nothing personal is said, and nobody hears of many tickets.",
        "2 3 4217# !",
        {"states": {"26-004217": PhoneStatus(State.on_the_way, False, NOON + timedelta(hours=5))}},
    ),
    Scenario("database_away", "The ticket cannot be saved", "A person takes over.", "2 2 3 1 1 1 1", {"down": True}),
    Scenario("information", "A bill, then an agent", "Pages that operators edit.", "3 1 0"),
    Scenario("silence", "A caller who does nothing", "Shorter, fuller, then a person.", ""),
    Scenario(
        "repeat_slow",
        "Star once repeats, twice speaks slower",
        "Slow words are marked with ~.",
        "* * !",
        {"knows": YENI},
    ),
    Scenario("english", "In English", "Key 9 in any menu; names of places stay Turkish.", "9 1 1 1 2 !"),
    Scenario(
        "emergency",
        "An emergency announcement for one district",
        "Before the answer, and not to be skipped.",
        "!",
        {"knows": YENI, "on": board(fault(), broadcasts=[ALARM])},
    ),
    Scenario(
        "mass_call",
        "When everybody calls",
        "Affected districts first, shorter menus, one key to be counted.",
        "1 1 1 1 #",
        {"on": board(fault(), mass_call=True)},
    ),
    Scenario("no_agent", "No agent can be reached", "The caller is told so.", "0", {"agents": False}),
]


async def transcript(scenario: Scenario) -> str:
    line = await dial(scenario.keys, **scenario.world)
    return "\n".join([f"{scenario.title}. {scenario.story}", "", *_lines(line), "", *_ending(line)]) + "\n"


def _lines(line: Line) -> list[str]:
    """What is said in one breath stands on one line."""
    lines: list[str] = []
    breath: list[str] = []
    began = 0.0
    for event in line.call.events:
        if event.prompt:
            began = began if breath else event.at
            breath.append(_spoken(event))
            continue
        if breath:
            lines.append(f"{began:6.1f}  {' '.join(breath)}")
            breath = []
        if event.kind not in ("asked", "silence"):
            lines.append(f"{event.at:6.1f}      [{event.kind.replace('_', ' ')}: {event.text}]")
        elif event.kind == "silence":
            lines.append(f"{event.at:6.1f}      […]")
    return lines + ([f"{began:6.1f}  {' '.join(breath)}"] if breath else [])


def _spoken(event: Event) -> str:
    assert event.prompt
    return f"~{event.text}" if event.prompt.pace == "slow" else event.text


def _ending(line: Line) -> list[str]:
    journal = line.call.journal
    facts = {
        "outcome": journal.outcome.value,
        "reason": journal.reason,
        "area": journal.area_id and line.desk.board.areas[journal.area_id].name,
        "outages": ", ".join(map(str, journal.outage_ids)),
        "ticket": journal.ticket_number,
    }
    told = [" · ".join(f"{name} {value}" for name, value in facts.items() if value)]
    told += [
        f"ticket: {r.category}{' urgent' * r.urgent}, outage {r.outage_id}, voice {r.voice}" for r in line.desk.reports
    ]
    return told + [f"to the queue: {n.reason}, {n.area}, {n.language}, priority {n.priority}" for n in line.call.notes]


def page(transcripts: Mapping[str, str]) -> str:
    parts = [INTRODUCTION]
    for scenario in SCENARIOS:
        _, _, call = transcripts[scenario.name].partition("\n\n")
        parts.append(f"## {scenario.title}\n\n{scenario.story}\n\n```text\n{call}```\n")
    return "\n".join(parts)


INTRODUCTION = """# The conversation, heard from outside

Whole calls as the tests hold them (`tests/transcripts/`), written by `python -m tests.transcribe`, never by hand. On
the left stand the seconds since the answer; keys are in brackets, `[…]` is silence. The flow is in `callflows/` (begin
with `hotline.py`), its words are in `prompts/catalogue/`.

In every question `0` is a person, `*` repeats and `**` speaks slower; `9` is the other language in every menu. Where
letters are typed, `9` is a letter (W, X, Y, Z) and the language is changed in the menu before or after. A first silence
or wrong key is met with a shorter prompt, a second with a fuller one, a third with a person. A place that was chosen by
its name is not asked to be confirmed; one that was found by letters or number is, once.
"""


async def transcripts() -> dict[str, str]:
    return {scenario.name: await transcript(scenario) for scenario in SCENARIOS}


def write() -> None:
    told = asyncio.run(transcripts())
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    for name, text in told.items():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
    PAGE.write_text(page(told), encoding="utf-8")


if __name__ == "__main__":
    write()
