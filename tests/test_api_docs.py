"""`/docs` and the libraries of the pages: from here alone, and never a reason not to start."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from ivr.api_docs import document_rest
from ivr.installation import fetch_libraries
from web.assets import Assets
from web.headers import PAGE_POLICY
from web.pages import Pages
from web.vendor import VendorUnavailable


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    pages = Pages([], ZoneInfo("Europe/Istanbul"), Assets())
    document_rest(app, pages, lambda: datetime(2026, 11, 25, tzinfo=UTC))
    app.routes.append(pages.assets.route)
    return app


async def test_the_documentation_needs_no_other_host_and_no_inline_script(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://alo185.test") as browser:
        page = await browser.get("/docs")
        assert page.headers["Content-Security-Policy"] == PAGE_POLICY
        needed = re.findall(r'(?:src|href)="([^"]*)"', page.text)
        assert "/openapi.json" in needed
        for address in needed:
            assert not address or address.startswith("/"), address
            assert not address or (await browser.get(address)).status_code == 200, address
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page.text)
        assert (await browser.get("/redoc")).status_code == 404


async def test_a_start_without_npm_is_told_and_goes_on() -> None:
    said: list[str] = []

    def away() -> None:
        raise VendorUnavailable("The pages' libraries could not be fetched.")

    await fetch_libraries(said.append, built=lambda: False, build=away)
    assert said == ["fetching the pages' libraries", "The pages' libraries could not be fetched."]


async def test_what_is_there_is_not_fetched_again() -> None:
    said: list[str] = []
    await fetch_libraries(said.append, built=lambda: True, build=lambda: pytest.fail("fetched again"))
    assert said == []
