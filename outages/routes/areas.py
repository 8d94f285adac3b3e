"""Districts, neighbourhoods and industrial zones, by name, number, or what is typed of them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from outages import areas as area_names
from outages import repository, schemas
from outages.board import AreaKind
from outages.desk_schemas import SuggestionOut
from outages.models import Area
from outages.routes.common import Now, known_area, plain_router
from outages.snapshot import load_areas
from outages.typing_ahead import MOST, Suggestion, suggest
from storage.database import Database


def area_routes(db: Database, now: Now) -> APIRouter:
    api = plain_router("areas", "/areas")

    @api.get("")
    async def list_areas(
        name: Annotated[str | None, Query(max_length=120, description='"sirinevler" finds "Şirinevler".')] = None,
        district_id: schemas.Id | None = None,
        kind: AreaKind | None = None,
    ) -> list[schemas.AreaOut]:
        """Districts, neighbourhoods and industrial zones, by number; with `name` the best match first."""
        async with db.reading() as session:
            found: Sequence[Area]
            if name is not None:
                found = await area_names.search(session, name, limit=500)
                found = [a for a in found if district_id in (None, a.district_id) and kind in (None, a.kind)]
            else:
                found = await repository.areas(session, district_id=district_id, kind=kind)
        return [schemas.AreaOut.model_validate(area) for area in found]

    @api.get("/suggest")
    async def suggest_areas(
        text: Annotated[str, Query(max_length=120, description='"gebze yeni", "yeni gebze", "geb bar".')],
        limit: Annotated[int, Query(ge=1, le=50)] = MOST,
    ) -> list[SuggestionOut]:
        """What somebody means who is still typing, best first."""
        async with db.reading() as session:
            known = await load_areas(session, now())
        return [_shown(suggestion) for suggestion in suggest(known, text, limit)]

    @api.get("/{area_id}")
    async def get_area(area_id: schemas.Id) -> schemas.AreaOut:
        """One area, also one that was merged away."""
        async with db.reading() as session:
            return schemas.AreaOut.model_validate(await known_area(session, area_id))

    return api


def _shown(suggestion: Suggestion) -> SuggestionOut:
    area, district = suggestion.area, suggestion.district
    return SuggestionOut(
        id=area.id,
        kind=area.kind,
        name=area.name,
        district=district.name if district else None,
        label=suggestion.label,
        former=suggestion.former,
    )
