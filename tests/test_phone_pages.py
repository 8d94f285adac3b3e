"""Operators write the information pages of the phone menu, and callers hear them, at either pace."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from callflows.information import DIGITAL_PAGES, PAGES
from callflows.speech import page, prompts_for
from callflows.wording import Wording
from outages.errors import OutageError
from outages.phone_pages import KEYS, PhonePageService, present_pages
from outages.service import OutageService
from outages.snapshot import load_board, read_copy, write_copy
from storage.database import Database
from tests.hotline_world import CATALOGUE, NOON, board, dial
from tests.outage_world import START, Clock

BILL = "Faturanızı 7/24 internetten ödeyebilirsiniz."
HEARD = "Faturanızı yedi yirmi dört internetten ödeyebilirsiniz."


@pytest.fixture
async def pages(db: Database) -> AsyncIterator[PhonePageService]:
    async with db.session() as session:
        yield PhonePageService(session, Clock(), "ayse")


def test_the_pages_that_may_be_written_are_those_of_the_menu() -> None:
    assert set(KEYS) == {*PAGES.values(), *DIGITAL_PAGES.values()}


async def test_what_was_written_is_on_the_board_and_its_copy(pages: PhonePageService, tmp_path: object) -> None:
    before = (await load_board(pages.session, START)).version
    await pages.change_page("info.bill", "tr", f"  {BILL} ")
    await pages.change_page("info.bill", "en", "Pay online.")
    board = await load_board(pages.session, START)
    assert board.pages == {"info.bill": {"tr": BILL, "en": "Pay online."}}
    assert board.version > before
    file = tmp_path / "board.json"  # type: ignore[operator]
    write_copy(board, file)
    assert read_copy(file) == board


async def test_every_writing_is_kept_and_the_shipped_text_comes_back(pages: PhonePageService) -> None:
    await pages.change_page("info.bill", "tr", BILL)
    await pages.change_page("info.bill", "tr", "Fatura ödeme noktaları değişti.")
    await pages.change_page("info.bill", "tr", "Fatura ödeme noktaları değişti.")
    await pages.change_page("info.bill", "tr", None)
    history = await pages.history("info.bill", "tr")
    assert [(p.revision, p.text, p.who) for p in history] == [
        (3, None, "ayse"),
        (2, "Fatura ödeme noktaları değişti.", "ayse"),
        (1, BILL, "ayse"),
    ]
    assert await present_pages(pages.session) == {}


@pytest.mark.parametrize(
    ("key", "language", "text", "revision", "code"),
    [
        ("menu.main", "tr", "Merhaba", None, "unknown_page"),
        ("info.bill", "de", "Hallo", None, "unknown_page"),
        ("info.bill", "tr", "  ", None, "empty_page"),
        ("info.bill", "tr", "su " * 200, None, "text_too_long"),
        ("info.bill", "tr", "https://isu.gov.tr/fatura", None, "web_address"),
        ("info.bill", "tr", "Merhaba", 4, "revision_conflict"),
    ],
)
async def test_what_cannot_be_is_refused(
    pages: PhonePageService, key: str, language: str, text: str, revision: int | None, code: str
) -> None:
    with pytest.raises(OutageError) as refused:
        await pages.change_page(key, language, text, revision)  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_two_writers_do_not_overwrite_each_other(pages: PhonePageService) -> None:
    await pages.change_page("info.bill", "tr", BILL, 0)
    with pytest.raises(OutageError) as refused:
        await pages.change_page("info.bill", "tr", "Başka bir metin.", 0)
    assert refused.value.code == "revision_conflict"


async def test_callers_hear_the_page_that_was_written() -> None:
    written = replace(board(), pages={"info.bill": {"tr": BILL}})
    line = await dial("3 1 !", written)
    assert HEARD in line.texts
    assert HEARD not in (await dial("3 1 !", board())).texts


async def test_the_other_language_keeps_what_ships() -> None:
    written = replace(board(), pages={"info.bill": {"tr": BILL}})
    assert page(written, "info.bill", Wording(CATALOGUE, "en")) == CATALOGUE.phrase("info.bill", "en")


def test_written_pages_are_made_before_the_board_is_served() -> None:
    written = replace(board(), pages={"info.bill": {"tr": BILL, "en": "Pay at 5 p.m."}})
    ready = {prompt.digest for prompt in prompts_for(written, NOON, CATALOGUE)}
    for language in ("tr", "en"):
        assert page(written, "info.bill", Wording(CATALOGUE, language)).digest in ready  # type: ignore[arg-type]


async def test_outages_of_the_same_session_are_untouched(pages: PhonePageService) -> None:
    await pages.change_page("info.bill", "tr", BILL)
    assert list(await OutageService(pages.session, Clock(), "ayse").due()) == []
