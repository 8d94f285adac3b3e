"""A year of calls for a database, with a storm at its end: made quickly, and shaped like what a hotline leaves."""

import json
import random
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import asyncpg

from storage.database import Database

COLUMNS = (
    "call_id",
    "driver",
    "language",
    "started",
    "answered",
    "ended",
    "area_id",
    "outage_ids",
    "outcome",
    "reason",
    "first_answer_seconds",
    "duration_seconds",
    "caller",
    "caller_hash",
    "heard",
    "keys",
)
KEPT = timedelta(days=90)
"""Numbers and texts of older calls have been removed."""
SEALED = {"caller": 120, "heard": 1700, "keys": 160}
"""Characters of the encrypted columns."""
HOUR = timedelta(hours=1)


@dataclass
class Storm:
    """When it is, where callers live, and what is known of where the water is off."""

    TODAY: ClassVar[int] = 30_000
    HOUR: ClassVar[int] = 12_000

    now: datetime
    areas: list[int]
    calls: int
    known: dict[int, int] = field(init=False)
    """Areas with an outage, and its number."""
    unknown: set[int] = field(init=False)
    """Areas where it is off and nobody has entered it."""

    def __post_init__(self) -> None:
        self.random = random.Random(185)
        inside = self.areas[20:]
        self.known = {area: number for number, area in enumerate(inside[:40], 1)}
        self.unknown = set(inside[60:63])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        today, hour = self.TODAY, self.HOUR
        year = (timedelta(days=1), timedelta(days=365))
        yield from (self._row(n, self._ago(*year), self.random.choice(self.areas)) for n in range(self.calls - today))
        day = (HOUR, timedelta(hours=12))
        yield from (self._row(n, self._ago(*day), self.random.choice(self.areas)) for n in range(today - hour))
        yield from (self._row(n, self._ago(timedelta(), HOUR), self._stormy(n)) for n in range(hour))

    def _stormy(self, number: int) -> int:
        if number % 50 == 0:
            return self.random.choice(sorted(self.unknown))
        # where the water runs, few call; an ordinary area must not look like one without it
        return self.random.choice(list(self.known))

    def _ago(self, least: timedelta, most: timedelta) -> datetime:
        return self.now - least - (most - least) * self.random.random()

    def _row(self, number: int, started: datetime, area: int) -> tuple[Any, ...]:
        current = self.now - started < HOUR
        told = [self.known[area]] if current and area in self.known else []
        outcome = self.random.choices(("served", "ticket", "transferred", "gave_up"), (70, 6, 12, 12))[0]
        young = self.now - started < KEPT
        sealed = {name: self._sealed(length) if young else None for name, length in SEALED.items()}
        return (
            f"{number}-{secrets.token_hex(6)}",
            "ari",
            "tr",
            started,
            started,
            started + timedelta(seconds=40),
            area,
            json.dumps(told),
            outcome,
            "asked" if outcome == "transferred" else None,
            6.5,
            40.0,
            sealed["caller"],
            f"{self.random.randrange(10**12):064x}" if young else None,
            sealed["heard"],
            sealed["keys"],
        )

    def _sealed(self, length: int) -> str:
        return self.random.randbytes(length // 2).hex()


async def fill(db: Database, storm: Storm) -> None:
    """Past SQLAlchemy, which would take an hour; then what an autovacuum would do."""
    if db.dialect == "sqlite":
        _fill_sqlite(str(db.url.database), storm)
    else:
        await _fill_postgresql(db, storm)


def _fill_sqlite(file: str, storm: Storm) -> None:
    def text(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return value

    connection = sqlite3.connect(file)
    marks = ", ".join("?" * len(COLUMNS))
    with connection:
        connection.executemany(
            f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({marks})",
            (tuple(map(text, row)) for row in storm.rows()),
        )
    connection.close()


async def _fill_postgresql(db: Database, storm: Storm) -> None:
    host, name = db.url.query["host"], db.url.database
    connection = await asyncpg.connect(host=host, user="alo185", database=name)
    try:
        await connection.copy_records_to_table("calls", records=storm.rows(), columns=COLUMNS)
        await connection.execute("VACUUM ANALYZE calls")
    finally:
        await connection.close()
