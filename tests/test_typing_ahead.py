"""Whoever types a place finds it, however they type it, among all places of a real city."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from outages.board import AreaView, Board
from outages.gazetteer import load_city
from outages.keys import folded
from outages.typing_ahead import MOST, suggest
from tests.outage_world import START

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def city(request: pytest.FixtureRequest) -> Board:
    """Kocaeli: 12 districts, 472 neighbourhoods and their industrial zones."""
    seeds = load_city("41", Path(request.config.cache.mkdir("areas")))  # type: ignore[union-attr]
    ids = {(seed.district, seed.name): id_ for id_, seed in enumerate(seeds, 1)}
    areas = [
        AreaView(
            ids[s.district, s.name],
            s.kind,
            s.name,
            s.spoken,
            ids[None, s.district] if s.district else None,
            s.keypad,
            s.number,
            s.population,
        )
        for s in seeds
    ]
    former = {ids[s.district, s.name]: (s.formerly,) for s in seeds if s.formerly}
    return Board(1, START, {area.id: area for area in areas}, (), former=former)


def labels(board: Board, text: str, limit: int = MOST) -> list[str]:
    return [each.label for each in suggest(board, text, limit)]


def shouted(text: str) -> str:
    return text.replace("i", "İ").replace("ı", "I").upper()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gebze yenik", "Gebze / Yenikent"),
        ("yenik gebze", "Gebze / Yenikent"),
        ("İZMİT yahya", "İzmit / Yahyakaptan"),
        ("cayirova", "Çayırova"),
        ("ÇAYIROVA", "Çayırova"),
        ("geb bar", "Gebze / Barış"),
        ("bar geb", "Gebze / Barış"),
        ("gbz barış", "Gebze / Barış"),
        ("gebze", "Gebze"),
        ("g", "Gebze"),
        ("Barış Mah. Gebze", "Gebze / Barış"),
        ("barış mahallesi gebze", "Gebze / Barış"),
        ("Gebze/Barış", "Gebze / Barış"),
        ("çayırova yeni mah", "Çayırova / Yeni Mahalle"),
        ("darıca yenimahalle", "Darıca / Yeni Mahalle"),
        ("m ali pasa", "İzmit / M. Ali Paşa"),
        ("mehmet ali", "İzmit / M. Ali Paşa"),
        ("17 agustos", "Körfez / 17 Ağustos"),
        ("on yedi ağustos", "Körfez / 17 Ağustos"),
        ("tosb", "Çayırova / TOSB Otomotiv OSB"),
        ("asim kibar", "İzmit / Asım Kibar OSB"),
        ("alikahya osb", "İzmit / Asım Kibar OSB"),
        ("gebze osb gebze", "Gebze / Gebze OSB"),
        ("kandira gida", "Kandıra / Kandıra Gıda OSB"),
    ],
)
def test_what_is_meant_comes_first(city: Board, typed: str, first: str) -> None:
    assert labels(city, typed)[:1] == [first]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cayirva", "Çayırova"),
        ("izmti yahy", "İzmit / Yahyakaptan"),
        ("gebze yeniketn", "Gebze / Yenikent"),
        ("yahyakpatan", "İzmit / Yahyakaptan"),
        ("yahyakapttan", "İzmit / Yahyakaptan"),
    ],
)
def test_one_wrong_letter_is_forgiven(city: Board, typed: str, meant: str) -> None:
    assert meant in labels(city, typed)


def test_mah_may_be_the_beginning_of_a_name_too(city: Board) -> None:
    assert labels(city, "basiskele mah")[:2] == ["Başiskele", "Başiskele / Mahmutpaşa"]


def test_short_words_with_a_wrong_letter_mean_nothing(city: Board) -> None:
    assert labels(city, "izx") == []


def test_names_with_a_wrong_letter_come_after_right_ones(city: Board) -> None:
    found = labels(city, "fatih", 50)
    right = [label for label in found if "fatih" in folded(label)]
    assert found[: len(right)] == right


def test_namesakes_are_told_apart_by_their_district(city: Board) -> None:
    found = labels(city, "fatih")
    assert len(set(found)) == len(found)
    assert {"Körfez / Fatih", "İzmit / Fatih"} <= set(found[:4])


def test_a_whole_district_is_followed_by_what_lies_in_it(city: Board) -> None:
    found = suggest(city, "gebze", 30)
    gebze = found[0].area
    assert gebze.kind == "district"
    assert sum(each.area.district_id == gebze.id for each in found[1:]) >= 25


def test_old_names_of_an_area_find_it_and_are_shown(city: Board) -> None:
    home = suggest(city, "gebze yenikent")[0].area
    renamed = replace(city, former={home.id: ("Eskikent",)})
    (found, *_) = suggest(renamed, "gebze eskik")
    assert (found.area, found.former) == (home, "Eskikent")
    assert suggest(renamed, "gebze yenikent")[0].former is None


def test_every_neighbourhood_is_found_first_by_its_full_name(city: Board) -> None:
    homes = [area for area in city.areas.values() if area.kind == "neighbourhood"]
    assert len(homes) == 472
    for home in homes:
        full = f"{city.district_of(home).name} {home.name}"
        for typed in (folded(full), shouted(full), f"{home.name} {city.district_of(home).name}"):
            assert suggest(city, typed)[0].area == home, typed


def test_three_letters_and_the_district_are_enough(city: Board) -> None:
    for home in city.areas.values():
        if home.district_id is not None:
            typed = f"{folded(city.district_of(home).name)} {folded(home.name)[:3]}"
            assert home in [each.area for each in suggest(city, typed)], typed


@pytest.mark.parametrize("typed", ["", " ", "!!!", "'", "%_", "x" * 5000, "a " * 2000, "\0", "🚰"])
def test_nonsense_finds_nothing_and_breaks_nothing(city: Board, typed: str) -> None:
    assert len(suggest(city, typed)) <= MOST


def test_it_keeps_up_with_the_keyboard(city: Board) -> None:
    assert city.index
    took = []
    for home in list(city.areas.values())[::5]:
        typed = f"{folded(city.district_of(home).name)} {folded(home.name)}"
        for length in range(1, len(typed) + 1):
            began = time.thread_time()
            suggest(city, typed[:length])
            took.append(time.thread_time() - began)
    assert sorted(took)[int(len(took) * 0.95)] < 0.005
