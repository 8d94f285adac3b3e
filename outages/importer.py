"""Outages of a file into the database: looked at first, then all of them or none, and nothing twice."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from outages.area_search import AreaSearch
from outages.errors import OutageError
from outages.export import OWN
from outages.import_plan import PlannedRow, Planner, digest
from outages.models import Area, Outage
from outages.parsed import ParsedRows, RowError
from outages.review import needs_review
from outages.rows import read_outages, read_place_ids
from outages.service import OutageService
from storage.database import Database

__all__ = ["ImportPreview", "ImportReport", "import_outages", "preview", "read_outages", "read_place_ids"]

MOST_ERRORS = 200
MOST_WRITTEN = 500
"""New or changed outages of one import on SQLite, some two seconds: callers' tickets wait for its single writer."""
_AT_ONCE = 500
"""Ids asked for in one statement; databases limit how many they take."""
_OWN_NUMBER = re.compile(rf"{OWN}(\d{{1,9}})")


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


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do. `digest` confirms it: given with the same file, just this is saved."""

    rows: tuple[PlannedRow, ...]
    digest: str

    def count(self, what: str) -> int:
        return sum(row.what == what for row in self.rows)


async def preview(db: Database, rows: ParsedRows, *, now: Callable[[], datetime]) -> ImportPreview:
    """Every row with what it would do, bad ones with the reason, in the order of the file. Nothing is saved."""
    async with db.reading() as session:
        planned = await _plan(session, rows, now())
    bad: dict[int, list[RowError]] = {}
    for error in rows.errors:
        bad.setdefault(error.line, []).append(error)
    unread = [PlannedRow(line, "", "bad", errors=tuple(errors)) for line, errors in bad.items()]
    ordered = sorted([*planned, *unread], key=lambda row: row.line)
    return ImportPreview(tuple(ordered), digest(rows, planned))


async def import_outages(
    db: Database,
    rows: ParsedRows,
    *,
    actor: str,
    now: Callable[[], datetime],
    expect: str | None = None,
    review_planned: bool = False,
) -> ImportReport:
    """Create, change, restore and cancel as the rows tell; what they leave out stays as it is.

    Outages that operators ended or cancelled here stay so, unless the source tells of a later update. `expect`: the
    digest of a preview; refused if the import would do anything else. With `review_planned` new planned work becomes
    drafts that wait for a second person.
    """
    if rows.errors:
        return ImportReport(errors=rows.errors)
    try:
        return await _import(db, rows, actor, now(), expect, review_planned)
    except (IntegrityError, StaleDataError):
        raise ChangedMeanwhile(
            "Somebody else changed these outages in the same moment: import the file again.",
            turkish="Bu kesintileri aynı anda başkası değiştirdi; dosyayı yeniden alın.",
        ) from None


async def _import(
    db: Database, rows: ParsedRows, actor: str, at: datetime, expect: str | None, review_planned: bool
) -> ImportReport:
    async with db.session() as session:
        planned = await _plan(session, rows, at)
        if expect is not None and digest(rows, planned) != expect:
            raise ChangedMeanwhile(
                "The file or the outages changed since you looked; nothing was saved. Look at the preview again.",
                turkish="Siz baktıktan sonra dosya ya da kesintiler değişti; kaydedilmedi. Önizlemeye yeniden bakın.",
            )
        if errors := [error for row in planned for error in row.errors]:
            return ImportReport(errors=_told(errors))
        news = [row for row in planned if row.what != "same"]
        if db.dialect == "sqlite" and len(news) > MOST_WRITTEN:
            raise TooMuchAtOnce(
                f"More than {MOST_WRITTEN} outages are new or changed: split the file.",
                turkish=f"Yeni ya da değişen kesinti {MOST_WRITTEN} adetten çok; dosyayı bölün.",
            )
        service = OutageService(session, lambda: at, actor, review_planned=review_planned, strict_texts=False)
        for row in news:
            await asyncio.sleep(0)  # calls of the same process are served in between
            await _write(service, row)
        if news:
            await session.commit()
        added = sum(row.what == "new" for row in news)
        return ImportReport(added, len(news) - added, len(planned) - len(news))


async def _plan(session: AsyncSession, rows: ParsedRows, now: datetime) -> list[PlannedRow]:
    search = AreaSearch((await session.scalars(select(Area))).all())
    planner = Planner(search, await _known(session, [row.external_id for row in rows.rows]), now)
    planned = []
    for row in rows.rows:
        await asyncio.sleep(0)
        planned.append(planner.plan(row))
    return planned


async def _known(session: AsyncSession, external_ids: Sequence[str]) -> dict[str, Outage]:
    """By the source's numbers, or by our own where our export gave those."""
    known: dict[str, Outage] = {}
    for first in range(0, len(external_ids), _AT_ONCE):
        wanted = external_ids[first : first + _AT_ONCE]
        found = await session.scalars(select(Outage).where(Outage.external_id.in_(wanted)))
        known.update({str(outage.external_id): outage for outage in found})
        own = [int(number[1]) for each in wanted if (number := _OWN_NUMBER.fullmatch(each))]
        ours = await session.scalars(select(Outage).where(Outage.id.in_(own), Outage.external_id.is_(None)))
        known.update({f"{OWN}{outage.id}": outage for outage in ours})
    return known


async def _write(service: OutageService, row: PlannedRow) -> None:
    if row.outage_id is None and row.facts is not None:
        waits = needs_review(row.facts.kind, service.review_planned) and row.facts.actual_end is None
        outage = await service.create(row.facts, draft=waits, source="import", external_id=row.external_id)
        if waits:
            await service.submit_for_review(outage.id)
    elif row.outage_id is not None and row.changes is not None:
        await service.change(row.outage_id, **row.changes)
    elif row.outage_id is not None:
        await service.cancel(row.outage_id)


def _told(errors: Sequence[RowError]) -> tuple[RowError, ...]:
    if len(errors) <= MOST_ERRORS:
        return tuple(errors)
    more = RowError(
        errors[MOST_ERRORS].line,
        "",
        "the rows from here on have faults too: mend the others first",
        "Bundan sonraki satırlarda da hata var; önce ötekileri düzeltin.",
    )
    return (*errors[:MOST_ERRORS], more)
