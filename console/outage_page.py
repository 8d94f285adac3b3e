"""One outage: what it says, what is on air, what may be done with it, and all that was ever done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from calls.demand import calls_by_outage
from console.office import Office, language_of
from console.outage_history import steps
from console.outage_preview import Spoken, people, said_from
from console.outage_words import FIELDS, Words
from console.permissions import offered
from console.routing import TheOffice, Viewer, part
from outages import repository
from outages.board import AreaView
from outages.life import Life
from outages.models import Outage
from outages.schemas import MOST_ID
from people.called import full_names
from people.signin import Person

OutageId = Annotated[int, Path(ge=1, le=MOST_ID)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOWN = frozenset(FIELDS) - {"areas", "starts", "expected_end", "actual_end", "kind", "cause"}


@dataclass(frozen=True, slots=True)
class OnAir:
    """What a caller from one of its areas hears at this moment."""

    area: AreaView
    said: tuple[Spoken, ...]


api = part("/outages")


@api.get("/{outage_id}")
async def outage(
    office: TheOffice,
    request: Request,
    person: Viewer,
    outage_id: OutageId,
    area: Annotated[int | None, Query(ge=1, le=MOST_ID)] = None,
) -> Response:
    """`area`: the one from which the caller of what is on air calls."""
    return await outage_page(office, request, person, outage_id, area=area)


async def outage_page(
    office: Office,
    request: Request,
    person: Person,
    outage_id: int,
    *,
    area: int | None = None,
    status: int = 200,
    wrong: str | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """`typed`: what stood in the fields of an action that was refused."""
    now, words = office.now(), Words(office, language_of(request, person))
    async with office.db.reading() as session:
        outage = await repository.known(session, outage_id)
        revisions = await repository.revisions(session, outage_id)
        names = await full_names(session, [who for each in revisions for who in (each.who, each.on_behalf_of)])
        calls = {span: (await calls_by_outage(session, now - span)).get(outage_id, 0) for span in (HOUR, DAY)}
    offers = offered(person, outage, revisions[-1], now, review_planned=office.review_planned)
    values = {
        "outage": outage,
        "words": words,
        "steps": steps(words, revisions),
        "names": names,
        "on_air": _on_air(office, person, outage, area),
        "offers": offers,
        "undo_left": (offers.undo_until - now).total_seconds() if offers.undo_until else None,
        "calls": {"hour": calls[HOUR], "day": calls[DAY]},
        "people": people(office.keeper.board, [place.area_id for place in outage.places]),
        "facts": _facts(words, outage),
        "typed": typed or {},
        "board_ids": {view.id for view in office.keeper.board.outages},
        "late": outage.life is Life.active and outage.expected_end is not None and outage.expected_end <= now,
    }
    return office.page(request, person, "console/outage.html", status=status, wrong=wrong, **values)


def _facts(words: Words, outage: Outage) -> list[tuple[str, Any]]:
    """The optional ones that were given."""
    return [
        (name, words.value(name, value)) for name in FIELDS if name in SHOWN and (value := getattr(outage, name, None))
    ]


def _on_air(office: Office, person: Person, outage: Outage, wish: int | None) -> OnAir | None:
    """Out of the board that calls are served from; None while callers hear nothing of this outage."""
    board, now = office.keeper.board, office.now()
    view = next((each for each in board.outages if each.id == outage.id), None)
    if view is None:
        return None
    areas = [board.areas[i] for i in sorted(view.area_ids) if i in board.areas]
    told = {
        o.id for a in areas for o in (*board.current(a.id, now), *board.upcoming(a.id, now), *board.restored(a.id, now))
    }
    if not areas or outage.id not in told:
        return None
    area = next((each for each in areas if each.id == wish), areas[0])
    return OnAir(area, said_from(office, person, board, area, now))
