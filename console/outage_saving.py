"""A form that was understood becomes an outage, by whoever may do that."""

from dataclasses import fields
from enum import StrEnum
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from console.office import Office
from console.outage_form import Typed, end_of
from console.permissions import Act, check_allowed
from outages.errors import OutageError
from outages.life import Life, OutageChanges, OutageFacts
from outages.models import Outage
from outages.service import OutageService
from people.signin import Person


class Do(StrEnum):
    """What a button of the form asks for."""

    preview = "preview"
    draft = "draft"
    review = "review"
    publish = "publish"
    later = "later"
    """Publish at a set time."""


DONE = {
    Do.draft: "draft_saved",
    Do.review: "sent_for_review",
    Do.publish: "outage_published",
    Do.later: "outage_waits",
}


async def save(
    office: Office,
    session: AsyncSession,
    person: Person,
    facts: OutageFacts,
    given: Typed,
    outage_id: int | None,
    do: Do,
) -> tuple[Outage, str]:
    """The outage, not committed, and the key of what was done. Raises what the domain or the person's role refuses."""
    service = office.outages(session, person)
    if outage_id is not None:
        outage = await service.get(outage_id)
        if outage.life is not Life.draft:
            check_allowed(person, Act.change, {outage.kind, facts.kind}, outage.life)
            return await _changed(service, outage, facts, given), "outage_changed"
        check_allowed(person, Act.write, {facts.kind}, Life.draft)
        outage = await _changed(service, outage, facts, given)
    elif do is Do.publish:
        check_allowed(person, Act.publish, {facts.kind})
        return await service.create(facts, reason=given.reason), DONE[do]
    else:
        check_allowed(person, Act.write, {facts.kind})
        outage = await service.create(facts, draft=True, reason=given.reason)
    await _sent_on(office, service, person, outage, given, do)
    return outage, DONE[do]


async def _changed(service: OutageService, outage: Outage, facts: OutageFacts, given: Typed) -> Outage:
    if given.revision is None:
        raise OutageError("The form lacks the revision that it was made from; open it again.", "revision_conflict")
    changes = cast(OutageChanges, {field.name: getattr(facts, field.name) for field in fields(facts)})
    return await service.change(outage.id, given.revision, reason=given.reason, **changes)


async def _sent_on(
    office: Office, service: OutageService, person: Person, outage: Outage, given: Typed, do: Do
) -> None:
    if do is Do.review:
        await service.submit_for_review(outage.id, reason=given.reason)
    elif do in (Do.publish, Do.later):
        check_allowed(person, Act.publish, {outage.kind}, Life.draft)
        at = end_of(given.publish_at, office.now(), office.pages.zone) if do is Do.later else None
        await service.publish(outage.id, at=at, reason=given.reason)
