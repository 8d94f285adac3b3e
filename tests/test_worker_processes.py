"""Worker processes can always be ended, whatever they were saying."""

import asyncio
import sys

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
    async with asyncio.timeout(10):
        while not process.stdout._paused:  # type: ignore[attr-defined]  # noqa: ASYNC110  # the pipe is full then
            await asyncio.sleep(0.01)
        await worker.close()
    assert not worker.running


async def test_only_one_of_a_crew_stays_when_there_is_nothing_to_say() -> None:
    crew = Crew(2, "espeak", "trk/tr", "165", seconds=20, rests_after=0.0)
    await crew.warm()
    stays, rests = crew._workers
    async with asyncio.timeout(20):
        while rests.running:  # noqa: ASYNC110  # its end is nobody's event
            await asyncio.sleep(0.01)
        assert stays.running
        answers = await asyncio.gather(*(crew.ask({"text": word}) for word in ("su", "kesinti")))
    assert all(pcm for _, pcm in answers)
    await crew.close()
    assert not stays.running
    assert not rests.running
