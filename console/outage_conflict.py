"""Two people changed the same outage: the second sees both versions, and nothing of theirs is lost."""

from dataclasses import asdict, replace

from fastapi import Request
from starlette.responses import Response

from console.office import Office, language_of
from console.outage_form import Typed, typed_from
from console.outage_words import FIELDS, Words
from outages import repository
from outages.facts import facts_of
from outages.history import facts_before
from outages.life import OutageFacts
from people.signin import Person


async def conflict_page(
    office: Office, request: Request, person: Person, outage_id: int, given: Typed, mine: OutageFacts, do: str
) -> Response:
    """Both versions side by side, and a form that puts what this person changed on top of the other's."""
    async with office.db.reading() as session:
        outage = await repository.known(session, outage_id)
        revisions = await repository.revisions(session, outage_id)
    theirs = facts_of(outage)
    base = facts_before(revisions, (given.revision or 0) + 1) or theirs
    language = language_of(request, person)
    both = together(base, theirs, mine)
    form = typed_from(both, office.now(), office.pages.zone, language, outage.revision)
    form = replace(form, reason=given.reason, publish_at=given.publish_at, overlaps_seen=given.overlaps_seen)
    return office.page(
        request,
        person,
        "console/outage_conflict.html",
        status=412,
        outage=outage,
        last=revisions[-1],
        rows=_rows(Words(office, language), base, theirs, mine),
        form=form,
        wish=do,
    )


def together(base: OutageFacts, theirs: OutageFacts, mine: OutageFacts) -> OutageFacts:
    """The other's version with whatever I changed in mine; where both changed a field, mine counts."""
    was, wished = asdict(base), asdict(mine)
    return replace(theirs, **{name: value for name, value in wished.items() if value != was[name]})


def _rows(words: Words, base: OutageFacts, theirs: OutageFacts, mine: OutageFacts) -> list[dict[str, str]]:
    versions = [asdict(facts) for facts in (base, theirs, mine)]
    rows = []
    for name in FIELDS:
        was, they, me = (version[name] for version in versions)
        changed = "both" if me not in (was, they) and they != was else "mine" if me != was else "theirs"
        if they != me or they != was:
            told = {"was": was, "theirs": they, "mine": me}
            rows.append({"name": name, "changed": changed, **{k: words.value(name, v) for k, v in told.items()}})
    return rows
