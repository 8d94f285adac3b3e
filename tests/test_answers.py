"""What an existing dialplan is told over `CURL()` without handing its call over."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from callflows.scripted import VirtualClock
from callflows.speech import answer
from callflows.wording import Wording
from ivr.answers import answers_router
from outages.board import Board
from prompts.prompt import Language, Prompt
from prompts.rendering import Rendered
from tests.hotline_world import CALLER, CATALOGUE, NOON, YENI, TestDesk, board, fault


def desk() -> TestDesk:
    return TestDesk(VirtualClock(NOON), board(fault()), remembered={CALLER: YENI})


class Files:
    """Every prompt has a file named after its key, except those that are missing."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def find(self, prompt: Prompt) -> Rendered | None:
        return None if prompt.key in self.missing else Rendered(Path("/prompts") / prompt.key, 1.0)


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def web(files: Files) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(answers_router(desk(), files))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/dialplan") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"caller": "05321234567"}, "off"),
        ({"area": "102"}, "on"),
        ({"area": "101", "caller": "anonymous"}, "off"),
        ({"caller": "05329999999"}, "unknown"),
        ({"caller": "anonymous"}, "unknown"),
        ({"area": "99999"}, "unknown"),
        ({}, "unknown"),
    ],
    ids=str,
)
async def test_whether_the_water_is_off(web: httpx.AsyncClient, query: dict[str, str], told: str) -> None:
    answer = await web.get("/outage", params=query)
    assert answer.text == told
    assert answer.headers["content-type"].startswith("text/plain")


async def test_the_announcement_is_what_the_hotline_says_as_files_for_playback(web: httpx.AsyncClient) -> None:
    here = desk().board
    said = answer(here, here.areas[YENI], NOON, Wording(CATALOGUE, "tr"))
    told = (await web.get("/announcement", params={"caller": "05321234567"})).text
    assert told == "&".join(f"/prompts/{prompt.key}" for prompt in said)


def test_what_was_said_a_moment_ago_is_never_said_too_long() -> None:
    minute = timedelta(minutes=1)
    until = board(fault(expected_end=NOON + minute))
    area = until.areas[YENI]

    def told(of: Board, at: datetime, language: Language = "tr") -> set[str]:
        return {prompt.key for prompt in answer(of, area, at, Wording(CATALOGUE, language))}

    assert told(until, NOON) == told(until, NOON + minute - timedelta.resolution) >= {"outage.until"}
    assert told(until, NOON + minute) >= {"outage.late"}
    assert told(until, NOON, "en") > {"outage.until", "area.district"}
    assert told(board(), NOON) >= {"outage.none"}
    assert told(until, NOON) >= {"outage.until"}
    answer(until, area, NOON, Wording(CATALOGUE, "tr")).clear()
    assert told(until, NOON) >= {"outage.until"}


async def test_half_an_announcement_is_never_told(web: httpx.AsyncClient, files: Files) -> None:
    files.missing = {"outage.until"}
    assert (await web.get("/announcement", params={"caller": "05321234567"})).text == ""


async def test_another_machine_learns_nothing_about_a_caller(files: Files) -> None:
    app = FastAPI()
    app.include_router(answers_router(desk(), files))  # type: ignore[arg-type]
    elsewhere = httpx.ASGITransport(app, client=("192.0.2.1", 4711))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://test/dialplan") as web:
        assert (await web.get("/outage", params={"caller": "05321234567"})).text == "unknown"
        assert (await web.get("/outage", params={"area": "101"})).text == "off"


async def test_a_language_that_is_not_spoken_is_refused(web: httpx.AsyncClient) -> None:
    assert (await web.get("/announcement", params={"area": "101", "language": "xx"})).status_code == 422
