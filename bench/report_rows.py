"""One month of calls, tickets, promises, calls to citizens and outages, made quickly and shaped like real ones."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy.engine import default

from calls.journal import Outcome
from outages.life import Cause
from reports.period import Period
from storage.database import Database
from storage.types import Protected
from tickets.kinds import Category, Channel, Urgency
from tickets.life import State

DISTRICTS, IN_EACH = 12, 40
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HEARD = 1200
"""Characters of an encrypted conversation: what makes the table wide."""
PHRASES = ("menu.main", "area.district_letters", "area.neighbourhood_letters", "hazard.question", "fault.which")
CALL = [
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
    "left_at",
    "first_answer_seconds",
    "duration_seconds",
    "caller_hash",
    "heard",
]
TICKET = [
    "id",
    "number",
    "key",
    "channel",
    "category",
    "urgency",
    "state",
    "area_id",
    "language",
    "unit_id",
    "step",
    "round",
    "opened",
    "updated",
]
CLOCK = ["ticket_id", "round", "promise", "warn_at", "due", "met", "breached"]
WISH = [
    "id",
    "why",
    "subject",
    "number_hash",
    "language",
    "priority",
    "due",
    "state",
    "attempts",
    "created",
    "finished",
]
ATTEMPT = ["outbound_id", "token", "number_hash", "why", "worker", "trunk", "at", "outcome", "verdict", "stars"]
OUTAGE = ["kind", "cause", "life", "starts", "actual_end", "source", "updated", "revision"]
AREA = ["id", "kind", "name", "spoken", "district_id", "search_key", "keypad", "number", "active"]
UNIT = ["id", "name", "answer_minutes", "active", "changed"]
Rows = Iterator[tuple[Any, ...]]


@dataclass
class Month:
    """A month by day, by night, and on its worst days."""

    period: Period
    calls: int
    tickets: int
    chance: random.Random = field(default_factory=lambda: random.Random(185))

    def tables(self) -> Iterator[tuple[str, Sequence[str], Rows]]:
        """In an order in which nothing is missing that is referred to."""
        yield "areas", AREA, self._areas()
        yield "units", UNIT, ((n, f"Birim {n}", 30, True, self.period.start) for n in range(1, 21))
        yield "calls", CALL, self._calls()
        yield "tickets", TICKET, self._tickets()
        yield "ticket_clocks", CLOCK, self._clocks()
        yield "outbound_calls", WISH, self._wishes()
        yield "call_attempts", ATTEMPT, self._attempts()
        yield "outages", OUTAGE, self._outages()

    def _at(self) -> datetime:
        """More by day than by night."""
        day = self.period.start + DAY * self.chance.randrange((self.period.after - self.period.first).days)
        return day + timedelta(hours=min(23.999, max(0.0, self.chance.gauss(14, 5))))

    def _area(self) -> int | None:
        return None if self.chance.random() < 0.1 else self.chance.randrange(DISTRICTS + 1, DISTRICTS * (IN_EACH + 1))

    def _areas(self) -> Rows:
        for n in range(1, DISTRICTS * (IN_EACH + 1) + 1):
            kind, district = ("district", None) if n <= DISTRICTS else ("neighbourhood", (n - 1) % DISTRICTS + 1)
            yield n, kind, f"Yer {n}", f"Yer {n}", district, f"yer {n}", "9", n, True

    def _calls(self) -> Rows:
        heard = Protected().process_bind_param("x" * HEARD, default.DefaultDialect())
        for n in range(self.calls):
            at, outcome = self._at(), self.chance.choices(list(Outcome), (66, 14, 8, 11, 1))[0]
            number = None if self.chance.random() < 0.05 else f"{self.chance.randrange(self.calls // 2):064x}"
            reason = "asked" if outcome in (Outcome.transferred, Outcome.failed) else None
            left = self.chance.choice(PHRASES) if outcome is Outcome.gave_up else None
            lasted = at + timedelta(seconds=40)
            told = ("[]", outcome.value, reason, left, 6.5, 40.0, number, heard)
            yield f"{n}", "ari", "tr", at, at, lasted, self._area(), *told

    def _tickets(self) -> Rows:
        choose = self.chance.choice
        channels, categories, urgencies, states = (
            [word.value for word in kind] for kind in (Channel, Category, Urgency, State)
        )
        for n in range(1, self.tickets + 1):
            at = self.opened(n)
            kind = (choose(channels), choose(categories), choose(urgencies), choose(states))
            yield n, f"26-{n:06}", f"bench:{n}", *kind, self._area(), "tr", n % 20 + 1, 0, 1 + (n % 12 == 0), at, at

    def opened(self, ticket: int) -> datetime:
        """The same whenever it is asked for."""
        return self.period.start + (self.period.end - self.period.start) * (ticket * 0.618033988749895 % 1)

    def _clocks(self) -> Rows:
        for n in range(1, self.tickets + 1):
            for promise, minutes in (("answer", 30), ("site", 180), ("solution", 720)):
                due = self.opened(n) + minutes * MINUTE
                met = None if n % 15 == 0 else self.opened(n) + self.chance.random() * 1.3 * minutes * MINUTE
                late = due if met is None or met > due else None
                yield n, 1, promise, due, due, met, late

    def _wishes(self) -> Rows:
        for n in range(1, self.tickets // 2 + 1):
            state, at = self.chance.choices(("done", "given_up", "opted_out"), (80, 18, 2))[0], self._at()
            yield n, "ticket_check", f"26-{n:06}", f"{n:064x}", "tr", 0, at, state, 1, at, at

    def _attempts(self) -> Rows:
        for n in range(self.tickets):
            outcome = self.chance.choices(("answered_person", "busy", "no_answer"), (50, 10, 40))[0]
            verdict = "solved" if outcome == "answered_person" else None
            stars = self.chance.randrange(1, 6) if verdict and n % 3 == 0 else None
            wish = n // 2 + 1 if n // 2 < self.tickets // 2 else 1
            yield wish, f"{n}", f"{wish:064x}", "ticket_check", "w", "t", self._at(), outcome, verdict, stars

    def _outages(self) -> Rows:
        causes = list(Cause)
        for n in range(3000):
            at = self._at()
            ends = None if n % 30 == 0 else at + timedelta(hours=self.chance.random() * 20)
            life = "active" if ends is None else "restored"
            yield "fault", causes[n % len(causes)].value, life, at, ends, "operator", at, 1


async def fill(db: Database, month: Month) -> None:
    """Past SQLAlchemy, which would take an hour; then what an autovacuum would do."""
    if db.dialect == "sqlite":
        _fill_sqlite(str(db.url.database), month)
        return
    connection = await asyncpg.connect(host=db.url.query["host"], user="alo185", database=db.url.database)
    try:
        for table, columns, rows in month.tables():
            await connection.copy_records_to_table(table, records=rows, columns=columns)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _fill_sqlite(file: str, month: Month) -> None:
    connection = sqlite3.connect(file)
    with connection:
        for table, columns, rows in month.tables():
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", (tuple(map(_text, row)) for row in rows)
            )
    connection.execute("ANALYZE")
    connection.close()


def _text(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
