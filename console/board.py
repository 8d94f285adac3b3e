"""The board page: what is out now and next, where, for whom, and what needs an operator's eye."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse

from calls.demand import calls_by_outage
from console.doubts import Doubted, doubted
from console.map import Tile, shapes, tiles
from console.office import Office, language_of
from console.routing import TheOffice, Viewer, part
from outages.borders import borders_of
from outages.models import Area, Outage
from outages.overview import Overview, Row, overview
from outages.schemas import MOST_ID
from people.signin import Person
from storage.database import Database
from web.texts import Language

HOUR = timedelta(hours=1)
MOST_CARDS = 60
"""Of one list; the rest is behind a link, since nobody reads five hundred."""
MOST_PLACES = 6

District = Annotated[int | None, Query(ge=1, le=MOST_ID)]


@dataclass(frozen=True, slots=True)
class Place:
    """A district with the neighbourhoods that are named in an outage; none: all of it."""

    district: str
    areas: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Card:
    """An outage as the board shows it."""

    row: Row
    cause: str
    places: tuple[Place, ...]
    calls: int

    @property
    def outage(self) -> Outage:
        return self.row.outage


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything on the page that moves."""

    now: Sequence[Card]
    next: Sequence[Card]
    drafts: Sequence[Card]
    affected: int
    late: int
    calls: int
    tiles: Sequence[Tile]
    bordered: bool
    doubts: Sequence[Doubted]
    district: str | None


api = part()


@api.get("")
async def board(
    office: TheOffice, request: Request, person: Viewer, district: District = None, all: bool = False
) -> Response:
    return await _shown(office, request, person, "console/board.html", district, all)


@api.get("/board")
async def moving(
    office: TheOffice, request: Request, person: Viewer, district: District = None, all: bool = False
) -> Response:
    """The part of the page that changes, for a page that was told of a change."""
    return await _shown(office, request, person, "console/board_moving.html", district, all)


@api.get("/map.geojson")
async def map_(office: TheOffice, request: Request, person: Viewer) -> Response:
    language = language_of(request, person)
    districts = tiles(office.keeper.board, office.now(), office.tiles)
    async with office.db.reading() as session:
        borders = await borders_of(session)
    labels = {tile.district.id: _label(office, tile, language) for tile in districts}
    return JSONResponse(shapes(districts, borders, labels), media_type="application/geo+json")


async def _shown(
    office: Office, request: Request, person: Person, template: str, district: int | None, everything: bool
) -> Response:
    seen = await _seen(office, district, language_of(request, person))
    most = None if everything else MOST_CARDS
    return office.page(request, person, template, seen=seen, most=most, district_id=district)


async def _seen(office: Office, district_id: int | None, language: Language) -> Seen:
    now = office.now()
    async with office.db.reading() as session:
        held = await overview(session, now)
        bordered = bool(await borders_of(session))
    calls = await _calls(office.db, now - HOUR)
    district = held.areas.get(district_id or 0)

    def cards(rows: Sequence[Row]) -> list[Card]:
        return [
            _card(office, row, held.areas, calls, language)
            for row in rows
            if district is None or _touches(row.outage, district.id, held.areas)
        ]

    return Seen(
        now=cards(held.now),
        next=cards(held.next),
        drafts=cards(held.drafts),
        affected=_affected(held),
        late=sum(row.late for row in held.now),
        calls=sum(calls.values()),
        tiles=tiles(office.keeper.board, now, office.tiles),
        bordered=bordered,
        doubts=await doubted(office),
        district=district.name if district else None,
    )


async def _calls(db: Database, since: datetime) -> dict[int, int]:
    async with db.reading() as session:
        return await calls_by_outage(session, since)


def _affected(held: Overview) -> int:
    """People without water now; those of two outages count twice, as nobody knows better."""
    return sum(row.affected for row in held.now)


def _touches(outage: Outage, district_id: int, areas: Mapping[int, Area]) -> bool:
    return any(district_id in (place.area_id, areas[place.area_id].district_id) for place in outage.places)


def _card(office: Office, row: Row, areas: Mapping[int, Area], calls: Mapping[int, int], language: Language) -> Card:
    cause = office.catalogue.phrase(f"cause.{row.outage.cause}", language).text
    return Card(row, cause, _places(row.outage, areas), calls.get(row.outage.id, 0))


def _places(outage: Outage, areas: Mapping[int, Area]) -> tuple[Place, ...]:
    named = [areas[place.area_id] for place in outage.places]
    whole = {area.id for area in named if area.district_id is None}
    inside: dict[int, list[str]] = {district: [] for district in whole}
    for area in named:
        if area.district_id is not None and area.district_id not in whole:
            inside.setdefault(area.district_id, []).append(area.name)
    return tuple(
        Place(areas[district].name, tuple(names[:MOST_PLACES]), max(0, len(names) - MOST_PLACES))
        for district, names in inside.items()
    )


def _label(office: Office, tile: Tile, language: Language) -> str:
    return office.pages.texts.say("board.tile", language, place=tile.district.name, now=tile.now, next=tile.next)
