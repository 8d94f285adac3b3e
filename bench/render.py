"""How long all prompts of one new outage take to render, in both languages, with nothing of it rendered before.

.venv/bin/python -m bench.render
"""

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from bench.measure import percentile
from bench.report import aim, put, stamp, stamp_lines, table
from bench.setup import run
from callflows.speech import prompts_for
from outages.board import AreaView, Board, OutageView
from prompts.catalogue import load_catalogue
from prompts.engines import engine_for
from prompts.library import PromptLibrary
from prompts.prompt import Prompt

AREAS = {
    1: AreaView(1, "district", "Gebze", "Gebze", None, "43293", 1),
    2: AreaView(2, "neighbourhood", "Yeni Mahalle", "Yeni Mahalle", 1, "9364", 1001),
}
FREE_TEXT = {"tr": "Tankerler {n}. sokakta bekliyor.", "en": "Tankers wait in street {n}."}


def render(
    outages: Annotated[int, typer.Option(min=1, max=200, help="How many outages, one after the other.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in the place of tables.")] = False,
    write: Annotated[Path | None, typer.Option(help="Also put the table into this page.")] = None,
) -> None:
    """Measure how long a new outage waits for its prompts."""
    kinds = {
        "cause, estimate, crew": uvloop.run(_measure(outages, with_text=False)),
        "the same with tankers and a free text in two languages": uvloop.run(_measure(outages, with_text=True)),
    }
    result = {"about": stamp("bench.render"), "outages": kinds}
    page = _page(result)
    print(json.dumps(result, indent=2) if as_json else "\n".join(page))
    if write:
        put(write, "render", page)


async def _measure(outages: int, *, with_text: bool) -> dict[str, float]:
    took, counts = [], []
    for n in range(outages):
        with tempfile.TemporaryDirectory() as folder:
            library = PromptLibrary(Path(folder), engine_for("espeak"))
            prompts = spoken(n, with_text)
            try:
                await library.warm()  # as the service does at its start
                began = time.perf_counter()
                await library.prepare(prompts)
                took.append((time.perf_counter() - began) * 1000)
                counts.append(len(prompts))
            finally:
                await library.close()
    return {
        "prompts": max(counts),
        "p50_ms": round(percentile(took, 0.5), 1),
        "p95_ms": round(percentile(took, 0.95), 1),
        "max_ms": round(max(took), 1),
    }


def spoken(n: int, with_text: bool) -> list[Prompt]:
    """All that callers may hear of one outage; without any other outage, nothing is shared."""
    now = datetime.now(UTC)
    outage = OutageView(
        1,
        "fault",
        "network_fault",
        frozenset({2}),
        starts=now - timedelta(hours=1),
        expected_end=now + timedelta(hours=2, minutes=5 * n),
        ended=None,
        crew="on_site",
        tanker_points="Cumhuriyet Meydanı ve Pazar Yeri" if with_text else None,
        announcement={language: text.format(n=n) for language, text in FREE_TEXT.items()} if with_text else {},
    )
    return prompts_for(Board(1, now, AREAS, (outage,)), now, load_catalogue())


def _page(result: dict[str, Any]) -> list[str]:
    kinds = result["outages"]
    rows = [(kind, f["prompts"], f["p50_ms"], f["p95_ms"], f["max_ms"]) for kind, f in kinds.items()]
    plain = next(iter(kinds.values()))
    return [
        "## Rendering: all prompts of one new outage",
        "",
        *stamp_lines(result["about"]),
        "",
        *table(("outage", "prompts", "p50 ms", "p95 ms", "longest ms"), rows),
        "",
        *table(
            ("aim", "wanted", "measured", "held"), [aim("prompts of a new outage, p95", 300, plain["p95_ms"], "ms")]
        ),
    ]


if __name__ == "__main__":
    run(render)
