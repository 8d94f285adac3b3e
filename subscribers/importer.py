"""Subscribers of a list into the database, a few hundred in each transaction: broken off, it goes on where it was."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.models import Area
from outages.parsed import RowError
from outages.tables import Record
from people import audit
from storage.database import Database
from subscribers.check_digit import Scheme
from subscribers.facts import SubscriberFacts
from subscribers.keeping import take_in
from subscribers.keys import number_key
from subscribers.models import ImportRun
from subscribers.plan import PlannedRow, plan
from subscribers.rows import Reader, check_columns, written_number

AT_ONCE = 250
"""Rows of one transaction: a tenth of a second in which callers' tickets wait on SQLite."""
MOST_AT_ONCE = 1000
"""Where no other writer waits for it, and nobody is served by the same process."""
MOST_ERRORS = 200
Told = Callable[[PlannedRow], None]


@dataclass(slots=True)
class ImportReport:
    """What an import did, in rows. Bad ones are left out, the others kept."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    resumed_from: int = 0
    """Rows that an earlier try had settled."""
    errors: list[RowError] = field(default_factory=list)
    """The first ones."""

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.same + self.bad

    def count(self, row: PlannedRow) -> None:
        setattr(self, row.what, getattr(self, row.what) + 1)
        self.errors += row.errors[: max(0, MOST_ERRORS - len(self.errors))]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from. `digest` is equal when the same rows come in the same order."""

    digest: str
    name: str
    source: str
    """`file` or `database`."""


class Importer:
    """`secret`: of pseudonyms. `told` hears of every row that was settled. `alone`: the process does nothing else."""

    def __init__(
        self, db: Database, reader: Reader, now: Callable[[], datetime], secret: str, who: str, *, alone: bool = False
    ) -> None:
        self._db, self._reader, self._now, self._secret, self._who = db, reader, now, secret, who
        self._at_once = MOST_AT_ONCE if alone and db.dialect == "postgresql" else AT_ONCE
        self._seen: set[int] = set()

    async def look(self, records: AsyncIterator[Record], told: Told | None = None) -> ImportReport:
        """What it would do; nothing is saved."""
        report = ImportReport()
        async for chunk in _chunks(records, self._at_once):
            facts, bad = await asyncio.to_thread(self._read, chunk)
            async with self._db.reading() as session:
                planned = await plan(session, facts, self._secret)
            _tell(report, [*planned, *bad], told)
        return report

    async def run(self, records: AsyncIterator[Record], origin: Origin, told: Told | None = None) -> ImportReport:
        """Keep what is new or changed. What an earlier try of the same list had settled is not done again."""
        run = await self._begin(origin)
        report = ImportReport(run.new, run.changed, run.same, run.bad, run.done)
        passed = 0
        async for chunk in _chunks(records, self._at_once):
            passed += len(chunk)
            facts, bad = await asyncio.to_thread(self._read, chunk)
            if passed <= run.done:
                continue
            async with self._db.session() as session:
                planned = await take_in(session, facts, self._now(), self._secret, source=origin.source, who=self._who)
                _tell(report, [*planned, *bad], told)
                await self._note(session, run.id, report, passed)
                await session.commit()
        await self._finish(run.id, report)
        return report

    def _read(self, chunk: Sequence[Record]) -> tuple[list[SubscriberFacts], list[PlannedRow]]:
        """In a thread: callers of a process that takes a list in are not to wait for it."""
        facts, bad = [], []
        for record in chunk:
            read = self._reader.read(record)
            if isinstance(read, SubscriberFacts) and self._is_new(read.number):
                facts.append(read)
            elif isinstance(read, SubscriberFacts):
                bad.append(PlannedRow(read.line, read.number, "bad", errors=(_twice(read.line),)))
            else:
                bad.append(PlannedRow(record.line, written_number(record), "bad", errors=read))
        return facts, bad

    def _is_new(self, number: str) -> bool:
        """A number that is remembered costs some hundred bytes, whatever its row holds."""
        key = int(number_key(number, self._secret)[:16], 16)
        before = len(self._seen)
        self._seen.add(key)
        return len(self._seen) > before

    async def _begin(self, origin: Origin) -> ImportRun:
        query = select(ImportRun).where(ImportRun.origin == origin.digest, ImportRun.finished.is_(None))
        async with self._db.session() as session:
            run: ImportRun | None = await session.scalar(query.order_by(ImportRun.id.desc()).limit(1))
            if run is None:
                at = self._now()
                run = ImportRun(origin=origin.digest, name=origin.name[:200], who=self._who, started=at, updated=at)
                run.done = run.new = run.changed = run.same = run.bad = 0
                session.add(run)
                await session.commit()
        return run

    async def _note(self, session: AsyncSession, run_id: int, report: ImportReport, passed: int) -> ImportRun:
        run = await session.get_one(ImportRun, run_id)
        run.done, run.updated = passed, self._now()
        run.new, run.changed, run.same, run.bad = report.new, report.changed, report.same, report.bad
        return run

    async def _finish(self, run_id: int, report: ImportReport) -> None:
        async with self._db.session() as session:
            run = await self._note(session, run_id, report, report.rows)
            run.finished = self._now()
            counts = {"new": report.new, "changed": report.changed, "bad": report.bad}
            await audit.record(session, self._now, self._who, "subscribers_imported", f"import:{run_id}", **counts)
            await session.commit()


async def reader_of(db: Database, scheme: Scheme, zone: ZoneInfo) -> Reader:
    """Over the areas as they are now."""
    async with db.reading() as session:
        areas = (await session.scalars(select(Area))).all()
    return Reader(areas, scheme=scheme, zone=zone)


async def _chunks(records: AsyncIterator[Record], at_once: int) -> AsyncIterator[list[Record]]:
    chunk: list[Record] = []
    first = True
    async for record in records:
        if first:
            check_columns(record)
            first = False
        chunk.append(record)
        if len(chunk) == at_once:
            yield chunk
            chunk = []
            await asyncio.sleep(0)  # whatever else the process does gets its turn
    if chunk:
        yield chunk


def _tell(report: ImportReport, rows: list[PlannedRow], told: Told | None) -> None:
    for row in sorted(rows, key=lambda row: row.line):
        report.count(row)
        if told:
            told(row)


def _twice(line: int) -> RowError:
    return RowError(
        line,
        "",
        "this number stands in the list before: keep one of its rows",
        "Bu numara listede daha önce geçiyor; satırlarından birini bırakın.",
    )
