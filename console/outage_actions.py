"""What is done to an outage from its page: each a button, each with its reason, each undone within half a minute."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Form, Request, Response

from console.office import go
from console.outage_form import end_of
from console.outage_page import OutageId, outage_page
from console.permissions import Act, check_allowed
from console.routing import Operator, Publisher, TheOffice, part
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

Revision = Annotated[int, Form(ge=1, le=MOST_ID)]
Reason = Annotated[str, Form(max_length=1000)]
Text = Annotated[str, Form(max_length=200)]
Choice = Annotated[str, Form(max_length=10)]
HOURS = {"1": timedelta(hours=1), "2": timedelta(hours=2)}
Work = Callable[[OutageService, Outage], Awaitable[object]]

api = part("/outages/{outage_id}")


@dataclass(frozen=True)
class Button:
    """One that was pressed on the page of an outage."""

    office: TheOffice
    request: Request
    outage_id: OutageId

    async def does(self, person: Person, act: Act, key: str, work: Work, **typed: str) -> Response:
        """Committed, and the page again; or the page with why not, and with what was typed."""
        office = self.office
        try:
            async with office.db.session() as session:
                service = office.outages(session, person)
                outage = await service.get(self.outage_id)
                if not (act is Act.send_back and outage.submitted_by == person.name):
                    check_allowed(person, act, {outage.kind}, outage.life)
                await work(service, outage)
                await session.commit()
        except OutageError as refused:
            if refused.code == "unknown_outage":
                raise
            wrong, status = office.said(self.request, refused, person), STATUS.get(refused.code, 422)
            return await outage_page(
                office, self.request, person, self.outage_id, status=status, wrong=wrong, typed=typed
            )
        return go(f"/console/outages/{self.outage_id}", key)

    def moment(self, text: str) -> datetime:
        """An end as it was typed; raises what is unclear about it."""
        return end_of(text, self.office.now(), self.office.pages.zone)


Pressed = Annotated[Button, Depends()]


@api.post("/submit")
async def submit(person: Operator, button: Pressed, revision: Revision, reason: Reason = "") -> Response:
    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        return service.submit_for_review(outage.id, revision, reason=reason)

    return await button.does(person, Act.submit, "sent_for_review", work, reason=reason)


@api.post("/send-back")
async def send_back(person: Operator, button: Pressed, revision: Revision, reason: Reason = "") -> Response:
    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        return service.send_back(outage.id, reason, revision)

    return await button.does(person, Act.send_back, "sent_back", work, reason=reason)


@api.post("/publish")
async def publish(
    person: Operator, button: Pressed, revision: Revision, reason: Reason = "", at: Text = "", when: Choice = "now"
) -> Response:
    """A draft, or what was sent for review; `when` is `later` for the button beside the hour."""

    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        let_out = service.approve if outage.submitted_by else service.publish
        return let_out(outage.id, revision, at=button.moment(at) if when == "later" else None, reason=reason)

    key = "outage_waits" if when == "later" else "outage_published"
    return await button.does(person, Act.publish, key, work, reason=reason, at=at)


@api.post("/extend")
async def extend(
    person: Operator, button: Pressed, revision: Revision, reason: Reason = "", until: Text = "", by: Choice = ""
) -> Response:
    """By hours, counted from the estimate while that holds; or until an hour of one's own."""

    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        now = button.office.now()
        end = max(outage.expected_end or now, now) + HOURS[by] if by in HOURS else button.moment(until)
        return service.change(outage.id, revision, reason=reason, expected_end=end)

    return await button.does(person, Act.extend, "extended", work, reason=reason, until=until)


@api.post("/end")
async def end(
    person: Operator, button: Pressed, revision: Revision, reason: Reason = "", ended: Text = "", when: Choice = "now"
) -> Response:
    """The water is back, now or since an hour."""

    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        office = button.office
        at = parse(ended, office.now(), office.pages.zone).starts if when == "at" else None
        return service.end(outage.id, at, revision, reason=reason)

    return await button.does(person, Act.end, "outage_ended", work, reason=reason, ended=ended)


@api.post("/reopen")
async def reopen(person: Operator, button: Pressed, revision: Revision, reason: Reason = "") -> Response:
    """It was not over after all."""

    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        _needs(reason)
        return service.change(outage.id, revision, reason=reason, actual_end=None)

    return await button.does(person, Act.reopen, "reopened", work, reason=reason)


@api.post("/cancel")
async def cancel(person: Operator, button: Pressed, revision: Revision, reason: Reason = "") -> Response:
    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        if outage.life is not Life.draft:
            _needs(reason)
        return service.cancel(outage.id, revision, reason=reason)

    return await button.does(person, Act.cancel, "outage_cancelled", work, reason=reason)


@api.post("/undo")
async def undo(person: Operator, button: Pressed, revision: Revision) -> Response:
    """What this person did last, while it is not too late."""

    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        return service.undo(outage.id, revision)

    return await button.does(person, Act.undo, "undone", work)


@api.post("/template")
async def template(person: Publisher, button: Pressed, name: Text = "") -> Response:
    """To be written from again and again."""

    def work(service: OutageService, outage: Outage) -> Awaitable[object]:
        templates = TemplateService(service.session, button.office.now, person.name)
        return templates.save(name, pattern_of(facts_of(outage)))

    return await button.does(person, Act.write, "template_saved", work, name=name)


def _needs(reason: str) -> None:
    if not reason.strip():
        raise OutageError("Say why.", "reason_needed", "Gerekçesini yazın.")
