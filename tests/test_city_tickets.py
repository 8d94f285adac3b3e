"""Citizens see where their ticket is and nobody else's; a unit accepts by a link that programs may open for nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from city.opening import FOLDER
from city.ticket_pages import TicketPages
from storage.database import Database
from tests.shared_pages import pages_of
from tests.ticket_world import SECRET, TicketWorld, ticket_world
from tickets.files import Files
from tickets.life import State
from tickets.parts import TicketParts


@pytest.fixture
async def world(db: Database) -> TicketWorld:
    return await ticket_world(db)


@pytest.fixture
async def web(world: TicketWorld, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    pages = pages_of(FOLDER)
    parts = TicketParts(world.teller, Files(tmp_path), SECRET)
    app = FastAPI()
    app.include_router(TicketPages(world.db, world.clock, pages, parts).router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_a_citizen_sees_the_state_and_nothing_personal(world: TicketWorld, web: httpx.AsyncClient) -> None:
    number = await world.report(told="Ali Kaya, Bağ Sk.", address="Bağ Sk. 3")
    assert "Kayıt numarası" in (await web.get("/durum")).text
    page = await web.post("/durum", data={"number": number.replace("-", " "), "digits": "67"})
    assert page.status_code == 200
    assert "Bildiriminiz alındı" in page.text
    assert not any(word in page.text for word in ("Ali", "Bağ", "532", "Yeni Mahalle"))
    english = await web.post("/en/durum", data={"number": number, "digits": "67"})
    assert "We have your report" in english.text
    assert page.headers["cache-control"] == "no-store"


async def test_every_state_has_words_in_both_languages(world: TicketWorld, web: httpx.AsyncClient) -> None:
    pages = pages_of(FOLDER)
    assert pages.texts.problems() == []
    assert all(pages.has(f"ticket.state_{state}") for state in State)


@pytest.mark.parametrize(
    ("number", "digits"), [("26-000001", "68"), ("26-999999", "67"), ("", ""), ("<b>", "67"), ("26-000001", "0" * 999)]
)
async def test_whatever_is_wrong_the_answer_is_the_same(
    world: TicketWorld, web: httpx.AsyncClient, number: str, digits: str
) -> None:
    await world.report()
    page = await web.post("/durum", data={"number": number, "digits": digits})
    assert page.status_code == 404
    assert "Bu numara ve rakamlarla bir kayıt yok" in page.text
    assert "<b>" not in page.text.split("<form")[1]


async def test_guessing_ends_in_waiting(world: TicketWorld, web: httpx.AsyncClient) -> None:
    await world.report()
    for digits in range(7):
        page = await web.post("/durum", data={"number": "26-000001", "digits": f"{digits:02}"})
    assert page.status_code == 429
    assert "Çok denediniz" in page.text


async def test_a_link_accepts_by_a_button_and_once(world: TicketWorld, web: httpx.AsyncClient) -> None:
    number = await world.report()
    await world.watch.turn()
    (mail,) = await world.mails()
    link = mail.body.split("https://185.example.org")[1].split()[0]
    for _ in range(2):  # whatever opens links in mail
        assert number in (await web.get(link)).text
    assert (await world.ticket(number)).state is State.sent
    secret = {"t": link.split("?t=")[1]}
    foreign = await web.post("/onay", data=secret, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "kabul edildi" in (await web.post("/onay", data=secret)).text
    assert (await world.ticket(number)).state is State.accepted
    assert (await web.post("/onay", data=secret)).status_code == 409
    assert (await web.get(link)).status_code == 409
    assert (await web.get("/onay", params={"t": "guessed"})).status_code == 404
    assert (await web.post("/en/onay", data={"t": "x" * 500})).status_code == 404
