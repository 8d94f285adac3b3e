"""Whole calls to citizens as text: `python -m tests.transcribe_calls_back` writes them; read the difference."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callflows.call import CallEnded, TransferNote
from callflows.call_back import call_back
from callflows.keeping_place import keep_place
from callflows.scripted import ScriptedCall, VirtualClock
from dialling.kinds import Language, Verdict, Why
from dialling.places import Place
from outages.board import Board
from tests.hotline_world import NOON, YENI, Line, TestDesk, board, planned
from tests.transcribe import FOLDER as ALL
from tests.transcribe import ROOT, _lines

FOLDER = ALL / "calls_back"
PAGE = ROOT / "docs" / "calls_back.md"


@dataclass
class Asked:
    """An errand that keeps what it was told."""

    why: Why = Why.ticket_check
    language: Language = "tr"
    area_id: int | None = YENI
    place: Place | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    stars: list[int] = field(default_factory=list)
    broken: bool = False

    async def conclude(self, verdict: Verdict) -> None:
        if self.broken:
            raise OSError("the database is away")
        self.verdicts.append(verdict)

    async def rate(self, stars: int) -> None:
        self.stars.append(stars)


@dataclass
class InQueue:
    """A caller in the queue who pressed 1 there."""

    language: Language = "tr"
    kept: list[str] = field(default_factory=list)
    away: bool = False

    async def keep(self, number: str) -> bool:
        callable_ = number.startswith("+90") and not self.away
        self.kept += [number] if callable_ else []
        return callable_

    @property
    def back(self) -> TransferNote:
        return TransferNote("asked", "Gebze, Yeni Mahalle", self.language, 0, {"place": "2"})


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    keys: str
    errand: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


_ABOUT_WORK: Any = ({"why": Why.planned_notice}, {"on": board(planned())})
SCENARIOS = [
    Scenario("solved", "The fault is mended, and the citizen is content.", "1 1 5"),
    Scenario("solved_silent", "The fault is mended; the citizen gives no stars.", "1 1 -"),
    Scenario("not_solved", "The fault is not mended.", "1 2"),
    Scenario("person", "The citizen wants to talk to somebody.", "1 0"),
    Scenario("nobody", "Nobody presses anything: no word about whose fault it was.", "- - -"),
    Scenario("no_more_calls", "The citizen wants no more calls.", "9 9"),
    Scenario("nine_by_mistake", "A nine that was meant for the other language.", "9 - 1 2"),
    Scenario("hangs_up", "The citizen hangs up during the question.", "1 !"),
    Scenario("repeated", "Star repeats; a wrong key is met with a shorter question.", "1 * 7 1 3"),
    Scenario("restored", "The water is back.", "1 1", {"why": Why.restoration}),
    Scenario("still_off", "The water is not back.", "1 2", {"why": Why.restoration}),
    Scenario("planned", "Work is coming.", "1", *_ABOUT_WORK),
    Scenario("planned_again", "Work is coming, once more.", "1 * -", *_ABOUT_WORK),
    Scenario("planned_no_more", "Work is coming, and the citizen wants no more such calls.", "1 9 9", *_ABOUT_WORK),
    Scenario("queue", "The citizen's turn in the queue has come.", "1", {"why": Why.queue_callback, "area_id": None}),
    Scenario("english", "In English.", "1 2", {"why": Why.restoration, "language": "en"}),
]


OWN = "+905321234567"
PLACES = [
    Scenario("place_kept", "In the queue: the caller keeps their place and hangs up.", "1"),
    Scenario("place_other_number", "Another number is to be called.", "2 05329876543# 1"),
    Scenario("place_withheld", "A withheld number is asked for.", "05329876543# 1", more={"number": None}),
    Scenario("place_abroad", "A number abroad is not called.", "1", more={"number": "+4915112345678"}),
    Scenario("place_changed_mind", "The caller changes their mind.", "0"),
    Scenario("place_no_answer", "The caller says nothing.", "- - -"),
    Scenario("place_english", "In English.", "1", {"language": "en"}),
]


async def leave_queue(keys: str, place: InQueue, number: str | None = OWN) -> Line:
    """A caller in the queue presses 1, then `keys`."""
    clock = VirtualClock(NOON)
    desk = TestDesk(clock, board())
    call = ScriptedCall(clock, keys, number)
    with contextlib.suppress(CallEnded):
        await keep_place(call, desk, place)
    return Line(call, desk)


async def place_transcript(scenario: Scenario) -> str:
    place = InQueue(**scenario.errand)
    line = await leave_queue(scenario.keys, place, **scenario.more)
    told = [f"kept for: {', '.join(place.kept) or 'nobody'}"]
    told += [f"back to the queue: place {n.extra['place']}, {n.reason}, {n.area}" for n in line.call.notes]
    return "\n".join([scenario.title, "", *_lines(line), "", *told]) + "\n"


async def ring(keys: str, errand: Asked, on: Board | None = None, **options: Any) -> Line:
    """Call a citizen who presses `keys`, and stay until it ends."""
    clock = VirtualClock(NOON)
    desk = TestDesk(clock, on or board())
    call = ScriptedCall(clock, keys, "+905321234567", **options)
    with contextlib.suppress(CallEnded):
        await call_back(call, desk, errand)
    return Line(call, desk)


async def transcript(scenario: Scenario) -> str:
    errand = Asked(**scenario.errand)
    line = await ring(scenario.keys, errand, **scenario.more)
    told = [f"verdict: {', '.join(errand.verdicts) or 'none'}", *(f"stars: {stars}" for stars in errand.stars)]
    told += [f"to the queue: {n.reason}, {n.area}, priority {n.priority}" for n in line.call.notes]
    return "\n".join([scenario.title, "", *_lines(line), "", *told]) + "\n"


INTRODUCTION = """# Calls to citizens, heard from outside

Whole calls as the tests hold them (`tests/transcripts/calls_back/`), written by
`python -m tests.transcribe_calls_back`, never by hand. On the left stand the seconds since the answer; keys are in
brackets, `[…]` is silence. The flow is `callflows/call_back.py`. `0` is a person, `*` repeats, `9` pressed twice is no
more calls. At the end stand those who leave the agents' queue and keep their place (`callflows/keeping_place.py`).
"""


def page(transcripts: Mapping[str, str]) -> str:
    parts = [INTRODUCTION]
    for scenario in (*SCENARIOS, *PLACES):
        _, _, call = transcripts[scenario.name].partition("\n\n")
        parts.append(f"## {scenario.title.rstrip('.')}\n\n```text\n{call}```\n")
    return "\n".join(parts)


async def transcripts() -> dict[str, str]:
    calls = {scenario.name: await transcript(scenario) for scenario in SCENARIOS}
    return calls | {scenario.name: await place_transcript(scenario) for scenario in PLACES}


async def write() -> None:
    told = await transcripts()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    for name, text in told.items():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
    PAGE.write_text(page(told), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write())
