"""The call-back desk: citizens who are to be asked whether their report is solved, and what became of asking them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Query, Request, Response

from agents.promises import promised
from console.call_back_rows import Group, Listed, Mark, Row, rows, rows_of
from console.desk_parts import shown_number
from console.office import Office, language_of
from console.pulse import WITH_CITIZEN
from console.routing import TheOffice, Viewer, part
from console.ticket_words import names
from console.tickets import Asked, asked_of, caller_of, place_of, wanted_of
from dialling.kinds import Outcome, State
from dialling.models import CallAttempt
from dialling.places import Kept, on_the_desk
from people.roles import Role
from people.signin import Person
from tickets import search
from tickets.life import UNASKED

DESK = "/console/calls-back"
BY_PERSON = tuple(outcome for outcome in Outcome if outcome is not Outcome.unknown)
"""What may come of a call that a person makes."""

Wish: TypeAlias = Annotated[Asked, Depends(asked_of)]
After: TypeAlias = Annotated[str, Query(max_length=60)]
"""Where the page begins, as the page before it said."""

api = part("/calls-back")


@api.get("")
async def desk(office: TheOffice, request: Request, person: Viewer, asked: Wish, after: After = "") -> Response:
    return await _shown(office, request, person, asked, after, "console/call_backs.html")


@api.get("/moving")
async def moving(office: TheOffice, request: Request, person: Viewer, asked: Wish, after: After = "") -> Response:
    """The part of the page that changes, for a page that was told of a change."""
    return await _shown(office, request, person, asked, after, "console/call_backs_moving.html")


@api.get("/{number}")
async def one(office: TheOffice, request: Request, person: Viewer, number: str) -> Response:
    return await call_back_page(office, request, person, number)


async def _shown(office: Office, request: Request, person: Person, asked: Asked, after: str, template: str) -> Response:
    asked = replace(asked, caller="", state="", before=None)
    wanted, wrong = wanted_of(office, request, person, asked)
    fitting = search.fitting(replace(wanted, open_only=False), office.tickets.secret) if wanted else ()
    async with office.db.reading() as session:
        listed = await rows(session, office.now(), Mark.read(after), fitting) if wanted else Listed([], 0, None)
        first = not after and not asked.query()
        promises = await promised(session) if first else []
        places = await on_the_desk(session, office.now()) if first else []
        units = await office.tickets.setup(session, person.name).units()
    groups = [(group, [row for row in listed.rows if row.group is group]) for group in Group]
    values: dict[str, Any] = {"groups": [(group, mine) for group, mine in groups if mine], "listed": listed}
    values |= {"promises": promises, "places": _by_fate(places), "can_call": person.role.allows(Role.operator)}
    values |= {"asked": asked, "units": {unit.id: unit.name for unit in units}, "after": after, "wrong": wrong}
    values |= {"moving": f"{DESK}/moving{asked.query(after=after)}"}
    values |= {"more": f"{DESK}{asked.query(after=listed.next)}" if listed.next else None}
    values["number_of"] = lambda number: shown_number(person, number)
    status = 422 if wrong else 200
    return office.page(request, person, template, status=status, **values, **_words(office, request, person))


def _by_fate(places: Sequence[Kept]) -> list[tuple[str, list[Kept]]]:
    """Those who were not reached when their turn came, those whose turn comes, those whom somebody calls by hand."""
    groups: dict[str, list[Kept]] = {"places_missed": [], "places": [], "places_taken": []}
    for call, place in places:
        fate = "places_taken" if place.handled else "places_missed" if call.state == State.given_up else "places"
        groups[fate].append((call, place))
    return [(name, group) for name, group in groups.items() if group]


async def call_back_page(office: Office, request: Request, person: Person, number: str, **refused: Any) -> Response:
    """One ticket: the citizen's voice, every attempt, and what may be decided."""
    async with office.db.reading() as session:
        ticket = await office.tickets.handling(session, person.name).get(number)
        [row] = await rows_of(session, [ticket], office.now())
        history = await search.history(session, ticket)
    values = {
        "row": row,
        "ticket": ticket,
        "can_work": person.role.allows(Role.operator),
        "open": _open(row),
        "finish_note": next((note for event, note in reversed(history) if event.what == "finish" and note), None),
        "given": None,
        "outcomes": BY_PERSON,
        **refused,
    }
    return office.page(request, person, "console/call_back.html", **values, **_words(office, request, person))


def _open(row: Row) -> bool:
    """Whether there is still something to decide."""
    ticket = row.ticket
    return ticket.state in WITH_CITIZEN and ticket.merged_into is None and ticket.category not in UNASKED


def _words(office: Office, request: Request, person: Person) -> dict[str, Any]:
    return {
        "names": names(language_of(request, person)),
        "caller_of": caller_of(person),
        "place_of": lambda area_id: place_of(office, area_id),
        "heard_of": heard_of,
        "by_dialler": office.calling is not None,
    }


def heard_of(attempt: CallAttempt) -> list[tuple[float, str, bool]]:
    """What was said and pressed in the call, in order: seconds, words or keys, and whether the citizen pressed it."""
    heard = [(float(line[0]), str(line[2]), False) for line in json.loads(attempt.heard or "[]")]
    keys = [(float(line[0]), str(line[1]), True) for line in json.loads(attempt.keys or "[]")]
    return sorted([*heard, *keys], key=lambda line: line[0])
