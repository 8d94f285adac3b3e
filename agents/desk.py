"""The agents' desk of this process: takes clicks and the exchange's reports, and keeps queues and pages in step."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from agents.acting import Acting
from agents.errors import NotDone
from agents.exchange import Floor, Members, Phones, endpoint_of, user_of
from agents.handed_over import HandedOver, Told
from agents.hub import Hub, News
from agents.keeping import Keeping
from agents.membership import Follower
from agents.models import Contact
from agents.rules import DeskRules, Rang
from agents.screen import Offered, Screen
from agents.states import State
from agents.wire import Wire
from agents.work import LINE, AgentWork, Ring, Wrapped
from storage.database import Database
from storage.keeping_on import keep_on
from tickets.privacy import pseudonym

log = logging.getLogger(__name__)

SILENT = timedelta(seconds=45)
"""A page says every 15 s that it is there; who has not been heard of for so long is gone."""
LOOKED_AFTER = 5.0
COMES_BACK_WITHIN = 8.0
"""Seconds in which a page that was reloaded listens again."""
MOST_OFFERED = 500
PURGED_EVERY = timedelta(hours=12)


class AgentDesk:
    """`floor` None: where calls are not carried over ARI, and nothing can be done with them from here."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        memory: HandedOver,
        *,
        secret: str,
        members: Members | None = None,
        floor: Floor | None = None,
        phones: Phones | None = None,
        rules: DeskRules | None = None,
        keeping: Keeping | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._db, self._now, self._secret, self._sleep = db, now, secret, sleep
        self.memory, self.floor, self.phones, self.hub, self.screen = memory, floor, phones, Hub(), Screen(secret)
        self.rules, self.keeping, self.wire = rules or DeskRules(), keeping, Wire(db, self.hub)
        self.acting = Acting(db, now, floor, self.rules)
        self.follower = Follower(db, now, members)
        self._offered: dict[tuple[int, str], Offered] = {}
        self._looked: dict[tuple[int, str], None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun = False
        self._purged: datetime | None = None

    @asynccontextmanager
    async def work(self, who: str = LINE) -> AsyncIterator[AgentWork]:
        """One change, committed at its end."""
        async with self._db.session() as session:
            yield AgentWork(session, self._now, who)
            await session.commit()

    async def choose(self, user_id: int, who: str, wanted: State, reason_id: int | None = None) -> None:
        """Ready, paused or out: the queues follow before it returns, as far as the exchange can be reached."""
        async with self.work(who) as work:
            await work.choose(user_id, wanted, reason_id)
        await self._changed(user_id)

    async def wrap_up(self, user_id: int, who: str, wrapped: Wrapped, reason_id: int | None = None) -> Contact:
        """The result of a call; with `reason_id` a pause follows."""
        async with self.work(who) as work:
            contact = await work.wrap_up(user_id, wrapped)
            row = await work.present(user_id)
            if reason_id and row and row.state is State.ready:
                await work.choose(user_id, State.paused, reason_id)
        await self._changed(user_id)
        return contact

    async def rang(self, rang: Rang) -> None:
        """The page is told first; what is written down follows."""
        user_id = user_of(rang.endpoint)
        if user_id is None:
            return
        told = self.memory.in_memory(rang.caller)
        self._offer(user_id, Offered(rang.caller, rang.number, rang.waited, rang.queue, self._now()))
        self.hub.tell(user_id, News("rings", rang.caller))
        async with self.work() as work:
            await work.rings(self._ring(user_id, rang, told or await self.memory.find(rang.caller)))
        self.wire.send(user_id, News("rings", rang.caller))
        self._tell_state(user_id)

    async def answered(self, leg: str) -> None:
        async with self.work() as work:
            contact = await work.answered(leg)
        if contact:
            self._tell_state(contact.user_id)

    async def ended(self, leg: str, *, abandoned: bool = False) -> None:
        async with self.work() as work:
            contact = await work.ended(leg, abandoned=abandoned)
        if contact:
            await self._changed(contact.user_id)

    async def lost(self, caller: str) -> bool:
        """Whether the dialplan puts a caller first in line whose agent had not ended the call."""
        async with self.work() as work:
            return await work.lost(caller)

    async def waited(self, caller: str, joined: datetime, *, answered: bool) -> None:
        """A caller waits no longer: the service level is told from these."""
        async with self.work() as work:
            await work.waited(caller, joined, answered=answered)
        self.hub.tell_all(News("floor"))
        self.wire.send(None, News("floor"))

    def watched(self, user_id: int, how: str) -> None:
        """A supervisor is with them: wherever their page is open, it says so."""
        self.hub.tell(user_id, News("watched", how))
        self.wire.send(user_id, News("watched", how))

    async def gone(self, user_id: int, how: str = "tab_gone") -> None:
        """Their tab is closed: nobody rings them. Whom they talked to, the dialplan puts first in line again."""
        async with self.work() as work:
            await work.leave(user_id, how)
        await self._changed(user_id)

    async def phone_gone(self, user_id: int) -> None:
        """Their telephone is no more. In mid-call they are gone with it; else the page may only be loaded anew."""
        async with self._db.reading() as session:
            row = await AgentWork(session, self._now).present(user_id)
        if row and row.state is State.talking:
            await self.gone(user_id)
        elif row:
            self.page_closed(user_id)

    async def phone_back(self, user_id: int) -> None:
        """Their telephone is connected, perhaps to an exchange that was started again and knows nothing any more."""
        async with self._db.reading() as session:
            contact = await AgentWork(session, self._now).open_contact(user_id)
        if self.floor and contact and contact.ended is None:
            with suppress(NotDone):
                if not await self.floor.runs(contact.leg):
                    await self.ended(contact.leg)
        await self.follower.anew(user_id)

    async def here(self, user_id: int) -> None:
        """Their page listens."""
        async with self.work() as work:
            await work.seen(user_id)

    async def queues_changed(self, user_id: int) -> None:
        """A supervisor moved them."""
        await self._changed(user_id)

    def page_closed(self, user_id: int) -> None:
        """A page of theirs no longer listens: reloaded, or gone for good?"""
        self._spawn(self._gone_unless_back(user_id, self._now()))

    async def _gone_unless_back(self, user_id: int, closed: datetime) -> None:
        await self._sleep(COMES_BACK_WITHIN)
        async with self._db.reading() as session:
            seen = await AgentWork(session, self._now).last_seen(user_id)
        if seen is not None and seen <= closed:
            await self.gone(user_id)

    def start(self) -> None:
        self._spawn(self.look_after())
        self._spawn(self.wire.run())

    async def look_after(self) -> None:
        """As long as the service runs: who is silent is signed out, and queues that were out of step are mended."""
        await keep_on(self._look, LOOKED_AFTER, log, "what agents are looked after for", self._sleep)

    async def _look(self) -> None:
        if not self._begun:
            await self.follower.begin()
            self._begun = True
        await self.sweep()
        if self.keeping and (self._purged is None or self._now() - self._purged >= PURGED_EVERY):
            self._purged = self._now()
            await self.keeping.purge(self.rules.recording_days, self.rules.personal_days)

    async def settled(self) -> None:
        """Until what is looked into now is decided."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def sweep(self) -> None:
        async with self._db.reading() as session:
            silent = await AgentWork(session, self._now).silent(SILENT)
        for user_id in silent:
            await self.gone(user_id, "silent")
        await self.follower.mend()

    def offered(self, user_id: int, caller: str) -> Offered | None:
        """A call that was offered to this agent by this process."""
        return self._offered.get((user_id, caller))

    def first_look(self, user_id: int, caller: str) -> bool:
        """Whether this agent sees this caller for the first time."""
        known = (user_id, caller) in self._looked
        self._looked[user_id, caller] = None
        while len(self._looked) > MOST_OFFERED:
            del self._looked[next(iter(self._looked))]
        return not known

    def endpoint(self, user_id: int) -> str:
        return endpoint_of(user_id)

    def _offer(self, user_id: int, offered: Offered) -> None:
        self._offered[user_id, offered.caller] = offered
        while len(self._offered) > MOST_OFFERED:
            del self._offered[next(iter(self._offered))]

    def _ring(self, user_id: int, rang: Rang, told: Told | None) -> Ring:
        number = told.number if told else rang.number
        return Ring(
            user_id,
            rang.leg,
            rang.caller,
            rang.queue,
            rang.waited,
            number,
            pseudonym(number, self._secret) if number else None,
            told.area_id if told else None,
            told.reason if told else "fallback",
            told.language if told else "tr",
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _changed(self, user_id: int) -> None:
        self._tell_state(user_id)
        await self.follower.follow(user_id)

    def _tell_state(self, user_id: int) -> None:
        self.hub.tell(user_id, News("state"))
        self.hub.tell_all(News("floor"))
        self.wire.send(user_id, News("state"))
