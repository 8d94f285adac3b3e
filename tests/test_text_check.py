"""Free text goes on air only when callers can make sense of it, and its author sees beforehand what they hear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outages.errors import OutageError
from outages.text_check import Level, findings, refuse_unspeakable, seconds, spoken
from prompts.prompt import Language


def codes(text: str, language: Language = "tr", level: Level | None = None) -> list[str]:
    return [each.code for each in findings(text, language) if level in (None, each.level)]


@pytest.mark.parametrize(
    "text",
    ["Tankerler Cumhuriyet Parkı önünde bekliyor.", "Su yok. Bekleyin.", "", "  ", "Lale Sokağı ile Gül Caddesi"],
)
def test_plain_sentences_are_left_alone(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Lale Cad. No. 5 önünde", "Lale Caddesi numara beş önünde"),
        ("saat 14:30'da", "saat on dört buçukta"),
        ("0262 333 44 55", "sıfır iki yüz altmış iki, üç yüz otuz üç, kırk dört, elli beş"),
        ("5 km ileride 250 TL", "beş kilometre ileride iki yüz elli lira"),
    ],
)
def test_figures_and_known_abbreviations_are_shown_as_they_are_spoken(text: str, heard: str) -> None:
    (note,) = findings(text)
    assert (note.level, note.code, note.message_tr) == ("note", "spoken_as", f"Söylenişi: {heard}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("su " * 100, "text_too_long"),
        ("a\x07b", "bad_text"),
        ("a\u200bb", "bad_text"),
        ("https://isu.gov.tr/x?y=1 bakın", "web_address"),
        ("bilgi@isu.gov.tr", "web_address"),
        ("***", "nothing_to_say"),
    ],
)
def test_what_cannot_go_on_air_is_refused(text: str, code: str) -> None:
    assert code in codes(text, level="error")
    with pytest.raises(OutageError) as refused:
        refuse_unspeakable("text", text, "tr")
    assert refused.value.code == code
    assert refused.value.turkish


@pytest.mark.parametrize(
    ("text", "language", "code", "at"),
    [
        ("Parkta Fak. önünde", "tr", "unknown_abbreviation", 7),
        ("krş. önü", "tr", "unknown_abbreviation", 0),
        ("Eski DSK binası", "tr", "spelt_out", 5),
        ("TANKERLER PARKIN ÖNÜNDE", "tr", "all_capitals", 0),
        ("By the DSK building", "en", "unknown_abbreviation", 7),
    ],
)
def test_what_callers_might_not_understand_is_worth_another_look(
    text: str, language: Language, code: str, at: int
) -> None:
    (warning,) = [each for each in findings(text, language) if each.level == "warning"]
    assert (warning.code, warning.at) == (code, at)
    refuse_unspeakable("text", text, language)


def test_the_errors_come_first_and_are_said_in_both_languages() -> None:
    found = findings("Krş. önü " * 60)
    assert found[0].level == "error"
    assert all(each.message("tr") and each.message("en") and each.message("tr") != each.message("en") for each in found)


def test_longer_texts_take_longer() -> None:
    assert 0 < seconds("Su yok.") < seconds("Su yok, tankerler parkın önünde bekliyor.")
    assert seconds("25.11.2026") > seconds("25.11")


@given(st.text(max_size=200))
def test_any_text_is_judged_and_what_passes_can_be_said(text: str) -> None:
    if text.strip() and not any(each.level == "error" for each in findings(text)):
        heard = spoken(text)
        assert any(character.isalpha() for character in heard)
        assert not any(character.isdigit() for character in heard)
