"""A report as one designed A4 document, made in a process of its own: the service has calls to serve meanwhile."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from reports.errors import NoPaper
from reports.figures import Report
from reports.view import shown
from reports.words import Words
from web.pages import Pages

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).parent
"""Templates and texts of this room."""
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
"""What WeasyPrint needs of the system, as Debian and Ubuntu call it."""
SECONDS = 60.0
MISSING = 3
"""How the process ends that cannot find them."""


def html_of(report: Report, words: Words, pages: Pages, now: datetime, base: str = "") -> str:
    """`base`: where the console is found, for links; without, numbers are only numbers."""
    style = (FOLDER / "templates" / "reports" / "paper.css").read_text(encoding="utf-8")
    template = pages.environment.get_template("reports/paper.html")
    made = report.made.astimezone(pages.zone)
    return template.render(
        lang=words.language,
        style=Markup(style),  # noqa: S704  # a file of ours
        title=words.say(report.scope.period.length),
        whose=words.whose(report),
        period=words.period(report.scope.period),
        made=words.say("made", moment=f"{made:%d.%m.%Y %H:%M}"),
        unsettled=None if report.settled or "calls" not in report.rooms else words.say("unsettled"),
        nothing=words.say("nothing"),
        rooms=list(shown(report, words, base)),
        linked=bool(base),
    )


async def pdf_of(html: str) -> bytes:
    """Raises `no_paper`, saying what to install."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "reports.printing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            made, said = await process.communicate(html.encode())
    except TimeoutError:
        raise _cannot(f"it took longer than {SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == MISSING:
        raise missing()
    if process.returncode or not made.startswith(b"%PDF"):
        lines = said.decode(errors="replace").strip().splitlines()
        raise _cannot(lines[-1] if lines else f"its process ended with status {process.returncode}")
    return made


def missing() -> NoPaper:
    names = " ".join(PACKAGES)
    return NoPaper(
        f"PDF needs system packages that are not here: apt-get install {names}, or run ./alo185 reports prepare.",
        "no_paper",
        f"PDF için sistem paketleri eksik: apt-get install {names} ya da ./alo185 reports prepare çalıştırın.",
    )


def _cannot(why: str) -> NoPaper:
    return NoPaper(f"The PDF could not be made ({why}).", "paper_failed", f"PDF hazırlanamadı ({why}).")
