"""A small utility for the tests of the conversation: its areas, outages, desk and a line to call."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from callflows.call import CallEnded, Caller
from callflows.desk import Report, Wish
from callflows.hotline import hotline
from callflows.scripted import ScriptedCall, VirtualClock
from outages.board import AreaView, Board, BroadcastView, OutageView
from prompts.catalogue import Catalogue, load_catalogue
from storage.errors import StorageError, advice
from tickets.errors import TicketError, TicketNotSaved
from tickets.status import PhoneStatus

NOON = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
"""Wednesday, noon in Kocaeli."""
HOUR = timedelta(hours=1)
CALLER = "+905321234567"
CATALOGUE = load_catalogue()

GEBZE, IZMIT, KARAMURSEL, KARTEPE, GOLCUK, DARICA = 1, 2, 3, 4, 5, 6
YENI, FATIH_GEBZE, CUMHURIYET, OSB, FATIH_IZMIT = 101, 102, 103, 104, 201
CROWD = range(110, 117)
"""Seven neighbourhoods of Gebze whose first three keys are the same."""


def keypad(text: str) -> str:
    letters = text.lower().translate(str.maketrans("çğıöşü", "cgiosu"))
    keys = {
        c: str(n)
        for n, group in enumerate(("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), 2)
        for c in group
    }
    return "".join(keys[c] for c in letters if c in keys)


def _district(id_: int, name: str) -> AreaView:
    return AreaView(id_, "district", name, name, None, keypad(name), id_)


def _inside(id_: int, district: int, spoken: str, zone: bool = False) -> AreaView:
    return AreaView(id_, "industrial_zone" if zone else "neighbourhood", spoken, spoken, district, keypad(spoken), id_)


AREAS = {
    area.id: area
    for area in (
        _district(GEBZE, "Gebze"),
        _district(IZMIT, "Izmit"),
        _district(KARAMURSEL, "Karamürsel"),
        _district(KARTEPE, "Kartepe"),
        _district(GOLCUK, "Gölcük"),
        _district(DARICA, "Darıca"),
        _inside(YENI, GEBZE, "Yeni Mahalle"),
        _inside(FATIH_GEBZE, GEBZE, "Fatih Mahallesi"),
        _inside(CUMHURIYET, GEBZE, "Cumhuriyet Mahallesi"),
        _inside(OSB, GEBZE, "Gebze Organize Sanayi Bölgesi", zone=True),
        *(
            _inside(id_, GEBZE, spoken)
            for id_, spoken in zip(
                CROWD, ("Beyler", "Beylik", "Beyazıt", "Beycuma", "Ceyhan", "Ceylan", "Cezaevi"), strict=True
            )
        ),
        _inside(FATIH_IZMIT, IZMIT, "Fatih Mahallesi"),
        _inside(202, IZMIT, "Yenişehir Mahallesi"),
        _inside(301, KARAMURSEL, "Çamlık Mahallesi"),
        _inside(401, KARTEPE, "Derbent Mahallesi"),
        _inside(501, GOLCUK, "Merkez Mahallesi"),
        _inside(601, DARICA, "Bağlarbaşı Mahallesi"),
    )
}


def fault(id_: int = 1, areas: Iterable[int] = (YENI,), **changes: object) -> OutageView:
    """Off since two hours, expected back at 17:00."""
    facts: dict[str, object] = {
        "kind": "fault",
        "cause": "network_fault",
        "starts": NOON - 2 * HOUR,
        "expected_end": NOON + 5 * HOUR,
        "ended": None,
    }
    return OutageView(id=id_, area_ids=frozenset(areas), **(facts | changes))  # type: ignore[arg-type]


def planned(id_: int = 2, areas: Iterable[int] = (YENI,), **changes: object) -> OutageView:
    """Tomorrow from 9:00 to 17:00."""
    facts = {"kind": "planned", "cause": "maintenance", "starts": NOON + 21 * HOUR, "expected_end": NOON + 29 * HOUR}
    return fault(id_, areas, **(facts | changes))


def board(
    *outages: OutageView,
    broadcasts: Iterable[BroadcastView] = (),
    mass_call: bool = False,
    made: datetime = NOON,
) -> Board:
    return Board(1, made, AREAS, tuple(outages), tuple(broadcasts), mass_call)


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass
class TestDesk:
    """The utility behind the line: keeps what was opened and remembered."""

    __test__ = False

    clock: Clock
    board: Board
    catalogue: Catalogue = CATALOGUE
    remembered: dict[str, int] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    states: dict[str, PhoneStatus] = field(default_factory=dict)
    """Tickets that can be asked about."""
    most_asked: int = 6
    """By one caller."""
    looked_up: list[str] = field(default_factory=list)
    down: bool = False
    calls_back: bool = False
    wishes: list[Wish] = field(default_factory=list)
    opted_out: bool = False
    subscribers: Mapping[str, int] = field(default_factory=dict)
    """Areas by subscriber number."""
    typed: list[str] = field(default_factory=list)
    """Numbers that were looked up."""
    wait: int | None = None
    """Minutes for which callers wait for a person."""

    def now(self) -> datetime:
        return self.clock.now()

    def mass_call(self) -> bool:
        return self.board.mass_call_at(self.now())

    def minutes_to_wait(self) -> int | None:
        return self.wait

    async def area_of(self, caller: Caller) -> int | None:
        return self.remembered.get(caller.number or "")

    async def remember_area(self, caller: Caller, area_id: int) -> None:
        self.remembered[caller.number or ""] = area_id

    def may_call(self, number: str) -> bool:
        return self.calls_back

    async def call_when_back(self, wish: Wish) -> bool:
        if self.down:
            raise StorageError("database_unreachable", "The database is away.")
        if not self.opted_out:
            self.wishes.append(wish)
        return not self.opted_out

    def takes_subscriber_numbers(self) -> bool:
        return bool(self.subscribers)

    async def subscriber_area(self, number: str, caller: Caller) -> int | None:
        self.typed.append(number)
        return self.subscribers.get(number)

    async def open_ticket(self, report: Report) -> str:
        if self.down:
            raise TicketNotSaved("The database is away.")
        same = [n for n, r in enumerate(self.reports) if (r.call_id, r.category) == (report.call_id, report.category)]
        if not same:
            self.reports.append(report)
        return f"26-{(same[0] if same else len(self.reports) - 1) + 4217:06}"

    async def ticket_state(self, number: str, caller: Caller) -> PhoneStatus | None:
        if self.down:
            raise advice("database_away")
        self.looked_up.append(number)
        if len(self.looked_up) > self.most_asked:
            raise TicketError("Too many.", "wait")
        return self.states.get(number)


@dataclass
class Line:
    """One finished call, and the desk that it met."""

    call: ScriptedCall
    desk: TestDesk

    @property
    def texts(self) -> list[str]:
        return [prompt.text for prompt in self.call.said()]

    @property
    def keys_said(self) -> list[str]:
        return [prompt.key for prompt in self.call.said()]


def desk_of(
    clock: Clock,
    on: Board | None = None,
    *,
    number: str | None = CALLER,
    knows: int | None = None,
    down: bool = False,
    calls_back: bool = False,
    opted_out: bool = False,
    states: dict[str, PhoneStatus] | None = None,
    most_asked: int = 6,
    subscribers: Mapping[str, int] | None = None,
    wait: int | None = None,
) -> TestDesk:
    """The desk that a caller meets; `knows`: the place that it remembers of them."""
    remembered = {number: knows} if number and knows else {}
    desk = TestDesk(clock, on or board(fault()), remembered=remembered, states=states or {}, down=down)
    desk.most_asked, desk.subscribers = most_asked, subscribers or {}
    desk.calls_back, desk.opted_out, desk.wait = calls_back, opted_out, wait
    return desk


async def dial(
    keys: str = "",
    on: Board | None = None,
    *,
    number: str | None = CALLER,
    at: datetime = NOON,
    setup: Callable[[ScriptedCall], None] | None = None,
    **options: Any,
) -> Line:
    """Call the line, press `keys`, and stay until it ends. `options`: the desk's, others are of the call."""
    of_desk = {name: options.pop(name) for name in desk_of.__kwdefaults__ or () if name in options}
    clock = VirtualClock(at)
    desk = desk_of(clock, on, number=number, **of_desk)
    call = ScriptedCall(clock, keys, number, **options)
    if setup:
        setup(call)
    with contextlib.suppress(CallEnded):
        await hotline(call, desk)
    return Line(call, desk)
