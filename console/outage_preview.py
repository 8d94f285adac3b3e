"""Hear before you publish: the announcement as text and as sound, its length, and who hears it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from callflows.on_air import hearers
from callflows.preview import board_with, heard_from, moments
from calls.by_area import calls_from
from console.listening import address, total_seconds
from console.office import Office
from outages.board import NEXT, AreaView, Board
from outages.life import OutageFacts
from outages.text_check import seconds
from people.signin import Person
from prompts.prompt import LANGUAGES, Language, Prompt, as_text

LATELY = timedelta(hours=1)
SUBSCRIBERS_A_PERSON = 970_454 / 2_130_006
"""Of the utility and of its province, 2024; a first guess that operators correct."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One announcement in one language."""

    language: Language
    text: str
    listen: str
    """The query of its sound's address."""
    about: float
    """Seconds, estimated from the text."""
    exactly: float | None
    """Seconds of the rendered speech, once it is there."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    now: bool
    said: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What one form would put on air."""

    area: AreaView
    """From where the caller of the example calls."""
    moments: tuple[Moment, ...]
    told_from: datetime
    """When callers begin to hear of it."""
    areas: tuple[AreaView, ...]
    """The outage's own."""
    neighbourhoods: int
    """From which callers hear of it."""
    districts: tuple[AreaView, ...]
    """Whose callers hear of it when they ask for the whole district."""
    people: int
    calls: int
    """From there in the last hour."""


def spoken(office: Office, person: Person, prompts: Sequence[Prompt], language: Language) -> Spoken:
    return Spoken(
        language,
        as_text(prompts),
        address(person, prompts, office.now()),
        sum(seconds(prompt.text, prompt.language) for prompt in prompts),
        total_seconds(office.library, prompts),
    )


def said_from(office: Office, person: Person, board: Board, area: AreaView, at: datetime) -> tuple[Spoken, ...]:
    """What a caller from the area hears at that moment, in both languages."""
    return tuple(
        spoken(office, person, heard_from(board, area, at, office.catalogue, language).prompts, language)
        for language in LANGUAGES
    )


async def preview(
    office: Office, session: AsyncSession, person: Person, facts: OutageFacts, outage_id: int, from_area: int | None
) -> Preview | None:
    """None where none of the areas is known any more."""
    board, now = office.keeper.board, office.now()
    areas = [area for area_id in facts.areas if (area := board.area(area_id))]
    if not areas:
        return None
    area = next((each for each in areas if each.id == from_area), areas[0])
    heard = [
        Moment(at, at == now, said_from(office, person, board_with(board, facts, outage_id, at), area, at))
        for at in moments(facts, now)
    ]
    around = hearers(facts, board)
    calls = await calls_from(session, [each.id for each in around], now - LATELY)
    districts = tuple(each for each in around if each.district_id is None)
    return Preview(
        area,
        tuple(heard),
        facts.starts - NEXT,
        tuple(areas),
        len(around) - len(districts),
        districts,
        people(board, facts.areas),
        calls,
    )


def people(board: Board, area_ids: Iterable[int]) -> int:
    """Who lives there; a district counts once, with all of its people."""
    areas = [area for area_id in area_ids if (area := board.area(area_id))]
    districts = {area.id for area in areas if area.district_id is None}
    return sum(area.population or 0 for area in areas if area.district_id not in districts)


def likely_subscribers(population: int) -> int:
    """A round figure: it is an estimate, and is to look like one."""
    guess = population * SUBSCRIBERS_A_PERSON
    unit = 100 if guess >= 1000 else 10
    return round(guess / unit) * unit
