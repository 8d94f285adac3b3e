"""REST for webhooks. What was sent and to whom is nobody's business but the administrators'."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.routing import APIRoute

from outbox import schemas
from outbox.models import Delivery
from outbox.service import Now
from outbox.webhooks import Record, Webhooks
from storage.database import Database

Responses = dict[int | str, dict[str, Any]]


def router(
    db: Database,
    now: Now,
    *,
    who: Callable[..., object],
    route_class: type[APIRoute],
    responses: Responses,
    record: Record | None = None,
) -> APIRouter:
    """`who` is the dependency that names the administrator or refuses; `route_class` makes refusals sentences."""
    api = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=route_class, responses=responses)

    async def working(administrator: Annotated[str, Depends(who)]) -> AsyncIterator[Webhooks]:
        async with db.session() as session:
            yield Webhooks(session, now, administrator, record)

    async def looking(administrator: Annotated[str, Depends(who)]) -> AsyncIterator[Webhooks]:
        async with db.reading() as session:
            yield Webhooks(session, now, administrator)

    _add_webhooks(api, working, looking)
    _add_deliveries(api, working, looking)
    return api


def _add_webhooks(api: APIRouter, working: Callable[..., object], looking: Callable[..., object]) -> None:
    Writing = Annotated[Webhooks, Depends(working)]
    Reading = Annotated[Webhooks, Depends(looking)]

    @api.get("")
    async def list_webhooks(webhooks: Reading) -> list[schemas.WebhookOut]:
        """Who is told of outages; without secrets."""
        return [schemas.WebhookOut.model_validate(endpoint) for endpoint in await webhooks.all()]

    @api.post("", status_code=201)
    async def make_webhook(body: schemas.WebhookIn, webhooks: Writing) -> schemas.WebhookWithSecret:
        """Tell a program of outages from now on. The secret is shown this once."""
        endpoint = await webhooks.make(body.url, body.events, allow_private=body.allow_private)
        await webhooks.session.commit()
        return schemas.WebhookWithSecret.model_validate(endpoint)

    @api.get("/{webhook_id}")
    async def get_webhook(webhook_id: schemas.Id, webhooks: Reading) -> schemas.WebhookOut:
        """One webhook; without its secret."""
        return schemas.WebhookOut.model_validate(await webhooks.get(webhook_id))

    @api.patch("/{webhook_id}")
    async def change_webhook(
        webhook_id: schemas.Id, body: schemas.WebhookChange, webhooks: Writing
    ) -> schemas.WebhookOut:
        """Change what is given; the rest stays."""
        endpoint = await webhooks.change(webhook_id, **body.model_dump())
        await webhooks.session.commit()
        return schemas.WebhookOut.model_validate(endpoint)

    @api.delete("/{webhook_id}", status_code=204)
    async def remove_webhook(webhook_id: schemas.Id, webhooks: Writing) -> None:
        """With its delivery log."""
        await webhooks.remove(webhook_id)
        await webhooks.session.commit()

    @api.post("/{webhook_id}/rotate-secret")
    async def rotate_secret(webhook_id: schemas.Id, webhooks: Writing) -> schemas.WebhookWithSecret:
        """A new secret, shown this once; for a day messages carry signatures by the former one too."""
        endpoint = await webhooks.rotate_secret(webhook_id)
        await webhooks.session.commit()
        return schemas.WebhookWithSecret.model_validate(endpoint)


def _add_deliveries(api: APIRouter, working: Callable[..., object], looking: Callable[..., object]) -> None:
    Writing = Annotated[Webhooks, Depends(working)]
    Reading = Annotated[Webhooks, Depends(looking)]

    @api.post("/{webhook_id}/ping", status_code=202)
    async def ping(webhook_id: schemas.Id, webhooks: Writing) -> schemas.DeliveryOut:
        """Send the event `ping`, to try the receiver."""
        delivery = await webhooks.ping(webhook_id)
        await webhooks.session.commit()
        return _out(delivery)

    @api.get("/{webhook_id}/deliveries")
    async def list_deliveries(
        webhook_id: schemas.Id,
        webhooks: Reading,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[schemas.Id | None, Query(description="Continue below this id.")] = None,
    ) -> list[schemas.DeliveryWithLog]:
        """What was sent, the newest first, with every attempt; kept for 30 days."""
        found = await webhooks.deliveries(webhook_id, limit, before)
        return [await _with_log(webhooks, delivery) for delivery in found]

    @api.post("/{webhook_id}/deliveries/{uuid}/redeliver", status_code=202)
    async def redeliver(webhook_id: schemas.Id, uuid: str, webhooks: Writing) -> schemas.DeliveryOut:
        """Send it once more, under the same `webhook-id`."""
        delivery = await webhooks.redeliver(webhook_id, uuid)
        await webhooks.session.commit()
        return _out(delivery)


def _out(delivery: Delivery) -> schemas.DeliveryOut:
    return schemas.DeliveryOut.model_validate(_fields(delivery))


async def _with_log(webhooks: Webhooks, delivery: Delivery) -> schemas.DeliveryWithLog:
    log = [schemas.AttemptOut.model_validate(attempt) for attempt in await webhooks.attempts(delivery)]
    return schemas.DeliveryWithLog.model_validate(
        {**_fields(delivery), "payload": delivery.message.payload, "log": log}
    )


def _fields(delivery: Delivery) -> dict[str, Any]:
    names = (name for name in schemas.DeliveryOut.model_fields if name != "event")
    return {name: getattr(delivery, name) for name in names} | {"event": delivery.message.event}
