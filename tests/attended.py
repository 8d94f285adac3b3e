"""A caller who hears everything out before the next key, on a line or at the terminal, as the scripted caller does."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, TypeVar

from callflows.call import Call, CallEnded, Caller, Recording, TransferNote, TransferOutcome
from callflows.scripted import HANG_UP, REACTION, SILENCE, VirtualClock, reading_seconds
from calls.journal import Journal
from ivr.terminal import Keys
from prompts.prompt import Prompt
from prompts.rendering import Rendered
from tests.fake_asterisk import FakePhone

Answer = TypeVar("Answer")
SOON, NEVER = 0.3, 60.0
"""Real seconds of silence: where the caller says nothing, and where they certainly do something."""
MESSAGE_SECONDS = 8.0


class Everything:
    """A studio with a file for each prompt at each pace, as long as its text."""

    def find(self, prompt: Prompt) -> Rendered:
        name = f"{prompt.key}{'-slow' * (prompt.pace == 'slow')}"
        return Rendered(Path("/prompts") / name, reading_seconds(prompt))


class AttendedCall:
    """A `Call` on a line, whose caller does what the script says each time that something is asked."""

    def __init__(self, line: Call, phone: FakePhone, keys: str, pass_time: Callable[[float], None]) -> None:
        self._line, self._phone, self._pass_time = line, phone, pass_time
        self._keys = "".join(keys.split())
        self._studio = Everything()
        self.journal: Journal = line.journal

    @property
    def caller(self) -> Caller:
        return self._line.caller

    @property
    def call_id(self) -> str:
        return self._line.call_id

    async def say(self, *prompts: Prompt) -> str | None:
        return await _both(self._hear(prompts), self._line.say(*prompts))

    async def key(self, *prompts: Prompt, allowed: str, seconds: float = 5.0) -> str | None:
        keys = self._taken(1)
        real = NEVER if keys else SOON
        pressing = self._answer(prompts, keys)
        pressed = await _both(pressing, self._line.key(*prompts, allowed=allowed, seconds=real))
        if pressed is None:
            self._pass_time(seconds)
        return pressed

    async def digits(
        self, *prompts: Prompt, at_most: int, until: str = "#", seconds: float = 5.0, private: bool = False
    ) -> str | None:
        keys = self._taken(at_most, until)
        real = NEVER if len(keys) == at_most or (keys[-1:] in (until, HANG_UP) and keys) else SOON
        asking = self._line.digits(*prompts, at_most=at_most, until=until, seconds=real, private=private)
        typed = await _both(self._answer(prompts, keys), asking)
        if real == SOON:
            self._pass_time(seconds)
        return typed

    async def record(self, *prompts: Prompt, seconds: int) -> Recording | None:
        async def speak() -> None:
            await self._hear(prompts)
            await self._phone.speak(MESSAGE_SECONDS)
            self._pass_time(MESSAGE_SECONDS)

        return await _both(speak(), self._line.record(*prompts, seconds=seconds))

    async def play_back(self, recording: Recording) -> str | None:
        async def listen() -> None:
            self._phone.lasts = recording.seconds
            await self._phone.hears_to_the_end(recording.path.stem)

        return await _both(listen(), self._line.play_back(recording))

    async def transfer(self, queue: str, note: TransferNote) -> TransferOutcome:
        return await self._line.transfer(queue, note)

    async def hang_up(self) -> None:
        await self._line.hang_up()

    def _taken(self, at_most: int, until: str = "") -> str:
        """The keys of the next answer; none is silence."""
        keys = ""
        while self._keys and len(keys) < at_most:
            key, self._keys = self._keys[0], self._keys[1:]
            if key == SILENCE:
                break
            keys += key
            if key in (until, HANG_UP):
                break
        return keys

    async def _hear(self, prompts: Iterable[Prompt]) -> None:
        for prompt in prompts:
            rendered = self._studio.find(prompt)
            self._phone.lasts = rendered.seconds
            await self._phone.hears_to_the_end(rendered.media.name)

    async def _answer(self, prompts: Iterable[Prompt], keys: str) -> None:
        await self._hear(prompts)
        for key in keys:
            self._pass_time(REACTION)
            await (self._phone.hang_up() if key == HANG_UP else self._phone.press(key))


async def _both(caller: Coroutine[Any, Any, None], line: Coroutine[Any, Any, Answer]) -> Answer:
    """What the line tells, once the caller has done their part beside it."""
    doing = asyncio.create_task(caller)
    try:
        return await line
    finally:
        await doing


class PatientKeys(Keys):
    """At the terminal: no key before the question, and silence after the last."""

    def __init__(self, typed: str, clock: VirtualClock) -> None:
        super().__init__("".join(typed.split()))
        self._clock = clock

    async def next(self) -> str | None:
        key = self._typed.popleft() if self._typed else SILENCE
        if key == HANG_UP:
            raise CallEnded
        self._clock.pass_(3.0 if key == SILENCE else REACTION)
        return None if key == SILENCE else key

    def pressed(self) -> str | None:
        return None


class ReadingVoice:
    """Takes as long as the text."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    async def say(self, prompt: Prompt, interrupted: asyncio.Task[None] | None) -> None:
        self._clock.pass_(reading_seconds(prompt))

    async def play(self, message: Path, interrupted: asyncio.Task[None] | None) -> None:
        self._clock.pass_(MESSAGE_SECONDS)
