"""Work that goes on for ever goes on, whatever a turn meets."""

import asyncio
import logging

import pytest

from storage.errors import StorageError
from storage.keeping_on import keep_on

log = logging.getLogger(__name__)


async def test_neither_a_database_that_is_away_nor_a_mistake_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    meets: list[Exception | None] = [
        StorageError("database_away", "away"),
        OSError("disk"),
        KeyError("a mistake"),
        None,
    ]
    pauses: list[float] = []
    done = asyncio.Event()

    async def turn() -> None:
        if error := meets.pop(0):
            raise error
        done.set()
        await asyncio.Event().wait()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    running = asyncio.create_task(keep_on(turn, 7.0, log, "letters", pause))
    async with asyncio.timeout(30):
        await done.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert pauses == [7.0, 7.0, 7.0]
    said = [(each.levelname, "letters" in each.message, each.exc_info is not None) for each in caplog.records]
    assert said == [("WARNING", True, False), ("WARNING", True, False), ("ERROR", True, True)]
