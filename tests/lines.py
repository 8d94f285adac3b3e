"""The service's two doors for calls, with a conversation of the test's own behind them."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from callflows.call import Call
from calls.journal import Journal
from ivr.agi.server import AgiServer
from ivr.ari.door import AriDoor, Errand, nothing_placed
from ivr.line import Equipment, Media
from ivr.runner import Exchange
from ivr.serving import CallServer, configuration
from prompts.prompt import Prompt
from prompts.rendering import Rendered
from tests.fake_asterisk import PROMPT_SECONDS, FakeAgiPhone, FakeAriPhone, FakePhone

PASSWORD = "a password of the tests"
CALLER = "05321234567"
Conversation = Callable[[Call], Awaitable[None]]


def say(key: str, **more: Any) -> Prompt:
    return Prompt(key, f"text of {key}", **more)


class Studio:
    """Every prompt but those called `unrecorded` has a file named after its key; of the slow ones only `menu` has."""

    def find(self, prompt: Prompt) -> Rendered | None:
        if prompt.key == "unrecorded" or (prompt.pace == "slow" and prompt.key != "menu"):
            return None
        return Rendered(Path("/prompts") / f"{prompt.key}{'-slow' * (prompt.pace == 'slow')}", PROMPT_SECONDS)


class Kept:
    """Records that stay in memory."""

    def __init__(self) -> None:
        self.journals: asyncio.Queue[Journal] = asyncio.Queue()
        self.broken = False

    async def save(self, journal: Journal) -> None:
        self.journals.put_nowait(journal)
        if self.broken:
            raise OSError("disk full")


class Words:
    def phrase(self, key: str, language: str, **slots: str) -> Prompt:
        return Prompt(key, f"text of {key}", "en" if language == "en" else "tr")


class BareDesk:
    """A desk that has words and nothing else."""

    catalogue = Words()


class Lines:
    """Calls over one driver. `flow` is what happens in them."""

    def __init__(
        self,
        driver: str,
        folder: Path,
        at_most: int = 100,
        *,
        clock: Callable[[], datetime] | None = None,
        pass_time: Callable[[float], None] | None = None,
        studio: Media | None = None,
        silence: Callable[[float], Path | None] | None = None,
    ) -> None:
        """`clock` and `pass_time` belong together; without them time passes by itself and with what is heard."""
        self.driver = driver
        self.incoming = folder / "recordings"
        self.incoming.mkdir()
        self.records = Kept()
        self.arrivals = itertools.count()
        self.flow: Conversation = self._nothing
        self.errand: Errand = nothing_placed
        self._passed = timedelta()
        self.pass_time = pass_time or self._wait
        clock = clock or (lambda: datetime.now(UTC) + self._passed)
        silence = silence or (lambda seconds: Path(f"/prompts/silence-{round(seconds * 1000)}"))
        self.equipment = Equipment(studio or Studio(), self.incoming, clock, silence)
        self.exchange = Exchange(
            BareDesk(),  # type: ignore[arg-type]
            self.records,
            self.equipment.now,
            flow=lambda call, desk: self.flow(call),
            at_most=at_most,
        )
        self.server: CallServer | None = None
        """The ARI driver's."""
        self._phones: list[FakePhone] = []
        self._port = 0

    def phone(self, number: str = CALLER) -> Any:
        phone: FakePhone
        if self.driver == "ari":
            phone = FakeAriPhone(number, self.incoming, self._port, PASSWORD, self.pass_time)
        else:
            phone = FakeAgiPhone(number, self.incoming, self._port, self.pass_time)
        self._phones.append(phone)
        return phone

    async def call(self, flow: Conversation, number: str = CALLER) -> Any:
        """A phone whose call has arrived."""
        self.flow = flow
        phone = self.phone(number)
        await phone.dial()
        return phone

    def _wait(self, seconds: float) -> None:
        self._passed += timedelta(seconds=seconds)

    async def journal(self) -> Journal:
        """What the next call to end leaves behind."""
        async with asyncio.timeout(30):
            return await self.records.journals.get()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Lines"]:
        async with self._ari() if self.driver == "ari" else self._agi():
            try:
                yield self
            finally:
                for phone in self._phones:
                    await phone.stop()

    @contextlib.asynccontextmanager
    async def _ari(self) -> AsyncIterator[None]:
        door_for_calls = AriDoor(self.exchange, self.equipment, PASSWORD, self.errand)
        with socket.create_server(("127.0.0.1", 0)) as door:
            self._port = door.getsockname()[1]
            config = configuration(FastAPI(), door_for_calls, lambda: (HTTPStatus.OK, {}), lifespan="off")
            self.server = CallServer(config, self.exchange, patience=5)
            serving = asyncio.create_task(self.server.serve([door]))
            yield
            self.server.should_exit = True
            await serving

    @contextlib.asynccontextmanager
    async def _agi(self) -> AsyncIterator[None]:
        server = AgiServer("127.0.0.1", 0, self.exchange, self.equipment)
        await server.start()
        self._port = server.port
        yield
        await server.stop()

    async def _nothing(self, call: Call) -> None:
        pass
