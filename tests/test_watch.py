"""News of changes: at once, only what is new, to a slow listener only the latest, and to nobody for nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from calls.watch import MOST_LISTENERS, TooManyListeners, Watch


class Looks:
    """What is seen, and a clock whose every second the test lets pass."""

    def __init__(self) -> None:
        self.seen: object = 0
        self.times = 0
        self._pauses: asyncio.Queue[None] = asyncio.Queue()

    async def look(self) -> object:
        self.times += 1
        if isinstance(self.seen, Exception):
            raise self.seen
        return self.seen

    async def sleep(self, seconds: float) -> None:
        await self._pauses.get()

    async def pass_(self) -> None:
        self._pauses.put_nowait(None)
        for _ in range(5):
            await asyncio.sleep(0)

    def watch(self) -> Watch[object]:
        return Watch(self.look, sleep=self.sleep)


async def soon(news: AsyncIterator[object]) -> object:
    async with asyncio.timeout(30):
        return await anext(news)


async def nothing(news: AsyncIterator[object]) -> bool:
    waiting = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0)
    silent = not waiting.done()
    waiting.cancel()
    return silent


async def test_a_listener_hears_the_present_state_and_then_each_change() -> None:
    looks = Looks()
    async with looks.watch().listening() as news:
        assert await soon(news) == 0
        await looks.pass_()
        looks.seen = 1
        await looks.pass_()
        assert await soon(news) == 1
        await looks.pass_()
        assert looks.times == 4
        assert await nothing(news)


async def test_a_slow_listener_hears_only_the_latest() -> None:
    looks = Looks()
    async with looks.watch().listening() as news:
        for looks.seen in range(5):
            await looks.pass_()
        assert await soon(news) == 4
        assert await nothing(news)


async def test_nobody_looks_when_nobody_listens() -> None:
    looks = Looks()
    watch = looks.watch()
    async with watch.listening() as one, watch.listening() as other:
        assert (await soon(one), await soon(other), watch.listeners) == (0, 0, 2)
        assert looks.times == 1
    await looks.pass_()
    assert (looks.times, watch.listeners) == (1, 0)
    looks.seen = 7
    async with watch.listening() as again:
        assert await soon(again) == 7


async def test_one_failed_look_leaves_no_wall_dark(caplog: pytest.LogCaptureFixture) -> None:
    looks = Looks()
    looks.seen = OSError("broken")
    async with looks.watch().listening() as news:
        await looks.pass_()
        looks.seen = 1
        await looks.pass_()
        assert await soon(news) == 1
    assert "could not be read" in caplog.text


async def test_there_is_an_end_to_how_many_may_listen() -> None:
    watch = Looks().watch()
    listening = [watch.listening() for _ in range(MOST_LISTENERS)]
    for one in listening:
        await one.__aenter__()
    with pytest.raises(TooManyListeners):
        await watch.listening().__aenter__()
    await listening.pop().__aexit__(None, None, None)
    listening.append(watch.listening())
    await listening[-1].__aenter__()
    for one in listening:
        await one.__aexit__(None, None, None)
    assert watch.listeners == 0
