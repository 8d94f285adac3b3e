"""The dialler at a glance: what rings, what is due, what came of today's calls, and the emergency stop."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response

from console.dialler_rules import default_of
from console.office import Calling, Office, go, language_of
from console.routing import Operator, Publisher, TheOffice, part
from console.ticket_words import names
from dialling import overview
from dialling.kinds import Outcome, Why
from dialling.setting import Policy, policy_of, set_rules
from people.roles import Role
from people.signin import Person

DIALLER = "/console/dialler"
Note = Annotated[str, Form(max_length=300)]

api = part("/dialler")


@api.get("")
async def dialler(office: TheOffice, request: Request, person: Operator) -> Response:
    return await _shown(office, request, person, "console/dialler.html")


@api.get("/moving")
async def moving(office: TheOffice, request: Request, person: Operator) -> Response:
    """The part of the page that changes, for a page that was told of a change."""
    return await _shown(office, request, person, "console/dialler_moving.html")


@api.post("/stop")
async def stop(office: TheOffice, person: Operator, note: Note = "") -> Response:
    """Whoever sees that something is wrong stops it."""
    async with office.db.session() as session:
        await office.steering(session, person).stop(note)
        await session.commit()
    office.pulse.stale()
    return go(DIALLER, "dialler_stopped")


@api.post("/resume")
async def resume(office: TheOffice, person: Publisher) -> Response:
    async with office.db.session() as session:
        await office.steering(session, person).go_on()
        await session.commit()
    office.pulse.stale()
    return go(DIALLER, "dialler_resumed")


async def _shown(office: Office, request: Request, person: Person, template: str) -> Response:
    now = office.now()
    today = now.astimezone(office.pages.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    async with office.db.reading() as session:
        listed = await overview.on_the_list(session, now)
        counts = await overview.counts(session, today)
        running = await overview.running(session)
        policy = await policy_of(session, default_of(office.calling)) if office.calling else None
        changed = await set_rules(session)
    values: dict[str, Any] = {
        "listed": listed,
        "counts": counts,
        "whys": [why for why in Why if why in counts],
        "outcomes": [outcome for outcome in ("", *Outcome) if any(outcome in each for each in counts.values())],
        "running": running,
        "rules": _rules(office.calling, policy, listed, now) if office.calling and policy else None,
        "changed": changed,
        "may_change": person.role.allows(Role.administrator),
        "may_resume": person.role.allows(Role.publisher),
        "names": names(language_of(request, person)),
    }
    return office.page(request, person, template, **values)


def _rules(calling: Calling, policy: Policy, listed: Any, now: datetime) -> dict[str, Any]:
    """What allows calls at this moment. `opens` is None while they are allowed, or for weeks not."""
    hours, lines, used = policy.rules.hours, policy.lines, calling.in_use()
    opens = hours.next(now)
    ours = listed["ringing"] + listed["talking"]
    return {
        "open": opens == now,
        "opens": opens if opens != now else None,
        "hours": hours,
        "lines": lines,
        "used": used + listed["ringing"],
        "room": lines.room(used + listed["ringing"], ours) if opens == now else 0,
        "per_second": policy.per_second,
        "rules": policy.rules,
    }
