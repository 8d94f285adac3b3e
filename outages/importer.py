"""Outages of a file into the database: all of them or none, and nothing twice."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from outages.area_search import AreaSearch, UnknownPlace
from outages.errors import OutageError
from outages.life import Cause, Life, OutageChanges, OutageFacts
from outages.models import Area, Outage
from outages.rows import ImportRow, ParsedRows, RowError, read_outages, read_place_ids
from outages.service import OutageService, facts_of
from storage.database import Database

__all__ = ["ImportReport", "import_outages", "read_outages", "read_place_ids"]

MOST_ERRORS = 200
MOST_WRITTEN = 500
"""New or changed outages of one import on SQLite, some two seconds: callers' tickets wait for its single writer."""
_AT_ONCE = 500
"""Ids asked for in one statement; databases limit how many they take."""


class TooMuchAtOnce(OutageError):
    code = "too_much_at_once"


class ChangedMeanwhile(OutageError):
    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in outages; with any error it did nothing."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()


async def import_outages(db: Database, rows: ParsedRows, *, actor: str, now: Callable[[], datetime]) -> ImportReport:
    """Create, change, restore and cancel as the rows tell; what they leave out stays as it is.

    Outages that operators ended or cancelled here stay so, unless the source tells of a later update.
    """
    if rows.errors:
        return ImportReport(errors=rows.errors)
    try:
        return await _import(db, rows, actor, now())
    except (IntegrityError, StaleDataError):
        raise ChangedMeanwhile(
            "Somebody else changed these outages in the same moment: import the file again."
        ) from None


async def _import(db: Database, rows: ParsedRows, actor: str, at: datetime) -> ImportReport:
    async with db.session() as session:
        most = MOST_WRITTEN if db.dialect == "sqlite" else len(rows.rows)
        work = _Work(session, OutageService(session, lambda: at, actor), at, most)
        report = await work.apply(rows)
        if not report.errors and (report.added or report.changed):
            await session.commit()
        return report


class _Work:
    def __init__(self, session: AsyncSession, service: OutageService, now: datetime, most: int) -> None:
        self._session, self._service, self._now, self._most = session, service, now, most
        self._errors: list[RowError] = []

    async def apply(self, rows: ParsedRows) -> ImportReport:
        search = AreaSearch((await self._session.scalars(select(Area))).all())
        known = await self._known([row.external_id for row in rows.rows])
        added = changed = 0
        for row in rows.rows:
            await asyncio.sleep(0)  # calls of the same process are served in between
            if len(self._errors) >= MOST_ERRORS:
                self._errors.append(
                    RowError(row.line, "", "the rows from here on were not examined: mend the others first")
                )
                break
            areas = self._areas(row, search)
            outage = known.get(row.external_id)
            try:
                if not areas or not self._news(row, areas, outage):
                    continue
                await self._write(row, areas, outage)
            except OutageError as refused:
                self._errors.append(RowError(row.line, "", refused.message))
                continue
            added, changed = added + (outage is None), changed + (outage is not None)
            if added + changed > self._most:
                raise TooMuchAtOnce(f"More than {self._most} outages are new or changed: split the file.")
        if self._errors:
            return ImportReport(errors=tuple(self._errors))
        return ImportReport(added, changed, len(rows.rows) - added - changed)

    async def _known(self, external_ids: list[str]) -> dict[str, Outage]:
        known = {}
        for first in range(0, len(external_ids), _AT_ONCE):
            wanted = external_ids[first : first + _AT_ONCE]
            found = await self._session.scalars(select(Outage).where(Outage.external_id.in_(wanted)))
            known.update({str(outage.external_id): outage for outage in found})
        return known

    def _areas(self, row: ImportRow, search: AreaSearch) -> dict[int, str | None]:
        areas: dict[int, str | None] = {}
        for place in row.places:
            try:
                areas[search.find(place.district, place.name).id] = row.streets
            except UnknownPlace as unknown:
                self._errors.append(RowError(row.line, unknown.column, unknown.message))
                return {}
        return dict(sorted(areas.items()))

    def _news(self, row: ImportRow, areas: dict[int, str | None], outage: Outage | None) -> bool:
        """Whether the row tells more than the database holds."""
        if outage is None:
            return row.state != "cancelled"
        if outage.life is Life.cancelled:
            return False
        if row.state == "cancelled":
            return outage.life is not Life.restored
        facts = facts_of(outage)
        return any(getattr(facts, name) != value for name, value in self._told(row, areas, outage).items())

    async def _write(self, row: ImportRow, areas: dict[int, str | None], outage: Outage | None) -> None:
        if outage is None:
            await self._create(row, areas)
        elif row.state == "cancelled":
            await self._service.cancel(outage.id)
        else:
            await self._service.change(outage.id, **self._told(row, areas, outage))

    async def _create(self, row: ImportRow, areas: dict[int, str | None]) -> None:
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
        await self._service.create(facts, source="import", external_id=row.external_id)

    def _told(self, row: ImportRow, areas: dict[int, str | None], outage: Outage) -> OutageChanges:
        told: OutageChanges = {"areas": areas, "starts": row.starts, "actual_end": self._end(row, outage)}
        if row.kind:
            told["kind"] = row.kind
        if row.cause:
            told["cause"] = row.cause
        if row.expected_end:
            told["expected_end"] = row.expected_end
        if row.subscribers is not None:
            told["subscribers"] = row.subscribers
        if row.tanker_points:
            told["tanker_points"] = row.tanker_points
        if "tr" in row.announcement:
            told["announcement_tr"] = row.announcement["tr"]
        if "en" in row.announcement:
            told["announcement_en"] = row.announcement["en"]
        return told

    def _end(self, row: ImportRow, outage: Outage | None) -> datetime | None:
        """When the water came back; a source that does not tell the hour means its last update, or now."""
        held = outage.actual_end if outage else None
        if row.state == "restored":
            return row.ended or held or min(row.updated or self._now, self._now)
        reopened = held is not None and row.updated is not None and row.updated > held
        return None if reopened else held
