"""What was measured, as a page for people. `put` writes it between two marks and leaves the rest of a file alone."""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import machine

Row = Sequence[object]


def stamp(what: str, **more: str) -> dict[str, str]:
    """When, where, with which versions and by which command."""
    command = f"python -m {what} {' '.join(_safe(sys.argv[1:]))}".strip()
    return {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "command": command, **machine(), **more}


def stamp_lines(stamped: Mapping[str, str]) -> list[str]:
    return [f"- {name}: {value}" for name, value in stamped.items()]


def table(head: Row, rows: Sequence[Row]) -> list[str]:
    """A Markdown table that also reads well in a terminal."""
    texts = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in texts
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def three(values: Mapping[str, float] | None) -> str:
    """p50 / p95 / p99."""
    if values is None:
        return "–"
    return " / ".join(f"{values[name]:.1f}" for name in ("p50", "p95", "p99"))


def aim(name: str, wanted: float, measured: float, unit: str) -> Row:
    held = "yes" if measured <= wanted else "NO"
    return (name, f"≤ {wanted:g} {unit}", f"{measured:.3g} {unit}", held)


def put(page: Path, section: str, lines: Sequence[str]) -> None:
    """Replace one section of the page, or add it at the end."""
    begin, end = f"<!-- {section}: written by the benchmark -->", f"<!-- {section}: end -->"
    fresh = "\n".join([begin, "", *lines, "", end])
    old = page.read_text() if page.exists() else "# Benchmarks\n"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    text = pattern.sub(lambda _: fresh, old) if pattern.search(old) else f"{old.rstrip()}\n\n{fresh}\n"
    page.write_text(text)


def calls_page(result: Mapping[str, Any]) -> list[str]:
    ways = result["ways"]
    by_way = {way["way"]: way for way in ways}
    rows: list[Row] = [
        ("calls, of them failed", *(f"{w['calls']}, {sum(w['failures'].values())}" for w in ways)),
        ("Asterisk, CPU ms a call", *(f"{w['asterisk_cpu_ms_per_call']:.1f}" for w in ways)),
        ("service, CPU ms a call", "", *(f"{w['service_cpu_ms_per_call']:.2f}" for w in ways[1:])),
        (
            "Asterisk, turn by turn",
            *(" ".join(f"{c:.0f}" for c in w["asterisk_cpu_ms_per_call_by_turn"]) for w in ways),
        ),
        (
            "service, turn by turn",
            "",
            *(" ".join(f"{c:.1f}" for c in w["service_cpu_ms_per_call_by_turn"]) for w in ways[1:]),
        ),
        ("INVITE to 200, ms", *(three(w["invite_to_200_ms"]) for w in ways)),
        ("key to new audio, ms", *(three(w["key_to_sound_ms"]) for w in ways)),
        ("the same in barge-in, ms", *(three(w["key_to_sound_barge_in_ms"]) for w in ways)),
        ("pause between two files, ms", *(three(w["pause_between_parts_ms"]) for w in ways)),
        ("INVITEs sent again", *(w["invites_repeated"] for w in ways)),
        ("caller itself, CPU ms a call", *(f"{w['caller_cpu_ms_per_call']:.1f}" for w in ways)),
    ]
    complaints = [f"- {w['way']}: {n} x {why}" for w in ways for why, n in w["failures"].items()]
    return [
        f"## Calls: one conversation, three ways, {result['files']['opening']} + {result['files']['answer']} files",
        "",
        *stamp_lines(result["about"]),
        f"- a call: answer, announcement ({result['files']['opening']} files), one key, look-up, announcement "
        f"({result['files']['answer']} files), hang up; {result['seconds_of_speech']} s of speech in all",
        f"- new calls a second: {result['rate_per_second']:g}",
        "",
        *table(("", *(w["way"] for w in ways)), rows),
        "",
        "Times are p50 / p95 / p99. A call is not charged with what the service takes while nobody calls it "
        f"({result['service_idle_cpu_ms_per_second']} ms a second). Memory: the service alone "
        f"{result['service_peak_mb']} MB at its peak, with its speech workers "
        f"{result['service_with_speech_workers_mb']} MB; Asterisk {result['asterisk_peak_mb']} MB.",
        *(["", "What failed:", "", *complaints] if complaints else []),
        "",
        *table(("aim", "wanted", "measured", "held"), calls_aims(by_way, result)),
    ]


def calls_aims(ways: Mapping[str, Any], result: Mapping[str, Any]) -> list[Row]:
    base = ways["dialplan"]["asterisk_cpu_ms_per_call"]
    rows = [
        aim("service CPU a call, ARI", 4, ways["ari"]["service_cpu_ms_per_call"], "ms"),
        aim("service CPU a call, FastAGI", 2, ways["agi"]["service_cpu_ms_per_call"], "ms"),
    ]
    for way in ("ari", "agi"):
        figures = ways[way]
        rows += [
            aim(f"Asterisk's CPU against the dialplan's, {way}", 1.2, figures["asterisk_cpu_ms_per_call"] / base, "x"),
            aim(f"key to new audio p95, {way}", 40, figures["key_to_sound_ms"]["p95"], "ms"),
            aim(f"key to new audio p95 in barge-in, {way}", 40, figures["key_to_sound_barge_in_ms"]["p95"], "ms"),
            aim(f"failed calls, {way}", 0.1, 100 * sum(figures["failures"].values()) / figures["calls"], "%"),
        ]
    return [*rows, aim("memory, speech workers included", 250, result["service_with_speech_workers_mb"], "MB")]


def _safe(arguments: Sequence[str]) -> list[str]:
    """Options only as typed; a path keeps its last part."""
    return [Path(argument).name if argument.startswith("/") else argument for argument in arguments]
