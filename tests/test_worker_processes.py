"""Worker processes can always be ended, whatever they were saying."""

import asyncio
import sys
from collections.abc import Callable

from prompts.processes import Crew, Worker

TALKATIVE = """
import json, sys, time
out = sys.stdout.buffer
for size in (0, 900_000):
    out.write(json.dumps({"bytes": size}).encode() + b"\\n" + b"x" * size)
out.flush()
time.sleep(100)
"""


class Talkative(Worker):
    """Answers at length before it is asked, so that nobody reads it."""

    def __init__(self) -> None:
        super().__init__("speech", seconds=20)
        self._command = [sys.executable, "-c", TALKATIVE]


async def test_a_worker_whose_answer_nobody_reads_is_ended() -> None:
    worker = Talkative()
    await worker.warm()
    process = worker._process
    assert process is not None
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while not process.stdout._paused:  # type: ignore[attr-defined]  # noqa: ASYNC110  # the pipe is full then
            await asyncio.sleep(0.01)
        await worker.close()
    assert not worker.running


async def test_a_second_worker_comes_when_one_is_not_enough_and_goes_again() -> None:
    crew = Crew(2, "espeak", "trk/tr", "165", seconds=20, rests_after=0.0, alone_for=0.0)
    await crew.warm()
    stays, comes = crew._workers
    assert not comes.running
    many = asyncio.gather(*(crew.ask({"text": f"kesinti {number}"}) for number in range(40)))
    await until(lambda: comes.running)
    assert all(pcm for _, pcm in await many)
    await until(lambda: not comes.running)
    assert stays.running
    answers = await asyncio.gather(*(crew.ask({"text": word}) for word in ("su", "kesinti")))
    assert all(pcm for _, pcm in answers)
    await crew.close()
    assert not stays.running
    assert not comes.running


async def test_what_one_can_say_soon_starts_no_second_process() -> None:
    crew = Crew(2, "espeak", "trk/tr", "165", seconds=20, alone_for=60)
    answers = await asyncio.gather(*(crew.ask({"text": f"kesinti {number}"}) for number in range(20)))
    assert all(pcm for _, pcm in answers)
    assert [worker.running for worker in crew._workers] == [True, False]
    await crew.close()


async def test_a_worker_that_cannot_come_leaves_the_work_to_the_other() -> None:
    crew = Crew(2, "espeak", "trk/tr", "165", seconds=20, alone_for=0.0)
    await crew.warm()
    crew._workers[1]._command = [sys.executable, "-c", "raise SystemExit(1)"]
    answers = await asyncio.gather(*(crew.ask({"text": f"kesinti {number}"}) for number in range(20)))
    assert all(pcm for _, pcm in answers)
    await crew.close()


async def until(reached: Callable[[], bool]) -> None:
    """A process's end is nobody's event."""
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
