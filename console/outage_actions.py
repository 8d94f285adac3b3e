"""What is done to an outage from its page: each a button, each with its reason, each undone within half a minute."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Protocol

from fastapi import APIRouter, Form, Path, Request, Response

from console.office import Office, go
from console.outage_form import end_of
from console.permissions import Act, check_allowed
from console.routing import Operator, Publisher
from outages.errors import OutageError
from outages.facts import facts_of
from outages.life import Life
from outages.models import Outage
from outages.rest import STATUS
from outages.schemas import MOST_ID
from outages.service import OutageService
from outages.templates import TemplateService, pattern_of
from outages.time_field import parse
from people.signin import Person

OutageId = Annotated[int, Path(ge=1, le=MOST_ID)]
Revision = Annotated[int, Form(ge=1, le=MOST_ID)]
Reason = Annotated[str, Form(max_length=1000)]
Text = Annotated[str, Form(max_length=200)]
HOURS = {"1": timedelta(hours=1), "2": timedelta(hours=2)}
Work = Callable[[OutageService, Outage], Awaitable[object]]


class Page(Protocol):
    """The outage's page, with what was refused."""

    async def __call__(
        self,
        office: Office,
        request: Request,
        person: Person,
        outage_id: int,
        *,
        status: int = 200,
        wrong: str | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response: ...


def add_to(api: APIRouter, office: Office, page: Page) -> None:
    async def done(
        request: Request, person: Person, outage_id: int, act: Act, key: str, work: Work, **typed: str
    ) -> Response:
        """Committed, and the page again; or the page with why not, and with what was typed."""
        try:
            async with office.db.session() as session:
                service = office.outages(session, person)
                outage = await service.get(outage_id)
                if not (act is Act.send_back and outage.submitted_by == person.name):
                    check_allowed(person, act, {outage.kind}, outage.life)
                await work(service, outage)
                await session.commit()
        except OutageError as refused:
            if refused.code == "unknown_outage":
                raise
            wrong, status = office.said(request, refused, person), STATUS.get(refused.code, 422)
            return await page(office, request, person, outage_id, status=status, wrong=wrong, typed=typed)
        return go(f"/console/outages/{outage_id}", key)

    _add_publishing(api, office, done)
    _add_hours(api, office, done)
    _add_ends(api, office, done)
    _add_undo_and_templates(api, office, done)


def _add_publishing(api: APIRouter, office: Office, done: Callable[..., Awaitable[Response]]) -> None:
    @api.post("/{outage_id}/submit")
    async def submit(
        request: Request, person: Operator, outage_id: OutageId, revision: Revision, reason: Reason = ""
    ) -> Response:
        async def work(service: OutageService, outage: Outage) -> None:
            await service.submit_for_review(outage_id, revision, reason=reason)

        return await done(request, person, outage_id, Act.submit, "sent_for_review", work, reason=reason)

    @api.post("/{outage_id}/send-back")
    async def send_back(
        request: Request, person: Operator, outage_id: OutageId, revision: Revision, reason: Reason = ""
    ) -> Response:
        async def work(service: OutageService, outage: Outage) -> None:
            await service.send_back(outage_id, reason, revision)

        return await done(request, person, outage_id, Act.send_back, "sent_back", work, reason=reason)

    @api.post("/{outage_id}/publish")
    async def publish(
        request: Request,
        person: Operator,
        outage_id: OutageId,
        revision: Revision,
        reason: Reason = "",
        at: Text = "",
        when: Annotated[str, Form(max_length=10)] = "now",
    ) -> Response:
        """A draft, or what was sent for review; `when` is `later` for the button beside the hour."""

        async def work(service: OutageService, outage: Outage) -> None:
            moment = end_of(at, office.now(), office.pages.zone) if when == "later" else None
            let_out = service.approve if outage.submitted_by else service.publish
            await let_out(outage_id, revision, at=moment, reason=reason)

        key = "outage_waits" if when == "later" else "outage_published"
        return await done(request, person, outage_id, Act.publish, key, work, reason=reason, at=at)


def _add_hours(api: APIRouter, office: Office, done: Callable[..., Awaitable[Response]]) -> None:
    @api.post("/{outage_id}/extend")
    async def extend(
        request: Request,
        person: Operator,
        outage_id: OutageId,
        revision: Revision,
        reason: Reason = "",
        until: Text = "",
        by: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        """By hours, counted from the estimate while that holds; or until an hour of one's own."""

        async def work(service: OutageService, outage: Outage) -> None:
            now = office.now()
            if by in HOURS:
                end = max(outage.expected_end or now, now) + HOURS[by]
            else:
                end = end_of(until, now, office.pages.zone)
            await service.change(outage_id, revision, reason=reason, expected_end=end)

        return await done(request, person, outage_id, Act.extend, "extended", work, reason=reason, until=until)

    @api.post("/{outage_id}/end")
    async def end(
        request: Request,
        person: Operator,
        outage_id: OutageId,
        revision: Revision,
        reason: Reason = "",
        ended: Text = "",
        when: Annotated[str, Form(max_length=10)] = "now",
    ) -> Response:
        """The water is back, now or since an hour."""

        async def work(service: OutageService, outage: Outage) -> None:
            at = parse(ended, office.now(), office.pages.zone).starts if when == "at" else None
            await service.end(outage_id, at, revision, reason=reason)

        return await done(request, person, outage_id, Act.end, "outage_ended", work, reason=reason, ended=ended)


def _add_ends(api: APIRouter, office: Office, done: Callable[..., Awaitable[Response]]) -> None:
    @api.post("/{outage_id}/reopen")
    async def reopen(
        request: Request, person: Operator, outage_id: OutageId, revision: Revision, reason: Reason = ""
    ) -> Response:
        """It was not over after all."""

        async def work(service: OutageService, outage: Outage) -> None:
            _needs(reason)
            await service.change(outage_id, revision, reason=reason, actual_end=None)

        return await done(request, person, outage_id, Act.reopen, "reopened", work, reason=reason)

    @api.post("/{outage_id}/cancel")
    async def cancel(
        request: Request, person: Operator, outage_id: OutageId, revision: Revision, reason: Reason = ""
    ) -> Response:
        async def work(service: OutageService, outage: Outage) -> None:
            if outage.life is not Life.draft:
                _needs(reason)
            await service.cancel(outage_id, revision, reason=reason)

        return await done(request, person, outage_id, Act.cancel, "outage_cancelled", work, reason=reason)


def _add_undo_and_templates(api: APIRouter, office: Office, done: Callable[..., Awaitable[Response]]) -> None:
    @api.post("/{outage_id}/undo")
    async def undo(request: Request, person: Operator, outage_id: OutageId, revision: Revision) -> Response:
        """What this person did last, while it is not too late."""

        async def work(service: OutageService, outage: Outage) -> None:
            await service.undo(outage_id, revision)

        return await done(request, person, outage_id, Act.undo, "undone", work)

    @api.post("/{outage_id}/template")
    async def template(request: Request, person: Publisher, outage_id: OutageId, name: Text = "") -> Response:
        """To be written from again and again."""

        async def work(service: OutageService, outage: Outage) -> None:
            await TemplateService(service.session, office.now, person.name).save(name, pattern_of(facts_of(outage)))

        return await done(request, person, outage_id, Act.write, "template_saved", work, name=name)


def _needs(reason: str) -> None:
    if not reason.strip():
        raise OutageError("Say why.", "reason_needed", "Gerekçesini yazın.")
