"""Every prompt that can be played now, as files that Asterisk plays without transcoding.

`<folder>/<voice>.v<version>/<ab>/<digest>.{alaw,ulaw,sln16,g722}`; the files themselves say what is there. A file of a
wrong size, after a crash or by a foreign hand, is made anew. Several processes may share one folder.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from prompts.engines import Engine
from prompts.errors import EngineUnavailable, PromptMissing, RenderFailed, SpeechBroken, StorageFailed
from prompts.formats import FORMATS, VERSION
from prompts.prompt import Prompt
from prompts.recordings import Recordings
from prompts.rendering import Order, Rendered, Renderer, intact

NAMED = 3
"""Broken prompts that an error names; the others are counted."""

Progress = Callable[[int, int], None]
"""Prompts that are done, of how many."""


class PromptLibrary:
    """Look-ups are answered from memory; `prepare` does all the work and may run beside them."""

    def __init__(self, folder: Path, engine: Engine, recordings: Path | None = None) -> None:
        self._folder = folder.resolve()
        self._engine = engine
        self._recordings = Recordings(recordings)
        self._renderer = Renderer(engine)
        self._spoken: dict[str, Rendered] = {}
        self._recorded: dict[tuple[str, str], Rendered] = {}

    async def warm(self) -> None:
        """Start the processes that the first new prompt would wait for."""
        await self._renderer.warm()

    async def prepare(self, prompts: Iterable[Prompt], progress: Progress | None = None) -> None:
        """Render what is missing. Every sound prompt is made even when others fail; then `RenderFailed` names those."""
        found, missing = await asyncio.to_thread(self._survey, prompts)
        if progress:
            progress(found, found + len(missing))
        if missing:
            await self._render(missing, found, progress)

    async def missing(self, prompts: Iterable[Prompt]) -> list[Prompt]:
        """What `prepare` would have to render; all else can be played from now on."""
        _, missing = await asyncio.to_thread(self._survey, prompts)
        return [order.prompt for order in missing]

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    @property
    def refused(self) -> list[str]:
        """Why recordings could not be used, one sentence each; the engine speaks in their place."""
        return list(self._renderer.refused.values())

    def find(self, prompt: Prompt) -> Rendered | None:
        """Where it is and how long it lasts; None while it is not rendered."""
        digest = prompt.digest
        return self._recorded.get((prompt.key, digest)) or self._spoken.get(digest)

    def has(self, prompt: Prompt) -> bool:
        return self.find(prompt) is not None

    def media(self, prompt: Prompt) -> Path | None:
        """Absolute path without suffix, as Asterisk wants it."""
        rendered = self.find(prompt)
        return rendered.media if rendered else None

    def seconds(self, prompt: Prompt) -> float:
        return self._get(prompt).seconds

    async def export(self, prompt: Prompt, target: Path) -> None:
        """A copy as `target.<format>` in all formats; a listener of the old one hears either the old or the new."""
        await asyncio.to_thread(_copy, self._get(prompt).media, target)

    async def concatenate(self, prompts: Iterable[Prompt], target: Path) -> None:
        """Prompts in a row with short pauses, as `target.<format>` in all formats."""
        files = [f"{self._get(prompt).media}.sln16" for prompt in prompts]
        if not files:
            raise PromptMissing(f"There is nothing to say in {target}; give at least one prompt.")
        await self._renderer.join(files, await asyncio.to_thread(target.resolve))

    async def close(self) -> None:
        await self._renderer.close()

    def _get(self, prompt: Prompt) -> Rendered:
        rendered = self.find(prompt)
        if rendered is None:
            raise PromptMissing(f'"{prompt.text}" ({prompt.key}, {prompt.pace}) was not prepared; render it.')
        return rendered

    def _keep(self, order: Order, rendered: Rendered) -> None:
        name = order.prompt.key, order.prompt.digest
        if order.recording and rendered.media == order.target:
            self._recorded[name] = rendered
        else:
            self._spoken[order.prompt.digest] = rendered
            self._recorded.pop(name, None)

    def _survey(self, prompts: Iterable[Prompt]) -> tuple[int, list[Order]]:
        """What is on disk becomes playable and is counted; the rest is to be ordered."""
        self._recordings.look()
        found, missing = 0, []
        for order in {self._order(prompt): None for prompt in prompts}:
            if rendered := intact(order.target):
                self._keep(order, rendered)
                found += 1
            else:
                missing.append(order)
        return found, missing

    def _order(self, prompt: Prompt) -> Order:
        spoken = self._place(self._engine.voice(prompt.language, prompt.pace), prompt.digest)
        recording = self._recordings.of(prompt)
        if recording is None or recording.digest in self._renderer.refused:
            return Order(prompt, spoken)
        return Order(prompt, self._place("recorded", recording.digest), recording, spoken)

    def _place(self, voice: str, digest: str) -> Path:
        return Path(f"{self._folder}/{voice}.v{VERSION}/{digest[:2]}/{digest}")

    async def _render(self, missing: list[Order], found: int, progress: Progress | None) -> None:
        """One file for all orders of the same place."""
        places = {order.target: order for order in missing}
        making = {place: self._renderer.take(order, len(places)) for place, order in places.items()}
        broken: dict[Path, RenderFailed] = {}
        try:
            for number, order in enumerate(missing, found + 1):
                try:
                    self._keep(order, await asyncio.shield(making[order.target]))
                except (StorageFailed, EngineUnavailable):
                    raise
                except RenderFailed as error:
                    broken[order.target] = error
                if progress:
                    progress(number, found + len(missing))
        finally:
            for done in making.values():
                _forget(done)
        if broken:
            raise _together(list(broken.values()))


def _forget(done: "asyncio.Future[Rendered]") -> None:
    """Nobody waits for it any more: cancelled, or its error taken notice of."""
    if not done.cancel() and not done.cancelled():
        done.exception()


def _copy(media: Path, target: Path) -> None:
    parts = {suffix: target.with_name(f".{target.name}.{os.getpid()}.{suffix}") for suffix in FORMATS}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
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
