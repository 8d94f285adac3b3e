"""Charts as SVG, drawn on the server: bars to read along, columns to read over time."""

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

from reports.figures import Cell, Chart, Table
from reports.words import Words

WIDTH = 480
MOST_BARS = 12
"""More would not be read; the table beside has all."""
_BAR, _LABEL, _VALUE, _HEIGHT = 26, 190, 64, 200
_LEFT, _BOTTOM, _TOP = 58, 24, 10
LONGEST = 22
"""Letters beside a bar, also where a telephone shows them larger."""
_EVERY = {"by_hour": 3, "by_day": 5}


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar or column with what is written at it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    kind: Literal["bars", "columns"]
    height: float
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...] = ()
    left_out: int = 0
    """Lines that only the table shows."""


def draw(table: Table, words: Words) -> Drawing | None:
    """None where there is nothing to see."""
    highest = max((line.cells[0].value or 0 for line in table.lines), default=0)
    if table.chart is None or not highest:
        return None
    return _bars(table, words, highest) if table.chart == _BARS else _columns(table, words, highest)


_BARS: Chart = "bars"


def _bars(table: Table, words: Words, highest: float) -> Drawing:
    room = WIDTH - _LABEL - _VALUE
    marks = []
    for nth, line in enumerate(table.lines[:MOST_BARS]):
        label, value = words.line(table, line), words.value(line.cells[0])
        width = round(max(1.5, room * (line.cells[0].value or 0) / highest), 1)
        marks.append(Mark(_LABEL, nth * _BAR + 4, width, _BAR - 8, _short(label), value, f"{label}: {value}"))
    left_out = max(0, len(table.lines) - MOST_BARS)
    return Drawing("bars", len(marks) * _BAR, tuple(marks), left_out=left_out)


def _columns(table: Table, words: Words, highest: float) -> Drawing:
    step = nice_step(highest)
    top = step * ceil(highest / step)
    room, each = _HEIGHT - _TOP - _BOTTOM, (WIDTH - _LEFT) / len(table.lines)
    every = _EVERY.get(table.key.partition(".")[2], 1) if len(table.lines) > 10 else 1
    marks = []
    for nth, line in enumerate(table.lines):
        label, value = words.line(table, line), words.value(line.cells[0])
        height = round(room * (line.cells[0].value or 0) / top, 1)
        shown = _brief(table, line.key, label) if nth % every == 0 else ""
        x = round(_LEFT + nth * each + each * 0.14, 1)
        marks.append(
            Mark(x, round(_TOP + room - height, 1), round(each * 0.72, 1), height, shown, value, f"{label}: {value}")
        )
    ticks = tuple(
        Tick(round(_TOP + room - room * at * step / top, 1), words.value(Cell(at * step)))
        for at in range(ceil(highest / step) + 1)
    )
    return Drawing("columns", _HEIGHT, tuple(marks), ticks)


def nice_step(highest: float) -> int:
    """Of 1, 2 or 5 times a power of ten, so that about four lines cross the chart; counts have no halves."""
    rough = highest / 4
    power = 10 ** floor(log10(rough)) if rough >= 1 else 1
    return max(1, next(int(power * factor) for factor in (1, 2, 5, 10) if power * factor >= rough))


def _brief(table: Table, key: str, label: str) -> str:
    by = table.key.partition(".")[2]
    return str(int(key[-2:])) if by == "by_day" else key if by == "by_hour" else _short(label, 14)


def _short(label: str, longest: int = LONGEST) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"
