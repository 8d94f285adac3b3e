"""Agents and their open pages, in one process: each shows who calls, and its agent writes down a result."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

from ivr.clock import now
from ivr.service import Service
from ivr.settings import Settings
from people.models import User
from people.roles import Duty, Role
from people.service import PeopleService
from storage.database import Database

_CALLER = re.compile(r'data-caller="([^"]+)"')
_STATE = re.compile(r'data-state="([^"]+)"')
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
HOLD = 40.0


@dataclass(slots=True)
class Agent:
    """One agent. Times are seconds since 1970."""

    user_id: int
    token: str
    shown: dict[str, float] = field(default_factory=dict)
    """By the caller's channel: when the screen-pop was there."""
    csrf: str = ""

    @property
    def phone(self) -> str:
        return f"desk-{self.user_id}"


class AgentPage:
    """An agent's open page: events are read as a browser reads them."""

    def __init__(self, agent: Agent, address: str, cookie: str) -> None:
        self.agent = agent
        self._web = httpx.AsyncClient(
            base_url=address,
            cookies={cookie: agent.token},
            headers={"Sec-Fetch-Site": "same-origin", "HX-Request": "true"},
            timeout=30,
            trust_env=False,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._caller = self._state = ""
        self._wrapped: set[str] = set()
        self.refused: list[str] = []

    async def open(self) -> None:
        page = await self._web.get("/console/desk", headers={"HX-Request": "false"})
        found = _CSRF.search(page.raise_for_status().text)
        assert found
        self.agent.csrf = found[1]
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._hold())]

    async def ready(self) -> None:
        await self._post("/console/desk/state", state="ready")

    async def pause(self) -> None:
        await self._post("/console/desk/state", state="paused", reason="1")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._web.aclose()

    async def _hold(self) -> None:
        """The service takes telephones of nobody's tab away from Asterisk; ours is a plain one beside a tab's."""
        while True:
            await self._web.post("/console/desk/phone", headers={"X-CSRF-Token": self.agent.csrf})
            await asyncio.sleep(HOLD)

    async def _read(self) -> None:
        async with self._web.stream("GET", "/console/desk/events", timeout=None) as answer:
            async for name, text in _events(answer):
                if name == "pop" and (found := _CALLER.search(text)):
                    self._caller = found[1]
                    self.agent.shown.setdefault(self._caller, time.time())
                if name == "state" and (state := _STATE.search(text)):
                    self._state = state[1]
                if self._state == "wrap_up" and self._caller not in self._wrapped:
                    self._wrapped.add(self._caller)
                    await self._post(f"/console/desk/call/{self._caller}/result", result="1")

    async def _post(self, path: str, **fields: str) -> None:
        answer = await self._web.post(path, data={"csrf": self.agent.csrf, **fields})
        if answer.is_error:
            self.refused.append(f"{path.rpartition('/')[2]}: {answer.text[:80]}")


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    name, lines = "", list[str]()
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            lines.append(line.removeprefix("data: "))
        elif not line and name:
            yield name, "\n".join(lines)
            name, lines = "", []


async def crew(settings: Settings, count: int) -> list[Agent]:
    """Agents who are signed in."""
    service = Service(settings)
    agents = []
    async with service.db.session() as session:
        work = PeopleService(session, now, "bench")
        for number in range(count):
            user = await work.create_user(f"agent{number}", f"Agent {number}", Role.operator, duties=[Duty.desk])
            agents.append(user.id)
        await session.commit()
    found = [Agent(user_id, await _token(service.db, service, user_id)) for user_id in agents]
    await service.library.close()
    await service.db.close()
    return found


async def _token(db: Database, service: Service, user_id: int) -> str:
    async with db.session() as session:
        user = await session.get_one(User, user_id)
        return await service.signin.begin(session, user, "127.0.0.1", "bench", "bench")
