"""What a file would do to the outages that are known: row by row, before anything is saved. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from outages.area_search import AreaSearch, UnknownPlace
from outages.errors import OutageError
from outages.facts import differences, facts_of
from outages.life import Cause, Life, OutageChanges, OutageFacts, check, check_end
from outages.models import Outage
from outages.parsed import ImportRow, ParsedRows, RowError
from outages.values import harmless

What = Literal["new", "changed", "same", "bad"]
_TEXTS = ("tanker_points", "announcement_tr", "announcement_en")


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What becomes of one outage of the file."""

    line: int
    external_id: str
    what: What
    outage_id: int | None = None
    revision: int = 0
    """Of the outage that is known; 0 for a new one."""
    differences: Mapping[str, Any] | None = None
    """Each changed field with its value before and after, as revisions keep them."""
    errors: tuple[RowError, ...] = ()
    facts: OutageFacts | None = None
    """What the outage would say."""
    changes: OutageChanges | None = None
    """What is told of a known outage; None for a new one or where it is cancelled."""


class Planner:
    def __init__(self, search: AreaSearch, known: Mapping[str, Outage], now: datetime) -> None:
        """`known`: outages by the number that the file calls them by."""
        self._search, self._known, self._now = search, known, now

    def plan(self, row: ImportRow) -> PlannedRow:
        outage = self._known.get(row.external_id)
        bare = PlannedRow(row.line, row.external_id, "same", *((outage.id, outage.revision) if outage else ()))
        try:
            areas = self._areas(row)
            return self._change(row, areas, outage, bare) if outage else self._create(row, areas, bare)
        except UnknownPlace as unknown:
            fault = RowError(row.line, unknown.column, unknown.message, unknown.turkish or unknown.message)
        except OutageError as refused:
            fault = RowError(row.line, "", refused.message, refused.turkish or refused.message)
        return replace(bare, what="bad", errors=(fault,))

    def _create(self, row: ImportRow, areas: dict[int, str | None], bare: PlannedRow) -> PlannedRow:
        if row.state == "cancelled":
            return bare
        kind = row.kind or "fault"
        facts = OutageFacts(
            kind=kind,
            cause=row.cause or (Cause.maintenance if kind == "planned" else Cause.unknown),
            areas=areas,
            starts=row.starts,
            expected_end=row.expected_end,
            actual_end=self._end(row, None),
            subscribers=row.subscribers,
            tanker_points=row.tanker_points,
            announcement_tr=row.announcement.get("tr"),
            announcement_en=row.announcement.get("en"),
        )
        check(facts, self._now)
        return replace(bare, what="new", facts=facts, differences=differences(None, facts))

    def _change(self, row: ImportRow, areas: dict[int, str | None], outage: Outage, bare: PlannedRow) -> PlannedRow:
        if outage.life is Life.cancelled:
            return bare
        if row.state == "cancelled":
            if outage.life is Life.restored:
                return bare
            return replace(bare, what="changed", differences={"life": [outage.life, Life.cancelled]})
        before = facts_of(outage)
        told = self._told(row, areas, outage, before)
        after = replace(before, **told)
        if after == before:
            return bare
        check(after, self._now)
        if after.actual_end is not None and outage.life is not Life.restored:
            check_end(outage.life, after.starts, after.actual_end)
        return replace(bare, what="changed", facts=after, changes=told, differences=differences(before, after))

    def _areas(self, row: ImportRow) -> dict[int, str | None]:
        found = {self._search.find(place.district, place.name).id: place.streets for place in row.places}
        return dict(sorted(found.items()))

    def _told(self, row: ImportRow, areas: dict[int, str | None], outage: Outage, before: OutageFacts) -> OutageChanges:
        streets = {area: _kept(before.areas.get(area), told) for area, told in areas.items()}
        told: OutageChanges = {"areas": streets, "starts": row.starts, "actual_end": self._end(row, outage)}
        if row.kind:
            told["kind"] = row.kind
        if row.cause:
            told["cause"] = row.cause
        if row.expected_end:
            told["expected_end"] = row.expected_end
        if row.subscribers is not None:
            told["subscribers"] = row.subscribers
        texts = {"tanker_points": row.tanker_points}
        texts |= {f"announcement_{language}": text for language, text in row.announcement.items()}
        for name in _TEXTS:
            if texts.get(name):
                told[name] = _kept(getattr(before, name), texts[name])  # type: ignore[literal-required]
        return told

    def _end(self, row: ImportRow, outage: Outage | None) -> datetime | None:
        """When the water came back; a source that does not tell the hour means its last update, or now."""
        held = outage.actual_end if outage else None
        if row.state == "restored":
            return row.ended or held or min(row.updated or self._now, self._now)
        reopened = held is not None and row.updated is not None and row.updated > held
        return None if reopened else held


def digest(rows: ParsedRows, planned: Sequence[PlannedRow]) -> str:
    """Equal only for the same file upon the same outages: what was looked at is what will be saved."""
    told = [repr(rows), *((row.line, row.external_id, row.what, row.outage_id, row.revision) for row in planned)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()


def _kept(held: str | None, told: str | None) -> str | None:
    """What a spreadsheet cannot hold of a text, its line ends and first signs, is no change of it."""
    return held if held is not None and told == harmless(held) else told
