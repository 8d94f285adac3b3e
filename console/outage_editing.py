"""One person at the outage form: what they typed, what it means, and the page that says so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fastapi import Request
from starlette.responses import Response

from console.office import Office, language_of
from console.outage_form import Read, Reader, Typed, kind_of, typed_from, with_added
from console.outage_preview import likely_subscribers, people, preview
from console.outage_words import Words
from outages import repository
from outages.errors import OutageError
from outages.facts import facts_of
from outages.history import facts_before
from outages.life import Life, OutageFacts
from outages.models import Outage, OutageRevision
from outages.review import needs_review
from outages.templates import TemplateService, copy_of
from people.roles import Role
from people.signin import Person
from prompts.prompt import Language


@dataclass
class Editing:
    office: Office
    request: Request
    person: Person
    given: Typed
    outage_id: int | None = None
    _outage: Outage | None = None
    _revisions: Sequence[OutageRevision] = ()
    _read: Read | None = None
    _overlaps: Sequence[Outage] = ()

    @classmethod
    async def of(
        cls, office: Office, request: Request, person: Person, outage_id: int, add: Sequence[int]
    ) -> "Editing":
        """The form of an outage as it is now."""
        editing = cls(office, request, person, Typed(), outage_id)
        outage = await editing._loaded()
        if outage is None or outage.life is Life.cancelled:
            raise OutageError("This outage was cancelled and cannot be changed; create a new one.", "cancelled")
        given = typed_from(facts_of(outage), office.now(), office.pages.zone, editing._language, outage.revision)
        editing.given = with_added(given, {area: request.query_params.get(f"streets-{area}", "") for area in add})
        return editing

    async def read(self) -> Read:
        """What the form means; asked of the database once."""
        if self._read is None:
            await self._loaded()
            reader = Reader(self.office.keeper.board, self.office.now(), self.office.pages.zone, self._language)
            self._read = reader.read(self.given, self._before())
            if self._read.facts:
                async with self.office.db.reading() as session:
                    self._overlaps = await repository.overlapping(
                        session, self._read.facts, self.office.now(), self.outage_id
                    )
        return self._read

    async def untold_overlaps(self) -> list[Outage]:
        """Outages at the same place and time that the page has not told of."""
        await self.read()
        return [outage for outage in self._overlaps if outage.id not in self.given.overlaps_seen]

    async def page(
        self,
        template: str = "console/outage_edit.html",
        *,
        status: int = 200,
        refused: Exception | None = None,
        at: str = "",
    ) -> Response:
        """`refused`: why it was not saved, told beside the field `at` or above all."""
        read = await self.read()
        show_wrong = status != 200
        values = {
            "given": self.given,
            "read": read,
            "outage": self._outage,
            "wrongs": self._wrongs(read, empty_too=show_wrong) | ({at: self._said(refused)} if at else {}),
            "faulty": {name for name, found in read.findings.items() if any(each.level == "error" for each in found)},
            "chips": self._chips(read),
            "overlaps": self._told_overlaps(),
            "asks_overlap": status == 409,
            "publishes": self._publishes(),
            "words": self.words,
            "kind": kind_of(self.given),
            **await self._around(read),
        }
        values["wrong"] = self._said(read.wrong.get("") if at else refused or read.wrong.get(""))
        return self.office.page(self.request, self.person, template, status=status, **values)

    @cached_property
    def words(self) -> Words:
        return Words(self.office, self._language)

    @property
    def _language(self) -> Language:
        return language_of(self.request, self.person)

    async def _loaded(self) -> Outage | None:
        if self.outage_id is not None and self._outage is None:
            async with self.office.db.reading() as session:
                self._outage = await repository.known(session, self.outage_id)
                self._revisions = await repository.revisions(session, self.outage_id)
        return self._outage

    def _before(self) -> OutageFacts | None:
        """What it said when the form was shown."""
        if self._outage is None:
            return None
        shown = self.given.revision or self._outage.revision
        return facts_before(self._revisions, shown + 1)

    async def _around(self, read: Read) -> dict[str, Any]:
        """The preview, and what one may start from."""
        population = people(self.office.keeper.board, read.areas)
        async with self.office.db.reading() as session:
            templates = TemplateService(session, self.office.now, self.person.name)
            return {
                "preview": await preview(
                    self.office, session, self.person, read.facts, self.outage_id or 0, self._listens_from()
                )
                if read.facts
                else None,
                "templates": await templates.all() if self.outage_id is None else [],
                "population": population,
                "likely": likely_subscribers(population),
            }

    def _listens_from(self) -> int | None:
        wish = self.given.from_area
        return int(wish) if wish.isdecimal() and len(wish) < 10 else None

    def _chips(self, read: Read) -> list[dict[str, Any]]:
        return [{"id": i, "label": self.words.area(i), "streets": self.given.streets.get(i, "")} for i in read.areas]

    def _wrongs(self, read: Read, *, empty_too: bool) -> dict[str, str]:
        """Sentences by field; while somebody types, only about what they have typed."""
        typed_in = {"where": self.given.where, "when": self.given.when, "cause": ""}
        return {
            name: self._said(error) or ""
            for name, error in read.wrong.items()
            if name and (empty_too or typed_in.get(name, "typed"))
        }

    def _said(self, error: Exception | None) -> str | None:
        return self.office.said(self.request, error, self.person) if error else None

    def _told_overlaps(self) -> list[dict[str, Any]]:
        return [
            {"outage": outage, "places": self.words.places([place.area_id for place in outage.places])}
            for outage in self._overlaps
        ]

    def _publishes(self) -> dict[str, bool]:
        """Whether this person may put each kind on air alone."""
        reviewed = needs_review("planned", self.office.review_planned)
        return {"fault": True, "planned": self.person.role.allows(Role.publisher) and not reviewed}


async def starting_point(
    office: Office,
    person: Person,
    language: Language,
    template: int | None,
    copy: int | None,
    areas: Sequence[int],
) -> Typed:
    """A new form: from a template or an earlier outage all but the times, which differ every time."""
    now, zone = office.now(), office.pages.zone
    if template is None and copy is None:
        return Typed(areas=tuple(areas))
    async with office.db.session() as session:
        if template is not None:
            pattern = await TemplateService(session, office.now, person.name).use(template)
            await session.commit()
        else:
            pattern = copy_of(await repository.known(session, copy or 0))
    given = typed_from(pattern.facts(now), now, zone, language, None)
    hours = f"{pattern.minutes // 60} saat {pattern.minutes % 60} dk" if pattern.minutes else ""
    start = "şimdi" if language == "tr" else "now"
    when = f"{start} +{hours.replace(' 0 dk', '')}" if hours else ""
    return replace(given, when=when, when_shown="", areas=tuple(dict.fromkeys([*given.areas, *areas])))
