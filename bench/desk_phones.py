"""Agents' telephones and browsers in one process: each rings, shows who calls, talks, and writes down a result."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.caller import HOST
from bench.rtp import ALAW
from bench.sip import Message, parse
from bench.wire import Wire

_CALLER = re.compile(r'data-caller="([^"]+)"')
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
OnOver = Callable[[str], Awaitable[None]]
HOLD = 40.0
LOOKS = 1.5
"""Seconds for which an agent looks at the screen before answering."""


@dataclass(slots=True)
class Agent:
    """One agent. Times are of the monotonic clock."""

    user_id: int
    token: str
    rang: dict[str, float] = field(default_factory=dict)
    """By the caller's channel: when the INVITE came."""
    shown: dict[str, float] = field(default_factory=dict)
    """When the screen-pop was there."""
    served: list[str] = field(default_factory=list)
    csrf: str = ""


class AgentPhones:
    """The telephones of all agents on one SIP socket; Asterisk tells them apart by the user part."""

    def __init__(self, agents: list[Agent], talk: float, on_over: OnOver) -> None:
        self._agents = {f"desk-{agent.user_id}": agent for agent in agents}
        self._talk, self._on_over = talk, on_over
        self._sip = Wire(HOST, self._on_sip)
        self._rtp = Wire(HOST, lambda *_: None)
        self._tasks: set[asyncio.Task[None]] = set()
        self._talking: set[str] = set()

    @property
    def port(self) -> int:
        return self._sip.port

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._sip.close()
        self._rtp.close()

    def _on_sip(self, at: int, datagram: bytes, sender: tuple[str, int]) -> None:
        message = parse(datagram)
        if message.status is not None or message.method == "ACK":
            return
        call_id = message.header("call-id")
        if message.method == "INVITE" and call_id not in self._talking:
            self._talking.add(call_id)
            self._spawn(self._rings(message, sender))
        elif message.method == "CANCEL":
            self._talking.discard(call_id)
            self._answer(message, "200 OK", sender)
        else:
            self._answer(message, "200 OK", sender)

    async def _rings(self, invite: Message, sender: tuple[str, int]) -> None:
        name = invite.start.split(" ")[1].removeprefix("sip:").partition("@")[0]
        agent, caller = self._agents[name], invite.header("x-alo185-call")
        agent.rang.setdefault(caller, time.monotonic())
        self._answer(invite, "180 Ringing", sender)
        await asyncio.sleep(LOOKS)
        if invite.header("call-id") not in self._talking:
            return
        self._answer(invite, "200 OK", sender, self._sdp())
        agent.served.append(caller)
        await asyncio.sleep(self._talk)
        await self._on_over(caller)

    def _answer(self, request: Message, status: str, sender: tuple[str, int], body: str = "") -> None:
        copied = [(n, v) for n, v in request.headers if n in ("via", "from", "to", "call-id", "cseq", "record-route")]
        lines = [f"SIP/2.0 {status}"]
        lines += [f"{n}: {v};tag=bench" if n == "to" and "tag=" not in v else f"{n}: {v}" for n, v in copied]
        lines += [f"Contact: <sip:agent@{HOST}:{self._sip.port}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        self._sip.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode(), sender)

    def _sdp(self) -> str:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {self._rtp.port} RTP/AVP {ALAW}\r\na=rtpmap:{ALAW} PCMA/8000\r\na=recvonly\r\n"
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class AgentPage:
    """An agent's open page: events are read as a browser reads them."""

    def __init__(self, agent: Agent, address: str, cookie: str) -> None:
        self._agent = agent
        self._web = httpx.AsyncClient(
            base_url=address,
            cookies={cookie: agent.token},
            headers={"Sec-Fetch-Site": "same-origin", "HX-Request": "true"},
            timeout=30,
            trust_env=False,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._caller = ""
        self._wrapped: set[str] = set()
        self.refused: list[str] = []

    async def open(self) -> None:
        page = await self._web.get("/console/desk", headers={"HX-Request": "false"})
        found = _CSRF.search(page.raise_for_status().text)
        assert found
        self._agent.csrf = found[1]
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
            await self._web.post("/console/desk/phone", headers={"X-CSRF-Token": self._agent.csrf})
            await asyncio.sleep(HOLD)

    async def _read(self) -> None:
        async with self._web.stream("GET", "/console/desk/events", timeout=None) as answer:
            async for name, text in _events(answer):
                if name == "pop" and (found := _CALLER.search(text)):
                    self._caller = found[1]
                    self._agent.shown.setdefault(self._caller, time.monotonic())
                if name == "state" and 'data-state="wrap_up"' in text and self._caller not in self._wrapped:
                    self._wrapped.add(self._caller)
                    await self._post(f"/console/desk/call/{self._caller}/result", result="1")

    async def _post(self, path: str, **fields: str) -> None:
        answer = await self._web.post(path, data={"csrf": self._agent.csrf, **fields})
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
