"""The accounts of all tabs: made, connected, gone. One account, one tab, one connection at a time."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ivr.phones.account import AGENT, SUPERVISOR, VISITOR, Account, visitor_name
from ivr.phones.errors import PhoneError

log = logging.getLogger(__name__)

CONNECT_WITHIN = timedelta(seconds=60)
"""From when it is made; an account that nobody uses is forgotten."""
SWEEP_EVERY = 30.0
JUST_NOW = timedelta(seconds=5)
AGAIN = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the tries to take an account away from an Asterisk that is busy, or just being started again."""

Told = Callable[[Account], Awaitable[None]]


class Endpoints(Protocol):
    """Asterisk; `ivr.phones.asterisk.PhoneAsterisk` is it."""

    async def put(self, account: Account) -> None: ...

    async def delete(self, name: str) -> None: ...

    async def hang_up(self, name: str) -> None: ...

    async def names(self) -> list[str]: ...

    async def expires(self, name: str) -> datetime | None:
        """When the account of that name is over that Asterisk holds now, whoever made it; None where nobody knows."""


async def nobody(account: Account) -> None:
    """Who is told of a tab that concerns nobody else."""


@dataclass(slots=True)
class Held:
    """An account with its connection."""

    account: Account
    made: datetime
    connected: Told
    gone: Told
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when its connection has to end, whatever it is in."""
    in_use: bool = False
    said_bye: datetime | None = None
    """When the tab itself ended a call."""
    lost: asyncio.Task[None] | None = None
    before: asyncio.Task[None] | None = None
    """Ends what a tab left that had this name before."""


class PhoneAccounts:
    """An account is in Asterisk while its tab is connected: a restart of Asterisk leaves nothing behind."""

    def __init__(self, asterisk: Endpoints, now: Callable[[], datetime], at_most: int) -> None:
        """`at_most`: visitors at the same time."""
        self._asterisk, self._now, self._at_most = asterisk, now, at_most
        self._held: dict[str, Held] = {}
        self._changing = asyncio.Lock()
        self._sweeping: asyncio.Task[None] | None = None
        self._clearing: set[asyncio.Task[None]] = set()

    def create(
        self,
        name: str | None,
        context: str,
        lasts: timedelta,
        *,
        agent: bool = False,
        linger: float = 0.0,
        variables: Mapping[str, str] | None = None,
        connected: Told = nobody,
        gone: Told = nobody,
    ) -> Account:
        """An account for a tab; `name` None for a visitor. A tab that had that name before is cut off.

        `connected` is told when its phone can be used, again after a broken connection, and `gone` when it is no more.
        Raises PhoneError when there are too many visitors.
        """
        if name is None and self.visitors >= self._at_most:
            raise PhoneError("Too many phones are open in browsers.", "phones_full")
        account = Account(name or visitor_name(), context, self._now() + lasts, agent, linger, dict(variables or {}))
        former = self._held.get(account.name)
        held = self._held[account.name] = Held(account, self._now(), connected, gone)
        if former:
            former.over.set()
        if former and former.lost:
            former.lost.cancel()
            held.before = asyncio.create_task(self._end(former))
        return account

    @property
    def visitors(self) -> int:
        self._forget_unused()
        return sum(name.startswith(VISITOR) for name in self._held)

    def get(self, name: str) -> Account | None:
        held = self._held.get(name)
        return held.account if held else None

    def ended_by_agent(self, name: str) -> bool:
        """Whether that phone has just put a call down; if not, its tab may have been closed in mid-call."""
        held = self._held.get(name)
        return held is not None and held.said_bye is not None and self._now() - held.said_bye < JUST_NOW

    def by_ticket(self, ticket: str) -> Account | None:
        return next((held.account for held in self._valid() if held.account.ticket == ticket), None)

    async def remove(self, name: str) -> None:
        """End it now: its calls are cut, its connection is closed."""
        if held := self._held.get(name):
            held.over.set()
            if not held.in_use:
                await self._end(held)

    async def connect(self, ticket: str) -> Held:
        """Take a tab's connection: from now on its phone can call. Raises PhoneError; pair it with `disconnect`."""
        held = next((held for held in self._valid() if held.account.ticket == ticket), None)
        if held is None:
            raise PhoneError("There is no such phone, or its time is over.", "phone_unknown")
        if held.in_use:
            raise PhoneError("Another tab holds this phone.", "phone_in_use")
        held.in_use = True
        if held.lost:
            held.lost.cancel()
            held.lost = None
        try:
            async with self._changing:
                await self._asterisk.put(held.account)
        except PhoneError:
            held.in_use = False
            if held.account.linger > 0:  # Asterisk is started again; the tab goes on trying for as long as it is there
                held.lost = asyncio.create_task(self._linger(held))
            raise
        return held

    async def disconnect(self, held: Held, *, for_good: bool) -> None:
        """Its connection is over. The house is told at once, unless the account may come back."""
        held.in_use = False
        if for_good or held.over.is_set() or held.account.linger <= 0:
            await self._end(held)
        else:
            held.lost = asyncio.create_task(self._linger(held))

    def start(self) -> None:
        self._sweeping = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """What lingers stays in Asterisk: those agents go on talking and come back to the next process."""
        waiting = (task for held in self._held.values() for task in (held.lost, held.before))
        for task in filter(None, [self._sweeping, *self._clearing, *waiting]):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _linger(self, held: Held) -> None:
        await asyncio.sleep(held.account.linger)
        held.lost = None
        await self._end(held)

    async def _end(self, held: Held) -> None:
        """A successor of the same name keeps its endpoint, also one of another service that uses this Asterisk.

        The calls of who went before are cut all the same, but nobody is gone then.
        """
        name = held.account.name
        async with self._changing:
            if last := self._held.get(name) is held:
                del self._held[name]
            try:
                await self._asterisk.hang_up(name)
                if name not in self._held and await self._asterisk.expires(name) in (None, held.account.expires):
                    await self._asterisk.delete(name)
            except PhoneError as error:
                log.warning("a phone's account stays for now: %s", error)
                clearing = asyncio.create_task(self._clear(held.account))
                self._clearing.add(clearing)
                clearing.add_done_callback(self._clearing.discard)
        if last:
            await held.gone(held.account)

    async def _clear(self, account: Account) -> None:
        """Take away what could not be taken away at once, unless somebody has that name again by then."""
        for pause in AGAIN:
            await asyncio.sleep(pause)
            with contextlib.suppress(PhoneError):
                async with self._changing:
                    if account.name not in self._held and await self._asterisk.expires(account.name) == account.expires:
                        await self._asterisk.hang_up(account.name)
                        await self._asterisk.delete(account.name)
                return
        log.error("the account of phone %s stays in Asterisk until its time is over", account.name)

    def _valid(self) -> list[Held]:
        return [held for held in self._held.values() if held.account.expires > self._now() and not held.over.is_set()]

    def _forget_unused(self) -> None:
        for name, held in list(self._held.items()):
            unused = not held.in_use and held.lost is None
            if unused and self._now() > min(held.made + CONNECT_WITHIN, held.account.expires):
                del self._held[name]

    async def _sweep(self) -> None:
        while True:
            self._forget_unused()
            with contextlib.suppress(PhoneError):
                await self.sweep()
            await asyncio.sleep(SWEEP_EVERY)

    async def sweep(self) -> None:
        """Take away what a process that died left behind, once its time is over: other services have accounts, too."""
        for name in await self._asterisk.names():
            if name.startswith((VISITOR, AGENT, SUPERVISOR)) and name not in self._held:
                expires = await self._asterisk.expires(name)
                if expires and expires < self._now():
                    await self._asterisk.delete(name)
