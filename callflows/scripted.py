"""A call without a telephone: keys come from a script and time from a clock that only speech and silence move."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from callflows.call import CallEnded, Caller, Recording, TransferNote, TransferOutcome
from calls.journal import Heard, Journal, Pressed
from prompts.prompt import Prompt

SILENCE = "-"
HANG_UP = "!"
SPEAK = "R"
REACTION = 0.4
"""Seconds until a key that is pressed during speech."""


@dataclass
class VirtualClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the transcript."""

    at: float
    """Seconds since the answer."""
    kind: Literal["said", "asked", "pressed", "silence", "recorded", "played_back", "transferred", "hung_up"]
    text: str
    prompt: Prompt | None = None
    interrupted: bool = False


def reading_seconds(prompt: Prompt) -> float:
    """How long a voice needs for a prompt, where no rendered file is at hand."""
    return len(prompt.text) / 14 + 0.2


@dataclass
class ScriptedCall:
    """Keys in the order in which they are pressed: `-` is silence, `!` hangs up; after the last, silence or hang-up.

    Where a recording is asked for, `-` says nothing; `R`, or anything else, leaves a message.

    `eager` callers press during speech, the others wait for the end of what is said.
    """

    clock: VirtualClock
    keys: str = ""
    number: str | None = None
    call_id: str = "scripted-1"
    eager: bool = False
    then: Literal["silence", "hang_up"] = "silence"
    seconds: Callable[[Prompt], float] = reading_seconds
    message: Path | None = None
    message_seconds: float = 8.0
    agents: bool = True
    on_question: Callable[["ScriptedCall", str], None] | None = None
    """Called before each question with the keys that it wants, or `digits` or `record`; may extend `keys`."""
    events: list[Event] = field(default_factory=list)
    notes: list[TransferNote] = field(default_factory=list)
    ended: bool = False
    _kept: bool = False
    """A key was pressed during speech and waits for the next question."""

    def __post_init__(self) -> None:
        self.keys = "".join(self.keys.split())
        self.journal = Journal(self.call_id, self.number, self.clock.now(), "scripted")

    @property
    def caller(self) -> Caller:
        return Caller(self.number)

    @property
    def elapsed(self) -> float:
        return (self.clock.now() - self.journal.started).total_seconds()

    async def say(self, *prompts: Prompt) -> str | None:
        self._alive()
        return self._play(prompts)

    async def key(self, *prompts: Prompt, allowed: str, seconds: float = 5.0) -> str | None:
        self._question(prompts, "asked", allowed)
        key = self._next()
        if key is None:
            self._silence(seconds)
        else:
            self._pressed(key)
        return key

    async def digits(
        self, *prompts: Prompt, at_most: int, until: str = "#", seconds: float = 5.0, private: bool = False
    ) -> str | None:
        self._question(prompts, "asked", "digits")
        typed, ended = "", False
        while len(typed) < at_most:
            key = self._next()
            if key is None:
                self._silence(seconds)
                break
            self.clock.pass_(REACTION)
            if key in until:
                ended = True
                break
            typed += key
        if typed:
            self._pressed(typed, private=private)
        return typed if typed or ended else None

    async def record(self, *prompts: Prompt, seconds: int) -> Recording | None:
        self._question(prompts, "asked", "record")
        if self._kept:
            self._next()
        if self.keys[:1] == SPEAK:
            self.keys = self.keys[1:]
        elif self.keys[:1] in (SILENCE, HANG_UP):
            self._next()
            self._silence(3.0)
            return None
        self.clock.pass_(self.message_seconds)
        self._log("recorded", f"{self.message_seconds:g} s")
        return Recording(self.message or Path("message.wav"), self.message_seconds)

    async def play_back(self, recording: Recording) -> str | None:
        self._alive()
        self._log("played_back", f"{recording.seconds:g} s")
        self._press_early()
        self.clock.pass_(REACTION if self._kept else recording.seconds)
        return self.keys[0] if self._kept else None

    async def transfer(self, queue: str, note: TransferNote) -> TransferOutcome:
        self._alive()
        self.notes.append(note)
        self._log("transferred", f"{queue}: {note.reason}")
        self.ended = self.agents
        return TransferOutcome.handed_over if self.agents else TransferOutcome.unavailable

    async def hang_up(self) -> None:
        if self.ended:
            return
        self.ended = True
        self._log("hung_up", "by the line")

    def said(self) -> list[Prompt]:
        return [event.prompt for event in self.events if event.prompt]

    def _alive(self) -> None:
        if self.ended:
            raise CallEnded
        if self.elapsed > 3600:
            raise AssertionError("a call that never ends")

    def _question(self, prompts: Iterable[Prompt], kind: Literal["asked"], text: str) -> None:
        self._alive()
        if self.on_question:
            self.on_question(self, text)
        self._play(tuple(prompts))
        self._log(kind, text)

    def _play(self, prompts: tuple[Prompt, ...]) -> str | None:
        """A key that an eager caller presses cuts what may be cut and is kept for the next question."""
        for prompt in prompts:
            if self._kept and prompt.skippable:
                continue
            self._press_early()
            cut = self._kept and prompt.skippable
            self._heard(prompt, REACTION if cut else self.seconds(prompt), interrupted=cut)
        return self.keys[0] if self._kept else None

    def _press_early(self) -> None:
        if self.eager and self.keys[:1] not in ("", SILENCE, HANG_UP):
            self._kept = True

    def _heard(self, prompt: Prompt, seconds: float, interrupted: bool = False) -> None:
        self.journal.heard.append(Heard(self.clock.now(), prompt.key, prompt.text, interrupted))
        self.events.append(Event(self.elapsed, "said", prompt.text, prompt, interrupted))
        self.clock.pass_(seconds)

    def _next(self) -> str | None:
        self._kept = False
        key, self.keys = self.keys[:1], self.keys[1:]
        if key == HANG_UP or (not key and self.then == "hang_up"):
            self._log("hung_up", "by the caller")
            self.ended = True
            raise CallEnded
        return None if key in ("", SILENCE) else key

    def _silence(self, seconds: float) -> None:
        self._log("silence", f"{seconds:g} s")
        self.clock.pass_(seconds)

    def _pressed(self, keys: str, private: bool = False) -> None:
        self.clock.pass_(REACTION)
        self.journal.pressed.append(Pressed(self.clock.now(), keys, private))
        self._log("pressed", "…" if private else keys)

    def _log(
        self,
        kind: Literal["asked", "pressed", "silence", "recorded", "played_back", "transferred", "hung_up"],
        text: str,
    ) -> None:
        self.events.append(Event(self.elapsed, kind, text))
