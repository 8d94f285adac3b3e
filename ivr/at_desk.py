"""The agents' desk of this installation: its telephones and queues are Asterisk's, through `ivr.phones`."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from agents.desk import AgentDesk
from agents.errors import NotDone
from agents.exchange import endpoint_of, floor_endpoint_of, user_of
from agents.handed_over import HandedOver
from agents.keeping import Keeping
from agents.rules import DeskRules, Rang
from agents.setup import Setup
from calls.agents_queue import Report
from calls.journal import Journal
from ivr import dialplan
from ivr.clock import now
from ivr.phones.account import Account
from ivr.phones.accounts import Told, nobody
from ivr.phones.errors import PhoneError
from ivr.phones.floor import Floor, Members
from ivr.phones.reports import AgentCall
from ivr.phones.switchboard import SOCKET_PATH, BrowserPhones
from ivr.service import Service

RELOADED_WITHIN = 6.0
"""Seconds for which a telephone outlives a broken connection."""


def agent_desk(service: Service, phones: BrowserPhones | None, running: Callable[[], Sequence[Journal]]) -> AgentDesk:
    """Without telephones in browsers (over FastAGI) states are kept, and queues are what `queues.conf` says."""
    settings = service.settings
    rules = DeskRules(
        settings.service_level_seconds,
        settings.service_level_percent,
        settings.supervisor_notice,
        settings.agent_recording_days,
        settings.caller_days,
    )
    exchange = DeskPhones(phones, timedelta(hours=settings.session_hours)) if phones else None
    desk = AgentDesk(
        service.db,
        now,
        HandedOver(service.db, now, running),
        secret=settings.secret("caller-hash"),
        members=exchange,
        floor=exchange,
        phones=exchange,
        rules=rules,
        keeping=Keeping(service.db, now, settings.agent_calls),
    )
    if exchange:
        exchange.desk = desk
    return desk


async def know_queues(service: Service) -> None:
    """Those of `queues.conf`, by the names that administrators gave them."""
    async with service.db.session() as session:
        await Setup(session, now, "line").know_queues(dialplan.QUEUES)
        await session.commit()


@asynccontextmanager
async def _asked() -> AsyncIterator[None]:
    """What Asterisk refuses is a sentence on the agent's page."""
    try:
        yield
    except PhoneError as error:
        raise NotDone(str(error)) from error


class DeskPhones:
    """Members, floor and phones of the desk."""

    def __init__(self, phones: BrowserPhones, lasts: timedelta) -> None:
        self._phones, self._lasts = phones, lasts
        self._members: Members = phones.members
        self._floor: Floor = phones.floor
        self.desk: AgentDesk | None = None

    async def add(self, endpoint: str, queue: str, *, paused: bool) -> None:
        async with _asked():
            await self._members.add(endpoint, queue, paused=paused)

    async def remove(self, endpoint: str, queue: str) -> None:
        async with _asked():
            await self._members.remove(endpoint, queue)

    async def pause(self, endpoint: str, queue: str, paused: bool, reason: str) -> None:
        async with _asked():
            await self._members.pause(endpoint, queue, paused, reason)

    async def to_queue(self, caller: str, queue: str, *, first: bool = False) -> None:
        async with _asked():
            await self._floor.to_queue(caller, queue, first=first)

    async def to_number(self, caller: str, number: str) -> None:
        async with _asked():
            await self._floor.to_number(caller, number)

    async def three_way(self, caller: str, leg: str, number: str) -> None:
        async with _asked():
            await self._floor.three_way(caller, leg, number)

    async def spy(self, supervisor: str, leg: str, how: str, *, notice: str | None = None) -> None:
        async with _asked():
            await self._floor.spy(supervisor, leg, how, notice=notice)

    async def record(self, caller: str, leg: str, name: str, language: str) -> None:
        async with _asked():
            await self._floor.record(caller, leg, name, language)

    async def runs(self, leg: str) -> bool:
        async with _asked():
            return await self._floor.runs(leg)

    async def account(self, user_id: int) -> dict[str, object]:
        """A telephone for one tab; the tab that had it before is cut off."""
        return self._account(endpoint_of(user_id), self._connected, self._gone)

    async def floor_account(self, user_id: int) -> dict[str, object]:
        return self._account(floor_endpoint_of(user_id))

    def _account(self, endpoint: str, connected: Told = nobody, gone: Told = nobody) -> dict[str, object]:
        account = self._phones.accounts.create(
            endpoint,
            dialplan.DESK_CONTEXT,
            self._lasts,
            agent=True,
            linger=RELOADED_WITHIN,
            connected=connected,
            gone=gone,
        )
        told: dict[str, object] = {"user": account.name, "password": account.password, "ticket": account.ticket}
        return told | {"path": SOCKET_PATH, "register": True}

    async def _connected(self, account: Account) -> None:
        user_id = user_of(account.name)
        if self.desk and user_id is not None:
            await self.desk.phone_back(user_id)

    async def _gone(self, account: Account) -> None:
        user_id = user_of(account.name)
        if self.desk and user_id is not None:
            await self.desk.phone_gone(user_id)


class DeskCalls:
    """Tells the desk what Asterisk reports of agents' telephones and of callers who wait."""

    def __init__(self, desk: AgentDesk) -> None:
        self._desk = desk

    async def rings(self, call: AgentCall) -> None:
        joined = datetime.fromtimestamp(call.joined, UTC) if call.joined else None
        waited = max(0.0, (now() - joined).total_seconds()) if joined else 0.0
        await self._desk.rang(Rang(call.endpoint, call.leg, call.caller, call.queue, waited))

    async def answered(self, call: AgentCall) -> None:
        await self._desk.answered(call.leg)

    async def ended(self, call: AgentCall) -> None:
        await self._desk.ended(call.leg)

    async def lost(self, caller: str) -> bool:
        return await self._desk.lost(caller)

    async def visited(self, report: Report, joined: datetime) -> None:
        await self._desk.waited(report.call, joined, answered=report.event == "answered")
