"""Those who chose to be called about planned work are called the day before it."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.errors import DiallingError
from dialling.kinds import PLANNED, State, Why
from dialling.models import OutboundCall
from dialling.numbers import callable_number, pseudonym
from dialling.rules import Hours, Rules
from dialling.service import CallBacks, Wanted
from dialling.setting import rules_of
from notices.recipients import Recipient, to_be_told
from outages.life import Life
from outages.models import Outage
from storage.database import Database
from storage.keeping_on import keep_on

log = logging.getLogger(__name__)

PAUSE = 30.0
EARLIEST = 7
"""Days before the work: holidays may leave no working hour nearer to it."""


class Noticing:
    """Keeps the list of calls in step with what is planned. It remembers nothing: a moved outage is another subject."""

    def __init__(self, db: Database, now: Callable[[], datetime], secret: str, rules: Rules, before: timedelta) -> None:
        """`rules`: unless administrators set others. `before`: how long before its start people are called."""
        self._db, self._now, self._secret = db, now, secret
        self._rules, self._before = rules, before

    async def run(self) -> None:
        """Until cancelled."""
        await keep_on(self.turn, PAUSE, log, "calls about planned work")

    async def turn(self) -> int:
        """Plan what is missing and call off what no longer holds; how many calls were planned."""
        async with self._db.reading() as session:
            hours = (await rules_of(session, self._rules)).hours
            coming = await self._coming(session)
            told = {subject: await to_be_told(session, outage) for subject, outage in coming.items()}
            planned = await _planned(session, coming)
            stale = [subject for subject in await _open_subjects(session) if subject not in coming]
        for subject in stale:
            async with self._db.session() as session:
                await CallBacks(session, self._now, self._secret).cancel(Why.planned_notice, subject)
                await session.commit()
        missing = [
            (coming[subject], subject, one)
            for subject, recipients in told.items()
            for one in recipients
            if one.way == "call" and (hashed := self._hash(one.number)) and (subject, hashed) not in planned
        ]
        return sum([await self._plan(*each, hours) for each in missing])

    async def _coming(self, session: AsyncSession) -> dict[str, Outage]:
        query = select(Outage).where(
            Outage.kind == "planned", Outage.life == Life.scheduled, Outage.starts > self._now()
        )
        return {subject_of(outage): outage for outage in await session.scalars(query)}

    async def _plan(self, outage: Outage, subject: str, one: Recipient, hours: Hours) -> bool:
        """One number in one transaction, so that nobody waits in a circle."""
        wanted = Wanted(
            Why.planned_notice,
            subject,
            one.number,
            language="en" if one.language == "en" else "tr",
            area_id=one.area_ids[0],
            due=self._due(outage.starts, hours),
            until=outage.starts,
        )
        async with self._db.session() as session:
            calls = CallBacks(session, self._now, self._secret)
            await calls.alone_with(one.number)
            if await _planned(session, [subject], self._hash(one.number)):
                return False  # another process was quicker
            await calls.ask(wanted)
            await session.commit()
        return True

    def _due(self, starts: datetime, hours: Hours) -> datetime:
        """A day before it; earlier where there is no hour left in which people may be called."""
        for days in range(EARLIEST):
            due = starts - self._before - timedelta(days=days)
            hour = hours.next(due)
            if hour is not None and hour < starts - timedelta(hours=1):
                return max(due, self._now())
        return self._now()

    def _hash(self, number: str) -> str | None:
        """None for a number that is not called."""
        try:
            return pseudonym(callable_number(number), self._secret)
        except DiallingError:
            return None


def subject_of(outage: Outage) -> str:
    """The outage and what people are told of it: another hour or another place is another call."""
    places = sorted((place.area_id, place.streets) for place in outage.places)
    end = outage.expected_end.isoformat() if outage.expected_end else None
    told = json.dumps([outage.starts.isoformat(), end, outage.cause, places])
    return f"{outage.id}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


async def _planned(
    session: AsyncSession, subjects: Iterable[str], number_hash: str | None = None
) -> set[tuple[str, str]]:
    """Who was planned to be called about what, whatever came of it; calls that were called off do not count."""
    query = select(OutboundCall.subject, OutboundCall.number_hash).where(
        OutboundCall.why == Why.planned_notice,
        OutboundCall.subject.in_(list(subjects)),
        OutboundCall.state != State.cancelled,
    )
    if number_hash:
        query = query.where(OutboundCall.number_hash == number_hash)
    return {(subject, hashed) for subject, hashed in await session.execute(query)}


async def _open_subjects(session: AsyncSession) -> list[str]:
    query = select(OutboundCall.subject).where(OutboundCall.why == Why.planned_notice, OutboundCall.state.in_(PLANNED))
    return list(await session.scalars(query.distinct()))
