"""Outages that are written again and again: templates, and copies of earlier ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages import repository
from outages.board import OutageKind
from outages.errors import OutageError
from outages.facts import facts_of, plain
from outages.life import OutageFacts, check, check_text
from outages.models import Outage, OutageTemplate

LONGEST_NAME = 120
LONGEST_MINUTES = 60 * 24 * 31


@dataclass(frozen=True, slots=True)
class Pattern:
    """An outage without its times; areas map an area's id to streets, None for all of it."""

    kind: OutageKind
    cause: str
    areas: Mapping[int, str | None]
    minutes: int | None = None
    """How long it usually lasts."""
    subscribers: int | None = None
    tanker_points: str | None = None
    announcement_tr: str | None = None
    announcement_en: str | None = None

    def facts(self, starts: datetime) -> OutageFacts:
        """The outage, were it to start then; without a usual length its end stays unknown."""
        given = {name: value for name, value in asdict(self).items() if name != "minutes"}
        end = starts + timedelta(minutes=self.minutes) if self.minutes else None
        return OutageFacts(**given, starts=starts, expected_end=end)


def pattern_of(facts: OutageFacts) -> Pattern:
    """How far a crew is, and how it ended, is not carried over."""
    lasts = facts.expected_end - facts.starts if facts.expected_end else None
    shared = {field.name: getattr(facts, field.name) for field in fields(Pattern) if field.name != "minutes"}
    return Pattern(**shared, minutes=round(lasts.total_seconds() / 60) if lasts else None)


def copy_of(outage: Outage) -> Pattern:
    """An earlier outage, ready to be written anew with other times."""
    return pattern_of(facts_of(outage))


def pattern_in(template: OutageTemplate) -> Pattern:
    areas = {int(area_id): streets for area_id, streets in template.facts["areas"].items()}
    return Pattern(**{**template.facts, "areas": areas, "minutes": template.minutes})


class TemplateService:
    """One person's work on the templates in one session. Nothing here commits: the edge does."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self.session = session
        self.now = now
        self.who = who

    async def all(self) -> Sequence[OutageTemplate]:
        """The most used first."""
        query = select(OutageTemplate).order_by(OutageTemplate.uses.desc(), OutageTemplate.name)
        return (await self.session.scalars(query)).all()

    async def get(self, template_id: int) -> OutageTemplate:
        """Raises `unknown_template`."""
        found = await self.session.get(OutageTemplate, template_id)
        if found is None:
            raise OutageError(f"There is no template {template_id}.", "unknown_template", "Böyle bir şablon yok.")
        return found

    async def save(self, name: str, pattern: Pattern) -> OutageTemplate:
        """A new template, or the one of that name anew."""
        name = await self._checked(name, pattern)
        found: OutageTemplate | None = await self.session.scalar(
            select(OutageTemplate).where(OutageTemplate.name == name)
        )
        if found is None:
            found = OutageTemplate(name=name, created=self.now(), uses=0)
            self.session.add(found)
        told: dict[str, Any] = {key: plain(value) for key, value in asdict(pattern).items() if key != "minutes"}
        found.facts, found.minutes, found.who = told, pattern.minutes, self.who
        await self.session.flush()
        return found

    async def use(self, template_id: int) -> Pattern:
        """What to write from; counts that it was used. Areas that are no more are left out."""
        template = await self.get(template_id)
        template.uses, template.last_used = template.uses + 1, self.now()
        pattern = pattern_in(template)
        known = await repository.areas_by_id(self.session, pattern.areas)
        return replace(pattern, areas={area: streets for area, streets in pattern.areas.items() if area in known})

    async def remove(self, template_id: int) -> None:
        await self.session.delete(await self.get(template_id))
        await self.session.flush()

    async def _checked(self, name: str, pattern: Pattern) -> str:
        name = " ".join(name.split())
        check_text("name", name)
        if not 0 < len(name) <= LONGEST_NAME:
            raise OutageError(
                f"Give the template a name of at most {LONGEST_NAME} characters.",
                "bad_template_name",
                f"Şablona en çok {LONGEST_NAME} karakterlik bir ad verin.",
            )
        if pattern.minutes is not None and not 0 < pattern.minutes <= LONGEST_MINUTES:
            raise OutageError("The length must be between a minute and a month.", "bad_duration")
        check(pattern.facts(self.now()), self.now())
        known = await repository.areas_by_id(self.session, pattern.areas)
        if unknown := [area for area in pattern.areas if area not in known]:
            raise OutageError(f"There is no area {unknown[0]}.", "unknown_area")
        return name
