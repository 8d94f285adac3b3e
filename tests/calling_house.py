"""A house that calls citizens, each of whom is a telephone of the test."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from dialling.kinds import Why
from dialling.models import CallAttempt, OutboundCall
from dialling.service import CallBacks, Wanted
from ivr.asterisk.softphone import Softphone
from ivr.clock import now
from storage import types
from storage.database import Database
from storage.types import use_key
from tests.calling_world import SECRET
from tests.live_house import LiveHouse
from tests.ports import free_ports
from tests.shared_prompts import rendering, shared_prompts

RINGS = 5


class CallingHouse:
    """A house that calls citizens at once; every number leads to one port, where the citizen of the test listens."""

    def __init__(self, state: Path, prompts: Path, **more: object) -> None:
        [self.port] = free_ports(1)
        given: dict[str, object] = {
            "driver": "ari",
            "call_backs": True,
            "dial": f"PJSIP/alo185-local/sip:{{number}}@127.0.0.1:{self.port}",
            "calling_from": "00:00",
            "calling_until": "00:00",
            "calling_on_holidays": True,
            "ring_seconds": RINGS,
            "calls_per_second": 5,
        }
        self.house = LiveHouse(state, prompts, **given | more)
        self._citizens = 0
        self.number = ""

    def citizen(self, **more: object) -> Softphone:
        """A telephone with a new number."""
        self._citizens += 1
        self.number = f"+9053212345{self._citizens:02}"
        return self.house.phone(self.number, listens=self.port, **more)

    async def call(self, why: Why = Why.ticket_check, area_id: int | None = None) -> int:
        """Put a call to the citizen on the list."""
        self.number = self.number or "+905321234500"
        async with self.database() as db, db.session() as session:
            wanted = Wanted(why, f"about {self.number}", self.number, area_id=area_id)
            call = await CallBacks(session, now, SECRET).ask(wanted)
            await session.commit()
        return call.id

    async def settled(self, call_id: int, within: float = 30.0) -> tuple[OutboundCall, CallAttempt]:
        """The call and its one attempt, once the attempt is over."""
        async with asyncio.timeout(within), self.database() as db:
            while True:
                async with db.reading() as session:
                    attempts = list(
                        await session.scalars(select(CallAttempt).where(CallAttempt.outbound_id == call_id))
                    )
                    if attempts and attempts[-1].outcome:
                        assert len(attempts) == 1
                        call = await session.get(OutboundCall, call_id)
                        assert call
                        return call, attempts[0]
                await asyncio.sleep(0.1)

    def database(self) -> "_Opened":
        return _Opened(self.house)


class _Opened:
    def __init__(self, house: LiveHouse) -> None:
        self._db = Database(house.settings.database)
        self._key = house.settings.secret("database-key")

    async def __aenter__(self) -> Database:
        use_key(self._key)
        return self._db

    async def __aexit__(self, *_: object) -> None:
        await self._db.close()


@contextmanager
def calling_house(
    request: pytest.FixtureRequest, factory: pytest.TempPathFactory, **settings: object
) -> Iterator[CallingHouse]:
    """One that is up until the tests are over; what these seal their own rows with is given back."""
    prompts, before = shared_prompts(request.config), types._seal
    world = CallingHouse(factory.mktemp("calling") / "state", prompts, **settings)
    try:
        with rendering(prompts):
            world.house.start()
        yield world
        assert world.house.stop() == 0
    finally:
        types._seal = before
        world.house.kill()
