"""Callers who leave the agents' queue by its key 1, and what they were there for."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from callflows.call import Call, TransferNote
from callflows.desk import Desk
from callflows.keeping_place import keep_place
from calls.agents_queue import AgentsQueue
from calls.journal import Journal
from dialling.errors import DiallingError
from dialling.places import Place, keep
from dialling.rules import Hours
from ivr.runner import Outgoing
from prompts.prompt import Language
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

AT_LEAST = timedelta(hours=1)
"""A place is kept until the day is over; shortly before midnight for so long."""
HANGS_UP = timedelta(seconds=10)
"""Until the caller has heard that the place is kept and is off the line; rung before, their telephone is busy."""
HANDED_ON = 6
"""Arguments before the area, which may hold commas."""


class NoRecords:
    """The call has its record already, from before the queue."""

    async def save(self, journal: Journal) -> None:
        return None


class KeptWaiting:
    """One caller's place: a `callflows.keeping_place.Waiting`."""

    def __init__(self, places: "Places", call: str, place: Place, language: Language) -> None:
        self._places, self._call, self._place = places, call, place
        self.language: Language = language

    @property
    def back(self) -> TransferNote:
        place = self._place
        extra = {"place": str(self._places.ahead(place.joined) + 1), "since": str(int(place.joined.timestamp()))}
        extra |= {"ticket": place.ticket} if place.ticket else {}
        return TransferNote(place.reason, place.area, self.language, place.urgency, extra)

    async def keep(self, number: str) -> bool:
        return await self._places.keep(self._call, number, self.language, self._place)


class Places:
    """`secret`: of pseudonyms of numbers."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], secret: str, queue: AgentsQueue, hours: Hours
    ) -> None:
        self._db, self._now, self._secret, self._queue, self._hours = db, now, secret, queue, hours
        self.count = 0
        """As many as were kept when somebody looked last, and those since."""

    def ahead(self, joined: datetime) -> int:
        """How many hold the line who joined before."""
        return self._queue.joined_before(joined)

    async def leaving(self, told: Sequence[str]) -> Outgoing | None:
        """Serve a caller who left the queue. Told: call, time of joining, reason, priority, ticket, language, area."""
        if len(told) < HANDED_ON:
            return None
        call, joined, reason, urgency, ticket, spoken = told[:HANDED_ON]
        area = ",".join(told[HANDED_ON:]).strip()
        language: Language = "en" if spoken == "en" else "tr"
        seconds = int(joined) if joined.isdecimal() and len(joined) < 12 else 0
        since = datetime.fromtimestamp(seconds, UTC) if seconds else self._now()
        place = Place(
            min(since, self._now()),
            reason or "queue_callback",
            area or None,
            ticket or None,
            int(urgency) if urgency.isdecimal() and len(urgency) < 4 else 0,
        )
        waiting = KeptWaiting(self, call, place, language)

        async def flow(line: Call, desk: Desk) -> None:
            await keep_place(line, desk, waiting)

        return Outgoing(flow, NoRecords())

    async def keep(self, call: str, number: str, language: Language, place: Place) -> bool:
        try:
            async with self._db.session() as session:
                now = self._now()
                await keep(
                    session,
                    self._now,
                    self._secret,
                    call=call[:80],
                    number=number,
                    language=language,
                    place=place,
                    due=now + HANGS_UP,
                    until=max(self._hours.day_after(now), now + AT_LEAST),
                )
                await session.commit()
        except (StorageError, SQLAlchemyError, OSError, DiallingError) as error:
            log.warning("a place in the queue was not kept (%s); the caller waits on", type(error).__name__)
            return False
        # the caller's own leaving is reported in a moment: Asterisk then has to ask whose turn it is
        self.count += 1
        return True
