"""A report on paper: A4, all figures, both languages, nothing fetched; and what is said where it cannot be made."""

import random
import re
import socket
import subprocess
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from calls.journal import Outcome as CallOutcome
from dialling.kinds import Outcome, Verdict, Why
from ivr import doctor
from ivr.settings import Settings
from outages.life import Cause
from reports.drawing import draw, nice_step
from reports.errors import ReportError
from reports.figures import Cell, Line, Report, Scope, Table
from reports.making import make
from reports.paper import FOLDER, MISSING, ROOT, html_of, missing, pdf_of
from reports.sheets import as_csv
from reports.view import shown
from reports.words import Words
from storage.database import Database
from tests.report_world import MADE, OCTOBER, edges, many, report_world
from tests.shared_pages import catalogue, pages_of
from web.texts import LANGUAGES, Language

PAGES = pages_of(FOLDER)
A4 = (210.0, 297.0)
MM = 25.4 / 96
REASONS = sorted(
    {
        reason
        for file in (ROOT / "callflows").glob("*.py")
        for found in re.findall(r'WantsPerson\(\s*(?:"(\w+)" if \w+ else )?"(\w+)"', file.read_text())
        for reason in found
        if reason
    }
)
"""Why flows connect somebody to a person."""


@pytest.fixture
async def report(db: Database) -> Report:
    world = await report_world(db)
    edges(world)
    many(world)
    await world.keep()
    async with db.reading() as session:
        return await make(session, Scope(OCTOBER), MADE)


@cache
def on_paper(page: str) -> Any:
    """Laid out once: both databases tell the same figures."""
    from weasyprint import HTML  # here: all processes read this file, and one of them prints

    return HTML(string=page).render()


def words(language: Language) -> Words:
    return Words(PAGES.texts, language, catalogue())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_figure_stands_on_paper(report: Report, language: Language) -> None:
    page = html_of(report, words(language), PAGES, MADE, "https://185.example.org")
    told = re.sub(r"<[^>]*>", " ", page)
    for room in shown(report, words(language)):
        for table in (room.summary, *room.tables):
            assert table is room.summary or table.title in told
            for line in table.lines:
                for cell in line.cells:
                    assert cell.text in told, (table.key, line.label)
    opened = set(re.findall(r'href="(https://185\.example\.org/console/reports/rows[^"]+)"', page))
    assert len(opened) > 150


async def test_it_is_a4_and_as_many_pages_as_it_has_rooms_at_least(report: Report) -> None:
    document = on_paper(html_of(report, words("tr"), PAGES, MADE))
    assert 4 <= len(document.pages) <= 10
    for page in document.pages:
        assert (page.width * MM, page.height * MM) == pytest.approx(A4, abs=0.1)
    assert (await pdf_of(html_of(report, words("tr"), PAGES, MADE))).startswith(b"%PDF-")


async def test_names_are_no_markup(report: Report) -> None:
    hostile = Report(report.scope, "<script>alert(1)</script>", MADE, report.tables, settled=False)
    page = html_of(hostile, words("tr"), PAGES, MADE)
    assert "<script" not in page
    assert "24 saat geçmedi" in page
    assert as_csv(Report(report.scope, "=1+1", MADE, report.tables, settled=True), words("tr"))


def test_nothing_is_fetched_while_it_is_printed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(random.Random(185).randbytes(500_000))
    with socket.create_server(("127.0.0.1", 0)) as server:
        elsewhere = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        page = f'<p>Alo 185</p><img src="{elsewhere}"><link rel="attachment" href="file://{secret}">'
        done = subprocess.run(
            [sys.executable, "-m", "reports.printing"], input=page.encode(), capture_output=True, cwd=ROOT
        )
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has knocked
            server.accept()
    assert done.returncode == 0
    assert done.stdout.startswith(b"%PDF-")
    assert len(done.stdout) < 100_000


def test_without_pango_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import reports.printing as p; p.main()"
    done = subprocess.run([sys.executable, "-c", code], input=b"<p>", capture_output=True, cwd=ROOT)
    assert done.returncode == MISSING
    said = missing()
    assert isinstance(said, ReportError)
    assert "apt-get install libpango-1.0-0" in str(said)


@pytest.mark.parametrize(("highest", "step"), [(1, 1), (3, 1), (7, 2), (40, 10), (41, 20), (170, 50), (50_000, 20_000)])
def test_lines_across_a_chart_stand_at_round_numbers(highest: int, step: int) -> None:
    assert nice_step(highest) == step


@pytest.mark.parametrize(("language", "label"), [("tr", "200.000"), ("en", "200,000")])
def test_figures_beside_a_chart_are_written_like_all_others(language: Language, label: str) -> None:
    lines = tuple(Line(f"{hour}", (Cell(150_000 + hour),)) for hour in range(24))
    drawing = draw(Table("calls.by_hour", ("count",), lines, chart="columns"), words(language))
    assert drawing
    assert drawing.ticks[-1].label == label


async def test_a_month_on_paper_leaves_no_page_nearly_empty(report: Report) -> None:
    """A head of department leafs through it: what belongs together stands together, without white pages between."""
    document = on_paper(html_of(report, words("tr"), PAGES, MADE))
    for page in document.pages[:-1]:
        lowest = max(box.position_y + box.height for box in page._page_box.descendants() if box.element_tag == "tr")
        assert lowest > 0.5 * page.height


async def test_marks_are_as_long_as_their_figures(report: Report) -> None:
    table = report.table("tickets.by_category")
    drawing = draw(table, words("tr"))
    assert drawing
    values = [line.cells[0].value or 0 for line in table.lines]
    for value, mark in zip(values, drawing.marks, strict=True):
        assert mark.width / drawing.marks[0].width == pytest.approx(value / values[0], abs=0.01)


def test_whatever_can_be_counted_has_a_name_in_both_languages() -> None:
    """A word that a room gets later must get one here too."""
    rooms: dict[str, type[StrEnum] | list[str]] = {
        "line": CallOutcome,
        "cause": Cause,
        "verdict": Verdict,
        "outcome": Outcome,
        "why": Why,
        "reason": REASONS,
    }
    for room, kinds in rooms.items():
        for kind in kinds:
            assert PAGES.texts.known(f"figures.{room}.{kind}"), f"{room}.{kind}"
    assert PAGES.texts.problems() == []


async def test_the_doctor_tells_whether_pdf_can_be_made(tmp_path: Path) -> None:
    found = await doctor.reports(Settings(state=tmp_path))
    assert (found.ok, found.mend) == (True, "")
    assert doctor.reports in doctor.CHECKS
