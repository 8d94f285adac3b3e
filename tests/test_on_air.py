"""Operators read what callers hear of an outage before it goes out, and what they heard of it in its past."""

from dataclasses import replace

from callflows.on_air import heard, hearers, spoken_text
from outages.life import OutageFacts
from tests.hotline_world import CATALOGUE, CUMHURIYET, FATIH_GEBZE, GEBZE, HOUR, NOON, YENI, board, dial, fault

FACTS = OutageFacts(
    "fault",
    "network_fault",
    {YENI: "Okul Cad.", FATIH_GEBZE: None},
    NOON - 2 * HOUR,
    NOON + 5 * HOUR,
    announcement_tr="Tankerler saat 15:00'te gelecek.",
)


async def test_what_is_shown_is_what_the_line_says() -> None:
    shown = spoken_text(FACTS, board(), NOON, CATALOGUE)
    on_air = board(
        fault(areas=(YENI, FATIH_GEBZE), streets={YENI: "Okul Cad."}, announcement={"tr": FACTS.announcement_tr})
    )
    said = " ".join((await dial("!", on_air, knows=YENI)).texts)
    assert shown
    assert shown in said
    assert "Okul Caddesi" in shown
    assert "on beşte" in shown


def test_each_area_hears_its_own_words() -> None:
    yeni, fatih = heard(FACTS, board(), NOON, CATALOGUE)
    assert (yeni.area.id, fatih.area.id) == (YENI, FATIH_GEBZE)
    assert "Okul Caddesi" in yeni.text
    assert "Okul Caddesi" not in fatih.text


def test_it_is_heard_in_english_too() -> None:
    text = spoken_text(FACTS, board(), NOON, CATALOGUE, "en")
    assert text
    assert "five" in text


def test_other_outages_do_not_mix_in() -> None:
    crowded = board(fault(7, (YENI,), cause="flood"))
    assert spoken_text(FACTS, crowded, NOON, CATALOGUE) == spoken_text(FACTS, board(), NOON, CATALOGUE)


def test_the_past_is_heard_as_of_its_hour() -> None:
    early = spoken_text(FACTS, board(), NOON - 1 * HOUR, CATALOGUE)
    late = spoken_text(FACTS, board(), NOON + 6 * HOUR, CATALOGUE)
    assert early != late


def test_an_area_that_was_merged_since_is_heard_as_what_it_became() -> None:
    merged = replace(board(), merged={999: CUMHURIYET})
    text = spoken_text(replace(FACTS, areas={999: None}), merged, NOON, CATALOGUE)
    assert text
    assert "Cumhuriyet" in text
    assert "kesinti" in text
    assert spoken_text(replace(FACTS, areas={12345: None}), merged, NOON, CATALOGUE) is None


def test_who_will_hear_it_is_told() -> None:
    assert [area.id for area in hearers(FACTS, board())] == [GEBZE, YENI, FATIH_GEBZE]
    wide = replace(FACTS, areas={GEBZE: None})
    assert {YENI, FATIH_GEBZE, CUMHURIYET, GEBZE} <= {area.id for area in hearers(wide, board())}
