"""Write an outage in under half a minute: one page for a new one and for changing one."""

from typing import Annotated

from fastapi import Query, Request, Response

from console.office import Office, go, language_of
from console.outage_conflict import conflict_page
from console.outage_editing import Editing, starting_point
from console.outage_form import end_of, typed
from console.outage_page import OutageId
from console.outage_saving import Do, save
from console.routing import Operator, TheOffice, Viewer, part
from outages.errors import OutageError
from outages.schemas import MOST_ID
from outages.typing_ahead import suggest
from people.errors import NotAllowed
from people.signin import Person

AnId = Annotated[int | None, Query(ge=1, le=MOST_ID)]
Ids = Annotated[list[Annotated[int, Query(ge=1, le=MOST_ID)]] | None, Query(max_length=200)]

api = part("/outages")


@api.get("/areas")
async def areas(
    office: TheOffice, request: Request, person: Viewer, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The list under the field in which the name of an area is being typed."""
    found = suggest(office.keeper.board, q) if q.strip() else []
    return office.page(request, person, "console/areas.html", found=found, q=q)


@api.get("/new")
async def new(
    office: TheOffice, request: Request, person: Operator, template: AnId = None, copy: AnId = None, area: Ids = None
) -> Response:
    """Empty, from a template, from an earlier outage, or with areas given."""
    given = await starting_point(office, person, language_of(request, person), template, copy, area or [])
    return await Editing(office, request, person, given).page()


@api.get("/{outage_id}/edit")
async def edit(office: TheOffice, request: Request, person: Operator, outage_id: OutageId, add: Ids = None) -> Response:
    """`add`: areas that it is to cover too."""
    editing = await Editing.of(office, request, person, outage_id, add or [])
    return await editing.page()


@api.post("/preview")
async def preview(office: TheOffice, request: Request, person: Operator, outage: AnId = None) -> Response:
    """What the form would put on air, and what is to say about its fields, while it is being typed."""
    editing = Editing(office, request, person, typed(await request.form()), outage)
    return await editing.page("console/outage_preview.html")


@api.post("/new")
async def write(office: TheOffice, request: Request, person: Operator) -> Response:
    return await _take(office, request, person, None)


@api.post("/{outage_id}/edit")
async def rewrite(office: TheOffice, request: Request, person: Operator, outage_id: OutageId) -> Response:
    return await _take(office, request, person, outage_id)


async def _take(office: Office, request: Request, person: Person, outage_id: int | None) -> Response:
    """Saved, and on to the outage's page; or the form again with everything that was typed."""
    form = await request.form()
    given = typed(form)
    wish = form.get("do")
    do = Do(wish) if isinstance(wish, str) and wish in Do.__members__ else Do.preview
    editing = Editing(office, request, person, given, outage_id)
    read = await editing.read()
    if do is Do.preview or read.facts is None:
        return await editing.page(status=200 if do is Do.preview else 422)
    if await editing.untold_overlaps():
        return await editing.page(status=409)
    if do is Do.later:
        try:
            end_of(given.publish_at, office.now(), office.pages.zone)
        except OutageError as unclear:
            return await editing.page(status=422, refused=unclear, at="publish_at")
    try:
        async with office.db.session() as session:
            outage, done = await save(office, session, person, read.facts, given, outage_id, do)
            await session.commit()
            return go(f"/console/outages/{outage.id}", done)
    except OutageError as refused:
        if refused.code == "revision_conflict" and outage_id is not None:
            return await conflict_page(office, request, person, outage_id, given, read.facts, do)
        return await editing.page(status=422, refused=refused)
    except NotAllowed as refused:
        return await editing.page(status=403, refused=refused)
