"""How callers have been served since midnight, hour by hour, and why some of them wanted a person."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Row, cast, extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from calls.journal import Outcome
from calls.models import CallRecord
from calls.records import TELEPHONES, Containment

HOUR = timedelta(hours=1)
NO_REASON = "unknown"


@dataclass(frozen=True, slots=True)
class Hour:
    starts: datetime
    containment: Containment


@dataclass(frozen=True, slots=True)
class Today:
    """The local day so far; calls that still run are not in it."""

    since: datetime
    whole: Containment
    hours: tuple[Hour, ...]
    """Every hour from midnight to the present one, also those without a call."""
    reasons: dict[str, int]
    """Why callers were connected to a person, the most frequent first."""


@dataclass
class _Sums:
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    waited: float = 0.0
    answered: int = 0

    def add(self, outcome: Outcome, calls: int, waited: float, answered: int) -> None:
        self.outcomes[outcome] += calls
        self.waited += waited
        self.answered += answered

    def containment(self) -> Containment:
        mean = self.waited / self.answered if self.answered else None
        return Containment({outcome: self.outcomes[outcome] for outcome in Outcome}, mean)


async def today(session: AsyncSession, now: datetime, zone: str) -> Today:
    """Counted by the database, in one query."""
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)
    whole, hours, reasons = _Sums(), [_Sums() for _ in range((now - midnight) // HOUR + 1)], Counter[str]()
    for hour, outcome, reason, calls, waited, answered in await _counted(session, midnight):
        ended = Outcome(outcome)
        whole.add(ended, calls, waited, answered)
        hours[min(hour, len(hours) - 1)].add(ended, calls, waited, answered)
        if ended in (Outcome.transferred, Outcome.failed):
            reasons[reason or NO_REASON] += calls
    return Today(
        midnight,
        whole.containment(),
        tuple(Hour(midnight + HOUR * n, sums.containment()) for n, sums in enumerate(hours)),
        dict(reasons.most_common()),
    )


async def _counted(session: AsyncSession, midnight: datetime) -> list[Row[int, str, str | None, int, float, int]]:
    # whole seconds on both databases; a call in the last half second of an hour may count for the next
    second = cast(extract("epoch", CallRecord.started), BigInteger)
    hour = (second - int(midnight.timestamp())) // 3600
    answer = CallRecord.first_answer_seconds
    statement = (
        select(
            cast(hour, BigInteger),
            CallRecord.outcome,
            CallRecord.reason,
            func.count(),
            func.coalesce(func.sum(answer), 0.0),
            func.count(answer),
        )
        .where(CallRecord.started >= midnight, CallRecord.driver.in_(TELEPHONES))
        .group_by(hour, CallRecord.outcome, CallRecord.reason)
    )
    return list(await session.execute(statement))
