"""Programs of others that are told of outages: who they are, what they were sent, and what they answered."""

from typing import Annotated, Any

from fastapi import Form, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.office import Office, go
from console.routing import Administrator, TheOffice, part
from outages.telling import EVENTS
from outbox.errors import OutboxError
from outbox.models import ALL_EVENTS
from outbox.webhooks import Webhooks
from people import audit
from people.signin import Person

WEBHOOKS = "/console/system/webhooks"
PAGE = 30
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Delivery = Annotated[str, Path(max_length=36)]
Url = Annotated[str, Form(max_length=3000)]
Wanted = Annotated[list[str], Form(max_length=20)]

api = part("/system/webhooks")


@api.get("")
async def everything(office: TheOffice, request: Request, person: Administrator) -> Response:
    return await _list(office, request, person)


@api.post("")
async def add(
    office: TheOffice,
    request: Request,
    person: Administrator,
    url: Url = "",
    events: Wanted = [],  # noqa: B006 — FastAPI copies it.
    allow_private: Annotated[bool, Form()] = False,
) -> Response:
    """The secret stands on the page that answers, and nowhere else."""
    try:
        async with office.db.session() as session:
            made = await _hooks(office, session, person).make(url.strip(), _known(events), allow_private=allow_private)
            await session.commit()
    except OutboxError as refused:
        given = {"url": url, "events": events, "allow_private": allow_private}
        wrong = office.said(request, refused, person)
        return await _list(office, request, person, status=422, given=given, wrong=wrong)
    return office.page(request, person, "console/webhook_secret.html", hook=made, new=True)


@api.get("/{number}")
async def one(
    office: TheOffice,
    request: Request,
    person: Administrator,
    number: Number,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """With what was sent last, the newest first."""
    async with office.db.reading() as session:
        work = _hooks(office, session, person)
        hook = await work.get(number)
        sent = await work.deliveries(number, PAGE + 1, before)
        tries = {delivery.id: await work.attempts(delivery) for delivery in sent[:PAGE]}
    more = sent[PAGE - 1].id if sent[PAGE:] else None
    values: dict[str, Any] = {"hook": hook, "sent": sent[:PAGE], "tries": tries, "more": more}
    return office.page(request, person, "console/webhook.html", **values)


@api.post("/{number}/rotate")
async def rotate(office: TheOffice, request: Request, person: Administrator, number: Number) -> Response:
    """The new secret stands on the page that answers, and nowhere else."""
    async with office.db.session() as session:
        hook = await _hooks(office, session, person).rotate_secret(number)
        await session.commit()
    return office.page(request, person, "console/webhook_secret.html", hook=hook, new=False)


@api.post("/{number}/{change}")
async def change(office: TheOffice, person: Administrator, number: Number, change: str) -> Response:
    """`pause`, `resume`, `ping` or `remove`."""
    async with office.db.session() as session:
        work = _hooks(office, session, person)
        match change:
            case "pause" | "resume":
                await work.change(number, active=change == "resume")
            case "ping":
                await work.ping(number)
            case "remove":
                await work.remove(number)
            case _:
                raise OutboxError("There is no such change of a webhook.", "unknown_webhook")
        await session.commit()
    return go(WEBHOOKS if change == "remove" else f"{WEBHOOKS}/{number}", f"webhook_{change}")


@api.post("/{number}/deliveries/{delivery}")
async def redeliver(office: TheOffice, person: Administrator, number: Number, delivery: Delivery) -> Response:
    async with office.db.session() as session:
        await _hooks(office, session, person).redeliver(number, delivery)
        await session.commit()
    return go(f"{WEBHOOKS}/{number}", "webhook_redeliver")


def _hooks(office: Office, session: AsyncSession, person: Person) -> Webhooks:
    return Webhooks(session, office.now, person.name, audit.record)


async def _list(office: Office, request: Request, person: Person, **refused: Any) -> Response:
    async with office.db.reading() as session:
        found = await _hooks(office, session, person).all()
    values = {"hooks": found, "events": EVENTS, "given": {"events": [ALL_EVENTS]}, **refused}
    return office.page(request, person, "console/webhooks.html", **values)


def _known(events: list[str]) -> list[str]:
    """All where none is chosen: nobody adds an address to be told nothing."""
    chosen = [event for event in events if event in EVENTS]
    return [ALL_EVENTS] if ALL_EVENTS in events or not chosen else chosen
