"""Every prompt that can be played now, as files that Asterisk plays without transcoding.

`<folder>/<voice>.v<version>/<ab>/<digest>.{alaw,ulaw,sln16,g722}`; the files themselves say what is there. A file of a
wrong size, after a crash or by a foreign hand, is made anew. Several processes may share one folder.
"""

import asyncio
import itertools
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from prompts.audio import FORMATS, NARROW, VERSION
from prompts.engines import Engine
from prompts.errors import EngineUnavailable, PromptMissing, RenderFailed, SpeechBroken, StorageFailed
from prompts.processes import Crew
from prompts.prompt import Prompt
from prompts.recordings import Recording, Recordings

STUDIOS = 2
AT_ONCE = 4
"""Prompts under way at one time: two being spoken while two are encoded."""
NAMED = 3
"""Broken prompts that an error names; the others are counted."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    media: Path
    seconds: float


@dataclass(order=True, slots=True)
class Job:
    """One prompt to be made. The smaller its batch, the sooner: a new outage overtakes the whole catalogue."""

    batch: int
    number: int
    prompt: Prompt = field(compare=False)
    target: Path = field(compare=False)
    recording: Recording | None = field(compare=False)
    done: "asyncio.Future[Rendered]" = field(compare=False)


class PromptLibrary:
    """Look-ups are answered from memory; `prepare` does all the work and may run beside them."""

    def __init__(self, folder: Path, engine: Engine, recordings: Path | None = None) -> None:
        self._folder = folder.resolve()
        self._engine = engine
        self._recordings = Recordings(recordings)
        self._studio = Crew(STUDIOS, "studio", seconds=60)
        self._rendered: dict[str, Rendered] = {}
        self._recorded_as: dict[str, str] = {}
        self._jobs: asyncio.PriorityQueue[Job] = asyncio.PriorityQueue()
        self._numbers = itertools.count()
        self._renderers: list[asyncio.Task[None]] = []

    async def warm(self) -> None:
        """Start the processes that the first new prompt would wait for."""
        await asyncio.gather(self._engine.warm(), self._studio.warm())

    async def prepare(self, prompts: Iterable[Prompt], progress: Progress | None = None) -> None:
        """Render what is missing. Every sound prompt is made even when others fail; then `RenderFailed` names those."""
        wanted = {prompt.digest: prompt for prompt in prompts}
        missing = await asyncio.to_thread(self._survey, wanted.values())
        if progress:
            progress(len(wanted) - len(missing), len(wanted))
        if missing:
            await self._render(missing, len(wanted), progress)

    async def missing(self, prompts: Iterable[Prompt]) -> list[Prompt]:
        """What `prepare` would have to render; all else can be played from now on."""
        return [prompt for prompt, _, _ in await asyncio.to_thread(self._survey, prompts)]

    def has(self, prompt: Prompt) -> bool:
        return prompt.digest in self._rendered

    def media(self, prompt: Prompt) -> Path | None:
        """Absolute path without suffix, as Asterisk wants it."""
        rendered = self._rendered.get(prompt.digest)
        return rendered.media if rendered else None

    def seconds(self, prompt: Prompt) -> float:
        return self._of(prompt).seconds

    async def export(self, prompt: Prompt, target: Path) -> None:
        """A copy as `target.<format>` in all formats; a listener of the old one hears either the old or the new."""
        await asyncio.to_thread(_copy, self._of(prompt).media, target)

    async def concatenate(self, prompts: Iterable[Prompt], target: Path) -> None:
        """Prompts in a row with short pauses, as `target.<format>` in all formats."""
        files = [f"{self._of(prompt).media}.sln16" for prompt in prompts]
        if not files:
            raise PromptMissing(f"There is nothing to say in {target}; give at least one prompt.")
        place = await asyncio.to_thread(target.resolve)
        await self._studio.ask({"task": "sequence", "files": files, "target": str(place)})

    async def close(self) -> None:
        renderers, self._renderers = self._renderers, []
        for renderer in renderers:
            renderer.cancel()
        await asyncio.gather(*renderers, return_exceptions=True)
        while not self._jobs.empty():
            self._jobs.get_nowait().done.cancel()
        await asyncio.gather(self._studio.close(), self._engine.close())

    def _of(self, prompt: Prompt) -> Rendered:
        try:
            return self._rendered[prompt.digest]
        except KeyError:
            raise PromptMissing(f'"{prompt.text}" ({prompt.key}, {prompt.pace}) was not prepared; render it.') from None

    def _survey(self, prompts: Iterable[Prompt]) -> list[tuple[Prompt, Path, Recording | None]]:
        """What is on disk becomes playable; the rest is returned with the place where it belongs."""
        self._recordings.look()
        missing = []
        for prompt in prompts:
            recording = self._recording(prompt)
            target = self._target(prompt, recording)
            if rendered := _intact(target):
                self._rendered[prompt.digest] = rendered
            else:
                missing.append((prompt, target, recording))
        return missing

    def _recording(self, prompt: Prompt) -> Recording | None:
        """Phrases of the same words share a recording, whichever of them it was made for."""
        if recording := self._recordings.of(prompt):
            self._recorded_as[prompt.digest] = prompt.key
        return recording

    def _target(self, prompt: Prompt, recording: Recording | None) -> Path:
        voice = "recorded" if recording else self._engine.voice(prompt.language, prompt.pace)
        digest = recording.digest if recording else prompt.digest
        return self._folder / f"{voice}.v{VERSION}" / digest[:2] / digest

    async def _render(
        self, missing: list[tuple[Prompt, Path, Recording | None]], total: int, progress: Progress | None
    ) -> None:
        jobs = [self._job(len(missing), *each) for each in missing]
        broken: list[RenderFailed] = []
        try:
            for number, done in enumerate(asyncio.as_completed([job.done for job in jobs]), 1):
                try:
                    await done
                except (StorageFailed, EngineUnavailable):
                    raise
                except RenderFailed as error:
                    broken.append(error)
                if progress:
                    progress(total - len(jobs) + number, total)
        finally:
            for job in jobs:
                _forget(job.done)
        if broken:
            raise _together(broken)

    def _job(self, batch: int, prompt: Prompt, target: Path, recording: Recording | None) -> Job:
        if not self._renderers:
            self._renderers = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        done: asyncio.Future[Rendered] = asyncio.get_running_loop().create_future()
        job = Job(batch, next(self._numbers), prompt, target, recording, done)
        self._jobs.put_nowait(job)
        return job

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            if job.done.done():
                continue
            try:
                rendered = _intact(job.target) or await self._make(job)
            except Exception as error:  # noqa: BLE001 — raised again where the prompt is awaited.
                if not job.done.done():
                    job.done.set_exception(error)
                continue
            self._rendered[job.prompt.digest] = rendered
            if not job.done.done():
                job.done.set_result(rendered)

    async def _make(self, job: Job) -> Rendered:
        prompt, target = job.prompt, str(job.target)
        if job.recording:
            request = {"task": "recording", "file": str(job.recording.file), "tempo": job.recording.tempo}
            await self._studio.ask(request | {"target": target})
        else:
            speech = await self._engine.say(prompt.text, prompt.language, prompt.pace)
            request = {"task": "speech", "text": prompt.text, "rate": speech.rate}
            await self._studio.ask(request | {"target": target}, speech.pcm)
        rendered = _intact(job.target)
        if rendered is None:
            raise StorageFailed(f"{target} was written but is not there; is something else cleaning {self._folder}?")
        return rendered


def _forget(done: "asyncio.Future[Rendered]") -> None:
    """Nobody waits for it any more: cancelled, or its error taken notice of."""
    if not done.cancel() and not done.cancelled():
        done.exception()


def _intact(media: Path) -> Rendered | None:
    """What lies there if all its formats are of one length."""
    try:
        lengths = {os.stat(f"{media}.{suffix}").st_size / width for suffix, width in FORMATS.items()}
    except OSError:
        return None
    length = lengths.pop()
    return Rendered(media, length / NARROW) if not lengths and length else None


def _copy(media: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    parts = {suffix: target.with_name(f".{target.name}.{os.getpid()}.{suffix}") for suffix in FORMATS}
    try:
        for suffix, part in parts.items():
            shutil.copyfile(f"{media}.{suffix}", part)
        for suffix, part in parts.items():
            part.replace(f"{target}.{suffix}")
    except OSError as error:
        raise StorageFailed(f"{target} cannot be written ({error}); make room or mend its folder.") from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _together(broken: list[RenderFailed]) -> RenderFailed:
    if len(broken) == 1:
        return broken[0]
    more = f" … and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return SpeechBroken(f"{len(broken)} prompts failed: {' '.join(map(str, broken[:NAMED]))}{more}")
