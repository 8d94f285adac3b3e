"""What the wall shows of the agents' queue is what happens in the real Asterisk, and no caller pays for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, Response

from calls.agents_queue import AgentsQueue, QueueState
from ivr import dialplan
from ivr.ari.asking_queue import QueueAsker
from ivr.asterisk.softphone import Softphone
from ivr.dialplan import AGENT_ENDPOINTS
from ivr.live_endpoints import queue_router
from ivr.settings import Settings
from tests.asterisk_stand import Hung, asterisk, live_settings, put_sound

pytestmark = pytest.mark.live


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Callers go straight to the queue, since the service takes no calls."""
    given = live_settings(tmp_path)
    put_sound(given.fallback / "outages", 11, 0.3)
    return given


def caller(settings: Settings) -> Softphone:
    return Softphone(settings.state / "caller", "05321234567", server_port=settings.sip_port)


def agent(settings: Settings, *, answers: bool) -> Softphone:
    name = AGENT_ENDPOINTS[0]
    folder = settings.state / f"agent-{answers}"
    password = settings.secret(name)
    return Softphone(folder, name, server_port=settings.sip_port, password=password, answers=answers)


@contextlib.asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[AgentsQueue]:
    """Takes reports and no calls."""
    queue = AgentsQueue(lambda: datetime.now(UTC))
    app = FastAPI()
    app.include_router(queue_router(queue, settings.secret(dialplan.QUEUE_REPORTER)))
    app.add_api_route(dialplan.HEALTH_PATH, lambda: Response(status_code=503))
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        yield queue
    finally:
        server.should_exit = True
        await serving


async def shows(queue: AgentsQueue, wanted: Callable[[QueueState], bool]) -> QueueState:
    """The state once it is as wanted."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(20):
            while not wanted(queue.state):  # noqa: ASYNC110  # Asterisk tells the service, not us
                await asyncio.sleep(0.02)
    assert wanted(queue.state), queue.state
    return queue.state


async def test_who_waits_and_who_talks_is_told(settings: Settings) -> None:
    async with (
        service(settings) as queue,
        asterisk(settings),
        agent(settings, answers=False) as desk,
        caller(settings) as phone,
    ):
        dialled = datetime.now(UTC)
        await phone.dial("185")
        await desk.rung()
        waiting = await shows(queue, lambda state: state.waiting == 1)
        assert waiting.longest_since
        assert waiting.longest_since > dialled
        assert (waiting.busy + waiting.free, waiting.paused) == (1, 0)
        await desk.accept()
        talking = await shows(queue, lambda state: state.waiting == 0)
        assert (talking.free, talking.busy, talking.longest_since) == (0, 1, None)
        await phone.hang_up()
        await desk.ended()
        quiet = await shows(queue, lambda state: state.free == 1)
        assert (quiet.waiting, quiet.busy) == (0, 0)


async def test_a_caller_who_gives_up_waits_no_longer(settings: Settings) -> None:
    async with (
        service(settings) as queue,
        asterisk(settings),
        agent(settings, answers=False) as desk,
        caller(settings) as phone,
    ):
        await phone.dial("185")
        await desk.rung()
        await shows(queue, lambda state: state.waiting == 1)
        await phone.hang_up()
        gone = await shows(queue, lambda state: state.waiting == 0)
        assert gone.longest_since is None


async def test_while_somebody_looks_agents_who_come_and_go_are_told(tmp_path: Path) -> None:
    settings = live_settings(tmp_path, driver="ari")
    asker = QueueAsker(settings)
    async with service(settings) as queue, asterisk(settings):
        await asker.ask()
        assert await shows(queue, lambda state: state.told is not None and state.free == 0)
        async with agent(settings, answers=True):
            await asker.ask()
            await shows(queue, lambda state: (state.free, state.busy, state.waiting) == (1, 0, 0))
    await asker.ask()
    await asker.close()


@pytest.mark.parametrize("hung", [False, True], ids=["killed", "hung"])
async def test_without_the_service_no_caller_waits_for_a_report(settings: Settings, hung: bool) -> None:
    """From the end of the announcement to the agent's ringing: a report to a hung service takes five seconds."""
    loop = asyncio.get_running_loop()
    with Hung(settings) if hung else contextlib.nullcontext():
        async with asterisk(settings) as server, agent(settings, answers=True) as desk, caller(settings) as phone:
            await server.ask("dialplan add extension 186,1,Goto(alo185-queue,s,1) into alo185-local")
            dialled = loop.time()
            await phone.dial("186")
            await desk.answered()
            assert loop.time() - dialled < 4
            await phone.hang_up()
            await desk.ended()
