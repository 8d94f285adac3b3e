"""Every place of a real city is found from the telephone's keys, and every one of them can be said."""

from datetime import timedelta
from pathlib import Path

import pytest

from callflows.asking_area import LETTERS, MORE_LETTERS, matching
from callflows.menus import LONGEST_NUMBER, NOT_LETTERS
from callflows.speech import MOST_NAMES, answer, area_prompts, prompts_for
from callflows.wording import Wording
from outages.board import AreaView, Board
from outages.gazetteer import load_city
from prompts.prompt import LANGUAGES
from tests.hotline_world import CATALOGUE, NOON, dial, fault


@pytest.fixture(scope="module")
def city(request: pytest.FixtureRequest) -> Board:
    """Kocaeli with one outage for every third place."""
    seeds = load_city("41", Path(request.config.cache.mkdir("areas")))  # type: ignore[union-attr]
    ids = {(seed.district, seed.name): id_ for id_, seed in enumerate(seeds, 1)}
    areas = {
        ids[s.district, s.name]: AreaView(
            ids[s.district, s.name],
            s.kind,
            s.name,
            s.spoken,
            ids[None, s.district] if s.district else None,
            s.keypad,
            s.number,
        )
        for s in seeds
    }
    off = [fault(id_, [id_], expected_end=NOON + timedelta(minutes=13 * id_)) for id_ in areas if id_ % 3 == 0]
    return Board(1, NOON, areas, tuple(off))


def candidates(areas: tuple[AreaView, ...], area: AreaView) -> list[AreaView]:
    """What is offered by name to a caller who types the letters of this place."""
    found = matching(areas, area.keypad[:LETTERS])
    if len(found) > MOST_NAMES:
        found = [other for other in found if other.keypad.startswith(area.keypad[: LETTERS + MORE_LETTERS])]
    return found


def test_letters_lead_to_every_place_and_what_is_offered_can_be_told_apart(city: Board) -> None:
    for area in city.areas.values():
        among = city.districts if area.district_id is None else city.within(area.district_id)
        offered = candidates(among, area)
        assert area in offered
        assert len(offered) <= MOST_NAMES
        assert len({other.spoken for other in offered}) == len(offered)
        assert not set(area.keypad) & NOT_LETTERS


def test_numbers_lead_to_every_place(city: Board) -> None:
    for area in city.areas.values():
        among = city.districts if area.district_id is None else city.within(area.district_id)
        typed = str(area.number)
        assert matching(among, typed)[0] is area
        assert len(typed) < LETTERS or (set(typed[:LETTERS]) & NOT_LETTERS and len(typed) <= LONGEST_NUMBER)


def test_every_answer_for_every_place_is_ready(city: Board) -> None:
    ready = {p.digest for p in (*CATALOGUE.statics(), *area_prompts(city), *prompts_for(city, NOON, CATALOGUE))}
    for language in LANGUAGES:
        wording = Wording(CATALOGUE, language)
        for area in city.areas.values():
            assert {prompt.digest for prompt in answer(city, area, NOON, wording)} <= ready


def test_nothing_that_is_said_holds_a_digit(city: Board) -> None:
    said = [*area_prompts(city), *prompts_for(city, NOON, CATALOGUE)]
    assert [prompt for prompt in said if any(character.isdigit() for character in prompt.text)] == []


async def test_a_caller_from_izmit_finds_home(city: Board) -> None:
    """Districts are affected everywhere, so letters are asked for; İzmit is 496."""
    line = await dial("1 496 1# !", city)
    assert "area.district_letters" in line.keys_said
    assert "İzmit ilçesi," in line.texts
