"""News between the processes of one installation: an agent's page may be open in another than Asterisk reports to."""

import asyncio
import contextlib
import json
import logging
from typing import get_args

from sqlalchemy import text

from agents.hub import Hub, News, What
from people.secrets import token
from storage.database import Database
from storage.keeping_on import keep_on
from storage.notices import Notices

log = logging.getLogger(__name__)

CHANNEL = "alo185_desk"
LISTEN_AGAIN = 5.0
MOST_WAITING = 1000
_KINDS: tuple[What, ...] = get_args(What)


class Wire:
    """On PostgreSQL. SQLite serves one process, whose pages hear everything anyway."""

    def __init__(self, db: Database, hub: Hub) -> None:
        self._db, self._hub, self._mark = db, hub, token()
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._used = db.dialect == "postgresql"

    def send(self, user_id: int | None, news: News) -> None:
        """To the pages of that agent in other processes, or of supervisors. What it is about must be committed."""
        told = json.dumps({"from": self._mark, "to": user_id, "what": news.what, "about": news.about})
        if self._used:
            with contextlib.suppress(asyncio.QueueFull):  # nobody could be told for long; pages look by themselves
                self._waiting.put_nowait(told)

    async def run(self) -> None:
        if self._used:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._listen())
                both.create_task(keep_on(self._say, 0, log, "news for pages of other processes"))

    async def _listen(self) -> None:
        async with Notices(self._db, CHANNEL, self._heard) as notices:
            while True:
                await notices.next(LISTEN_AGAIN)

    async def _say(self) -> None:
        told = await self._waiting.get()
        async with self._db.session() as session:
            await session.execute(text("SELECT pg_notify(:channel, :told)"), {"channel": CHANNEL, "told": told})
            await session.commit()

    def _heard(self, told: str) -> None:
        try:
            given = json.loads(told)
            sender, user_id, what, about = (given[name] for name in ("from", "to", "what", "about"))
        except (ValueError, TypeError, KeyError):
            log.warning("news for the desk could not be read")
            return
        if sender == self._mark or what not in _KINDS or not isinstance(about, str):
            return
        if isinstance(user_id, int):
            self._hub.tell(user_id, News(what, about))
        if what in ("state", "floor"):
            self._hub.tell_all(News("floor"))
