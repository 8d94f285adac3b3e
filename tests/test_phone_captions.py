"""What a page shows of its call: the words as they are said, the keys with what they meant."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from calls.journal import Heard, Journal, Pressed
from ivr.phones.accounts import PhoneAccounts
from ivr.phones.captions import Captions, state
from ivr.phones.meaning import meaning, path
from tests.test_phones import FakeAsterisk

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
MENU = "Su kesintileri için bir, arıza bildirmek için iki, temsilci için sıfır."


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def said(*texts: str) -> list[Heard]:
    return [Heard(at(index), "menu.main", text) for index, text in enumerate(texts)]


def test_a_key_means_what_the_question_said_of_it() -> None:
    assert meaning(said(MENU), "1") == "Su kesintileri"
    assert meaning(said(MENU), "0") == "temsilci"
    assert meaning(said("Gebze", "için bir,", "İzmit", "için iki,"), "2") == "İzmit"
    assert meaning(said("For water outages press one, to report a fault press two."), "2") == "report a fault"
    assert meaning(said("Outages, one. Faults, two."), "1") == "Outages"
    assert (
        meaning(said("İlçenizin adının ilk üç harfini tuşlayın."), "432") == "İlçenizin adının ilk üç harfini tuşlayın."
    )
    assert meaning([], "1") == meaning(said(MENU), "*") == ""


def test_the_path_joins_what_was_typed_at_one_go_and_hides_what_is_private() -> None:
    journal = Journal("1", None, NOW, "ari", heard=[Heard(at(1), "menu.main", MENU), Heard(at(5), "a", "Üç harf?")])
    journal.pressed = [Pressed(at(3), "1"), Pressed(at(6), "4"), Pressed(at(7), "32")]
    assert [(step["keys"], step["means"]) for step in path(journal)] == [("1", "Su kesintileri"), ("432", "Üç harf?")]
    journal.heard.append(Heard(at(8), "number", "Numaranız?"))
    journal.pressed.append(Pressed(at(9), "5321234567", private=True))
    assert path(journal)[-1] == {"keys": "•" * 10, "means": ""}


def a_line(name: str, journal: Journal) -> SimpleNamespace:
    return SimpleNamespace(endpoint=name, journal=journal, told=lambda: journal)


async def test_a_page_is_told_of_its_own_call_as_it_goes_and_of_no_other() -> None:
    accounts = PhoneAccounts(FakeAsterisk(), lambda: NOW, at_most=5)
    mine, other = (accounts.create(None, "alo185-browser", timedelta(minutes=5)) for _ in range(2))
    captions = Captions(accounts, glance=0.001)
    stream = captions.stream(mine.name)
    assert '"stage": "none"' in await anext(stream)
    lines = {}
    for account in (mine, other):
        journal = Journal("1", None, NOW, "ari", heard=[Heard(at(1), "welcome", f"for {account.name}")])
        lines[account.name] = a_line(account.name, journal)
        captions.shown(lines[account.name])  # type: ignore[arg-type]
    first = await anext(stream)
    assert f"for {mine.name}" in first
    assert other.name not in first
    lines[mine.name].journal.heard.append(Heard(at(2), "menu.main", MENU))
    assert MENU in await anext(stream)
    await accounts.remove(mine.name)
    assert [piece async for piece in stream] == []


async def test_words_that_begin_by_the_clock_alone_are_shown_while_they_sound() -> None:
    accounts = PhoneAccounts(FakeAsterisk(), lambda: NOW, at_most=5)
    mine = accounts.create(None, "alo185-browser", timedelta(minutes=5))
    captions = Captions(accounts, glance=0.001)
    journal, sounds = Journal("1", None, NOW, "ari"), iter(said(MENU, "Gebze", "için bir,"))
    line = a_line(mine.name, journal)

    def told() -> Journal:
        journal.heard += [heard for heard in [next(sounds, None)] if heard]
        return journal

    line.told = told
    captions.shown(line)  # type: ignore[arg-type]
    stream = captions.stream(mine.name)
    for words in (MENU, "Gebze", "için bir,"):
        assert words in await anext(stream)


def test_phones_that_are_no_visitors_are_shown_to_nobody() -> None:
    captions = Captions(PhoneAccounts(FakeAsterisk(), lambda: NOW, at_most=5))
    line = SimpleNamespace(endpoint="alo185-trunk", journal=Journal("1", None, NOW, "ari"))
    captions.shown(line)  # type: ignore[arg-type]
    assert captions._pages == {}
    assert state(None)["lines"] == []
