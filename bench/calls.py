"""One conversation three ways, in turns: pure dialplan, ours over ARI, ours over FastAGI.

    .venv/bin/python -m bench.calls --rounds 3 --calls 200 --rate 16

Real calls at a real Asterisk, by telephones in this process. Every call is listened to: a caller who did not hear all
of the right announcement counts as failed.
"""

import asyncio
import gc
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bench.caller import Placed, Telephones
from bench.flow import KEY
from bench.lap import Lap
from bench.line import WAYS, Line, open_line, wants_ari
from bench.report import calls_page, put, stamp
from bench.setup import bench_settings, run
from ivr.asterisk.install import Asterisk, ensure_asterisk
from ivr.cli.progress import Steps
from ivr.installation import install
from ivr.settings import Settings

AFTER_PROMPT = 0.5
"""Seconds after the end of the opening at which every other caller presses the key."""
BARGE_IN = 1.5
"""Seconds after its beginning at which the others do."""
LOOK = 3
"""Seconds over which the service is watched before the first call."""
BUSY = 100
"""CPU ms a second above which the service is still preparing itself."""
LONGEST_START = 300
SETTLE = 1.0
"""Seconds between laps, so that no lap pays for the one before."""


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    calls: int
    """Of each turn."""
    rate: float
    """New calls a second."""
    files: int
    audio: bool


def calls(
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often each way has its turn.")] = 3,
    number: Annotated[int, typer.Option("--calls", min=1, max=5000, help="Calls of each turn.")] = 200,
    rate: Annotated[float, typer.Option(min=0.1, max=50, help="New calls a second.")] = 16,
    files: Annotated[
        int, typer.Option(min=0, help="Files of each announcement at most; 0: as many as the hotline says.")
    ] = 0,
    audio: Annotated[bool, typer.Option(help="Whether callers send audio, as real telephones do.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the tables into this page.")] = None,
) -> None:
    """Measure what a call costs and how long its caller waits, three ways in turns."""
    settings = bench_settings()
    asterisk = ensure_asterisk()
    if not wants_ari(settings, asterisk):
        raise typer.BadParameter("this Asterisk is too old for ARI over a WebSocket: 22.5 or newer is needed.")
    result = uvloop.run(_measure(settings, asterisk, Plan(rounds, number, rate, files, audio)))
    page = calls_page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, f"calls, at most {files} files" if files else "calls", page)


async def _measure(settings: Settings, asterisk: Asterisk, plan: Plan) -> dict[str, object]:
    with Steps() as steps:
        await install(settings, None, steps.now, steps.count)
    laps = {way: Lap(way) for way in WAYS}
    async with open_line(settings, asterisk, plan.files) as line:
        await _quiet(line)
        memory = []
        for turn in range(plan.rounds):
            for way in WAYS:
                print(f"round {turn + 1} of {plan.rounds}: {plan.calls} calls over {way}", file=sys.stderr)
                laps[way].add(await _lap(line, way, plan))
                memory.append(line.service.memory_mb())
        peaks = {"service_peak_mb": line.service.peak_mb(), "asterisk_peak_mb": line.asterisk.peak_mb()}
    # while the pure dialplan has its turn, the service does what it does when nobody calls
    idle = laps["dialplan"].service_ms / laps["dialplan"].seconds
    version = ".".join(map(str, asterisk.version))
    return {
        "about": stamp("bench.calls", asterisk=version, callers="send audio" if plan.audio else "send no audio"),
        "files": {"opening": len(line.opening), "answer": len(line.answer)},
        "seconds_of_speech": round(sum(part.seconds for part in (*line.opening, *line.answer)), 1),
        "rate_per_second": plan.rate,
        "service_idle_cpu_ms_per_second": round(idle, 1),
        "service_with_speech_workers_mb": round(max(memory), 1),
        **{name: round(peak, 1) for name, peak in peaks.items()},
        "ways": [lap.summary(idle) for lap in laps.values()],
    }


async def _quiet(line: Line) -> None:
    """Wait until the service has rendered all that it renders after a start."""
    for _ in range(LONGEST_START // LOOK):
        before = line.service.cpu_ms()
        await asyncio.sleep(LOOK)
        if line.service.cpu_ms() - before < BUSY * LOOK:
            return
    raise RuntimeError(f"the service is still busy after {LONGEST_START} s with nobody calling")


async def _lap(line: Line, way: str, plan: Plan) -> Lap:
    phones = Telephones(line.sip_port, audio=plan.audio)
    before = (line.asterisk.cpu_ms(), line.service.cpu_ms(), time.process_time())
    began = time.monotonic()
    gc.disable()
    try:
        placed = await _place(phones, line, WAYS[way], plan)
    finally:
        gc.enable()
        await phones.close()
    await asyncio.sleep(SETTLE)
    lap = Lap(
        way,
        seconds=time.monotonic() - began,
        asterisk_ms=line.asterisk.cpu_ms() - before[0],
        service_ms=line.service.cpu_ms() - before[1],
        caller_ms=(time.process_time() - before[2]) * 1000,
    )
    for call in placed:
        lap.judge(call, line.opening, line.answer)
    return lap


async def _place(phones: Telephones, line: Line, extension: str, plan: Plan) -> list[Placed]:
    loop = asyncio.get_running_loop()
    opening = sum(part.seconds for part in line.opening)
    patience = opening + sum(part.seconds for part in line.answer) + 10
    began, tasks = loop.time(), []
    for i in range(plan.calls):
        await asyncio.sleep(began + i / plan.rate - loop.time())
        press_at = BARGE_IN if i % 2 else opening + AFTER_PROMPT
        tasks.append(asyncio.create_task(phones.call(extension, f"+9053{i:08d}", KEY, press_at, patience)))
    return await asyncio.gather(*tasks)


if __name__ == "__main__":
    run(calls)
