"""Everybody whom the utility knows: its own system first, where one is set, then our database."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import Database
from subscribers.check_digit import Scheme, valid
from subscribers.consent import KNOWN_AREA, refused
from subscribers.keys import plain_number
from subscribers.record import Subscriber
from subscribers.remote import RemoteSubscribers
from subscribers.rows import LONGEST, SHORTEST
from subscribers.service import Subscribers
from subscribers.tries import Tries


class Directory:
    """A `SubscriberSource` that opens sessions of its own. `secret`: of pseudonyms."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        secret: str,
        *,
        remote: RemoteSubscribers | None = None,
        scheme: Scheme = "none",
    ) -> None:
        self.db, self.remote, self.secret = db, remote, secret
        self._now, self.scheme = now, scheme
        self._tries = Tries(db, now, secret)

    async def by_phone(self, number: str) -> Sequence[Subscriber]:
        """As the utility's own system tells, with the consents that we hold of them."""
        told = await self.remote.by_phone(number) if self.remote else ()
        async with self.db.reading() as session:
            ours = await Subscribers(session, self._now, self.secret).by_phone(number)
        return _joined(told, ours) if told else ours

    async def by_number(self, number: str) -> Subscriber | None:
        told = await self.remote.by_number(number) if self.remote else None
        async with self.db.reading() as session:
            ours = await Subscribers(session, self._now, self.secret).by_number(number)
        return _joined([told], [ours] if ours else [])[0] if told else ours

    async def area_of_phone(self, number: str) -> int | None:
        """Where somebody who calls from this number lives; None where that is not clear, or not wanted by them."""
        found = [each for each in await self.by_phone(number) if not refused(each.consents, KNOWN_AREA)]
        areas = {each.area_id for each in found}
        return areas.pop() if len(areas) == 1 else None

    async def area_of_number(self, typed: str, caller: str | None) -> int | None:
        """The area of the number that a caller typed; None too for who has tried too often lately."""
        number = plain_number(typed)
        fits = SHORTEST <= len(number) <= LONGEST and valid(number, self.scheme)
        if not await self._tries.admit(caller) or not fits:
            return None
        found = await self.by_number(number)
        return found.area_id if found else None

    async def anybody(self) -> bool:
        """Whether there is anybody to be found by number."""
        if self.remote:
            return True
        async with self.db.reading() as session:
            return await Subscribers(session, self._now, self.secret).anybody()

    def within(self, session: AsyncSession) -> "NotedDown":
        return NotedDown(self, Subscribers(session, self._now, self.secret))

    async def close(self) -> None:
        if self.remote:
            await self.remote.close()


class NotedDown:
    """The directory for a page: that somebody looked is committed with the page's session."""

    def __init__(self, directory: Directory, ours: Subscribers) -> None:
        self.by_phone = directory.by_phone
        self.seen = ours.seen


def _joined(told: Sequence[Subscriber], ours: Sequence[Subscriber]) -> list[Subscriber]:
    held = {plain_number(each.number).lstrip("0"): each for each in ours}
    pairs = [(each, held.get(each.number.lstrip("0"))) for each in told]
    return [replace(each, consents=own.consents, id=own.id) if own else each for each, own in pairs]
