"""Sends what is in the outbox, within a second of the commit, until each receiver has it."""

import asyncio
import json
import logging
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from outbox import queue
from outbox.models import Delivery, Endpoint
from outbox.posting import Outcome, Poster
from outbox.service import CHANNEL
from outbox.signing import signed_headers
from storage.database import Database
from storage.errors import StorageError
from storage.notices import Notices

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
AFTER_TROUBLE = 2.0
DAY = timedelta(days=1)


class Post(Protocol):
    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class _Letter:
    """All that is needed to send, so that no session is open meanwhile."""

    delivery_id: int
    url: str
    allow_private: bool
    body: bytes
    headers: Mapping[str, str]


class Sender:
    """One for each process; several share the work through leases in the database."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        *,
        base_url: str = "",
        poster: Post | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`base_url`: where the public pages are found, for links in messages."""
        self._db, self._now, self._base_url = db, now, base_url.rstrip("/")
        self._poster = poster or Poster()
        self._chance = chance
        self._name = str(uuid.uuid4())
        self._working: dict[int, asyncio.Task[None]] = {}
        self._finished = asyncio.Event()
        self._news = False
        self._purged: datetime | None = None

    async def run(self) -> None:
        """Until cancelled. A message in flight is then sent again later, with the same id."""
        try:
            async with Notices(self._db, CHANNEL) as notices:
                while True:
                    await self._pause(notices, await self._safe_turn())
        finally:
            await self._stop()

    async def turn(self) -> float:
        """Begin to send whatever can be sent; returns the seconds until something more can."""
        now = self._now()
        await self._purge_daily(now)
        async with self._db.reading() as session:
            ready, next_due = await queue.endpoints_waiting(session, now)
        for endpoint_id in ready:
            if endpoint_id not in self._working:
                self._working[endpoint_id] = asyncio.create_task(self._work(endpoint_id))
        return max(0.0, (next_due - now).total_seconds()) if next_due else LONGEST_PAUSE

    async def idle(self) -> None:
        """Return when nothing is being sent."""
        while self._working:
            await asyncio.wait(list(self._working.values()))

    async def _safe_turn(self) -> float:
        try:
            return await self.turn()
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("webhooks wait for the database: %s", error)
            return AFTER_TROUBLE

    async def _pause(self, notices: Notices, seconds: float) -> None:
        """Until news, until something is due, or until an endpoint's queue has been worked off."""
        waits = [asyncio.ensure_future(notices.next(seconds)), asyncio.ensure_future(self._finished.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._finished.clear()
        self._news = False

    async def _work(self, endpoint_id: int) -> None:
        """Send to one endpoint, one message after the other, as long as there is one."""
        try:
            while letter := await self._next_letter(endpoint_id):
                outcome = await self._poster.post(
                    letter.url, letter.body, letter.headers, allow_private=letter.allow_private
                )
                await self._record(letter, outcome)
                self._news = True
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("a webhook's delivery could not be recorded; it is sent again: %s", error)
        finally:
            self._working.pop(endpoint_id, None)
            if self._news:  # else another process holds it, and looking again at once would find the same
                self._finished.set()

    async def _next_letter(self, endpoint_id: int) -> _Letter | None:
        """What to send now; without any, the endpoint is let go in the same transaction."""
        async with self._db.session() as session:
            now = self._now()
            if not await queue.hold(session, endpoint_id, self._name, now):
                return None
            endpoint = await session.get_one(Endpoint, endpoint_id)
            delivery = await queue.next_delivery(session, endpoint_id, now)
            if delivery is None:
                await queue.let_go(session, endpoint_id, self._name)
            await session.commit()
        return self._letter(endpoint, delivery, now) if delivery else None

    def _letter(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> _Letter:
        message = delivery.message
        told = {
            "type": message.event,
            "timestamp": message.posted.isoformat(),
            "data": self._with_link(message.payload),
        }
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        keys = [endpoint.secret]
        if endpoint.former_secret and endpoint.former_until and now < endpoint.former_until:
            keys.append(endpoint.former_secret)
        headers = {**signed_headers(delivery.uuid, now, body, keys), "Alo185-Event": message.event}
        return _Letter(delivery.id, endpoint.url, endpoint.allow_private, body, headers)

    def _with_link(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        link = payload.get("link")
        absolute = isinstance(link, str) and link.startswith("/")
        return {**payload, "link": f"{self._base_url}{link}"} if absolute else dict(payload)

    async def _record(self, letter: _Letter, outcome: Outcome) -> None:
        async with self._db.session() as session:
            await queue.record(session, letter.delivery_id, outcome, self._now(), self._chance)
            await session.commit()
        if not outcome.delivered:
            log.info("webhook delivery %d failed: %s", letter.delivery_id, outcome.problem or outcome.status)

    async def _purge_daily(self, now: datetime) -> None:
        if self._purged and now - self._purged < DAY:
            return
        async with self._db.session() as session:
            await queue.purge(session, now)
            await session.commit()
        self._purged = now

    async def _stop(self) -> None:
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
