"""Makes prompts: a few at a time, the most urgent first, each wholly or not at all."""

import asyncio
import itertools
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from prompts.engines import Engine
from prompts.errors import RenderFailed, StorageFailed
from prompts.formats import FORMATS, NARROW
from prompts.processes import Crew
from prompts.prompt import Prompt
from prompts.recordings import Recording
from prompts.workers import Message

log = logging.getLogger(__name__)

STUDIOS = 2
AT_ONCE = 4
"""Prompts under way at one time: two being spoken while two are encoded."""


@dataclass(frozen=True, slots=True)
class Rendered:
    media: Path
    """Absolute, without suffix."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Order:
    """What to make, and where. `substitute` takes the engine's words if the recording is no good."""

    prompt: Prompt
    target: Path
    recording: Recording | None = None
    substitute: Path | None = None


@dataclass(order=True, slots=True)
class _Job:
    """The smaller its batch, the sooner: a new outage overtakes the whole catalogue."""

    batch: int
    number: int
    order: Order = field(compare=False)
    done: "asyncio.Future[Rendered]" = field(compare=False)


class Renderer:
    def __init__(self, engine: Engine) -> None:
        self.refused: dict[str, str] = {}
        """Why recordings could not be used, by their digest."""
        self._engine = engine
        self._studio = Crew(STUDIOS, "studio", seconds=60)
        self._jobs: asyncio.PriorityQueue[_Job] = asyncio.PriorityQueue()
        self._numbers = itertools.count()
        self._hands: list[asyncio.Task[None]] = []

    async def warm(self) -> None:
        await asyncio.gather(self._engine.warm(), self._studio.warm())

    def take(self, order: Order, batch: int) -> "asyncio.Future[Rendered]":
        """Its result comes when the prompt is there; cancel it when nobody wants it any more."""
        if not self._hands:
            self._hands = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        job = _Job(batch, next(self._numbers), order, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        return job.done

    async def join(self, files: list[str], target: Path) -> None:
        """Rendered sln16 files in a row, as `target` in all formats."""
        await self._studio.ask({"task": "sequence", "files": files, "target": str(target)})

    async def close(self) -> None:
        hands, self._hands = self._hands, []
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
        while not self._jobs.empty():
            self._jobs.get_nowait().done.cancel()
        await asyncio.gather(self._studio.close(), self._engine.close())

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            if job.done.done():
                continue
            try:
                rendered = intact(job.order.target) or await self._make(job.order)
            except asyncio.CancelledError:
                job.done.cancel()
                raise
            except Exception as error:  # noqa: BLE001 — raised again where the prompt is awaited.
                if not job.done.done():
                    job.done.set_exception(error)
            else:
                if not job.done.done():
                    job.done.set_result(rendered)

    async def _make(self, order: Order) -> Rendered:
        if order.recording is None or order.substitute is None:
            return await self._spoken(order.prompt, order.target)
        recording = order.recording
        try:
            request = {"task": "recording", "file": str(recording.file), "tempo": recording.tempo}
            return await self._mastered(request, order.target)
        except StorageFailed:
            raise
        except RenderFailed as error:
            log.error("%s The speech engine says it instead.", error)
            self.refused[recording.digest] = str(error)
            return intact(order.substitute) or await self._spoken(order.prompt, order.substitute)

    async def _spoken(self, prompt: Prompt, target: Path) -> Rendered:
        speech = await self._engine.say(prompt.text, prompt.language, prompt.pace)
        return await self._mastered({"task": "speech", "text": prompt.text, "rate": speech.rate}, target, speech.pcm)

    async def _mastered(self, request: Message, target: Path, pcm: bytes = b"") -> Rendered:
        await self._studio.ask(request | {"target": str(target)}, pcm)
        rendered = intact(target)
        if rendered is None:
            raise StorageFailed(f"{target} was written but is not there; is something cleaning that folder?")
        return rendered


def intact(media: Path) -> Rendered | None:
    """What lies there if all its formats are of one length."""
    try:
        lengths = {os.stat(f"{media}.{suffix}").st_size / width for suffix, width in FORMATS.items()}
    except OSError:
        return None
    length = lengths.pop()
    return Rendered(media, length / NARROW) if not lengths and length else None
