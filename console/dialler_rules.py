"""Calling hours, patience and pace, as administrators change them while the service runs."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from console.office import Calling, Office, go, language_of
from console.routing import Administrator, TheOffice, part
from dialling.errors import DiallingError
from dialling.setting import Policy, RuleSetting, Typed, policy_of, set_rules, typed_of
from people.signin import Person
from web.texts import Language

DIALLER = "/console/dialler"
Field = Annotated[str, Form(max_length=100)]

api = part("/dialler/rules")


def typed(
    opens: Field = "",
    closes: Field = "",
    on_holidays: Field = "",
    attempts: Field = "",
    a_day: Field = "",
    spacing: Field = "",
    per_second: Field = "",
    at_once: Field = "",
    reserved: Field = "",
) -> Typed:
    return Typed(opens, closes, on_holidays == "true", attempts, a_day, spacing, per_second, at_once, reserved)


def default_of(calling: Calling) -> Policy:
    """What the settings file of this machine says."""
    return Policy(calling.rules, calling.lines, calling.per_second)


@api.get("")
async def rules(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _form(office, request, person)


@api.post("")
async def save(
    office: TheOffice, request: Request, person: Administrator, given: Annotated[Typed, Depends(typed)]
) -> Response:
    if office.calling is None:
        return go(DIALLER)
    try:
        async with office.db.session() as session:
            await RuleSetting(session, office.now, person.name, default_of(office.calling)).save(given)
            await session.commit()
    except DiallingError as refused:
        return await _form(office, request, person, given, refused)
    office.pulse.stale()
    return go(DIALLER, "dialler_rules_saved")


@api.post("/drop")
async def drop(office: TheOffice, person: Administrator) -> Response:
    if office.calling is None:
        return go(DIALLER)
    async with office.db.session() as session:
        await RuleSetting(session, office.now, person.name, default_of(office.calling)).drop()
        await session.commit()
    office.pulse.stale()
    return go(DIALLER, "dialler_rules_dropped")


async def _form(
    office: Office, request: Request, person: Person, given: Typed | None = None, refused: DiallingError | None = None
) -> Response:
    if office.calling is None:
        return go(DIALLER)
    default = default_of(office.calling)
    async with office.db.reading() as session:
        row, counts = await set_rules(session), await policy_of(session, default)
    values: dict[str, Any] = {
        "typed": given or _as_read(typed_of(counts), language_of(request, person)),
        "default": _as_read(typed_of(default), language_of(request, person)),
        "row": row,
        "bad": refused.code if refused else "",
        "said": office.said(request, refused, person) if refused else "",
        "channels": default.lines.channels,
    }
    status = 422 if refused else 200
    return office.page(request, person, "console/dialler_rules.html", status=status, **values)


def _as_read(typed: Typed, language: Language) -> Typed:
    """With the comma that Turkish readers write."""
    return replace(typed, per_second=typed.per_second.replace(".", ",")) if language == "tr" else typed
