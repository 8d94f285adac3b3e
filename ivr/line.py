"""What both drivers share: the verbs of a call, type-ahead, barge-in, and the journal of what was heard and pressed.

A driver adds how a telephone is answered, played to, listened to and let go.
"""

import asyncio
import logging
import re
import secrets
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import phonenumbers

from callflows.call import CallEnded, Caller, Recording, TransferNote, TransferOutcome, Unspeakable
from calls.journal import Heard, Journal, Pressed
from ivr import dialplan
from ivr.sounding import Reached, Sounding, Spoken
from ivr.voice import spoken_seconds
from prompts.prompt import Prompt
from prompts.rendering import Rendered

log = logging.getLogger(__name__)

KEYS = "0123456789*#"
TYPED_AHEAD = 64
"""Keys kept at most; a stuck key must not fill the memory."""
SILENCE_ENDS = 3
"""Seconds of silence that end a recording."""
LONGEST_VALUE = 100
"""Characters of a channel variable."""


class Media(Protocol):
    """Where prompts become files; `prompts.library.PromptLibrary` is one."""

    def find(self, prompt: Prompt) -> Rendered | None: ...


@dataclass(frozen=True, slots=True)
class Equipment:
    """What every line of this machine works with."""

    media: Media
    incoming: Path
    """Where Asterisk writes voice messages; its own recording folder points here."""
    now: Callable[[], datetime]
    silence: Callable[[float], Path | None] = lambda seconds: None
    """A file of so many seconds in which nothing is heard, without extension; None where it cannot be had."""


_MOBILE = re.compile(r"(?:\+90|0)(5[0-9]{9})")
_TURKEY: Any = phonenumbers.PhoneMetadata.metadata_for_region("TR")
_VALID_MOBILE = re.compile(_TURKEY.mobile.national_number_pattern)

OWN_VOICE = Prompt("record.message", "")
"""Stands in the journal where a caller heard their own message."""


class Line(ABC):
    """One telephone call. Implements `callflows.call.Call` on top of what a driver can do."""

    driver: str
    endpoint = ""
    """The phone that calls, as Asterisk names it; empty where that is not known."""

    def __init__(self, channel: str, number: str, equipment: Equipment) -> None:
        self._equipment = equipment
        self._caller = Caller(e164(number))
        call_id = f"{channel}-{secrets.token_hex(4)}"
        self.journal = Journal(call_id, self._caller.number, equipment.now(), self.driver)
        self._typed: deque[str] = deque(maxlen=TYPED_AHEAD)
        self._needless: str | None = None
        self._speaking = False
        self._listened = 0.0
        """Seconds for which a key has been waited for since the last prompt ended."""
        self._sounding: Sounding | None = None
        self._recordings: list[Path] = []

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def call_id(self) -> str:
        return self.journal.call_id

    def told(self) -> Journal:
        """The journal, with what sounds at this moment."""
        if self._sounding:
            self._sounding.follow(self._so_far(self._sounding))
        return self.journal

    async def say(self, *prompts: Prompt) -> str | None:
        return await self._say(self._found(prompts))

    async def _say(self, spoken: Sequence[Spoken], listening: float = 0.0) -> str | None:
        """`listening`: seconds for which a key will be waited for when all was said."""
        self._listened = 0.0
        try:
            for skippable, group in groupby(spoken, key=lambda one: one.prompt.skippable):
                if not (skippable and self._typed):
                    sequence = list(group)
                    last = sequence[-1] is spoken[-1]
                    await self._play(sequence, interruptible=skippable, listening=listening if last else 0.0)
        except CallEnded:
            self._interrupted()
            raise
        return self._typed[0] if self._typed else None

    async def key(self, *prompts: Prompt, allowed: str, seconds: float = 5.0) -> str | None:
        await self._say(self._found(prompts), seconds)
        pressed = await self._next_key(seconds)
        if pressed:
            self._wrote(pressed)
        return pressed

    async def digits(
        self, *prompts: Prompt, at_most: int, until: str = "#", seconds: float = 5.0, private: bool = False
    ) -> str | None:
        await self._say(self._found(prompts), seconds)
        entry = ""
        while len(entry) < at_most:
            pressed = await self._next_key(seconds)
            if pressed is None or pressed == until:
                break
            entry += pressed
        else:
            pressed, self._needless = entry, until
        if entry:
            self._wrote(entry, private)
        return entry if entry or pressed else None

    async def record(self, *prompts: Prompt, seconds: int) -> Recording | None:
        await self.say(*prompts)
        self._typed.clear()
        name = f"{self.call_id}-{len(self._recordings) + 1}"
        path = self._equipment.incoming / f"{name}.wav"
        self._recordings.append(path)
        try:
            await self._record(name, seconds)
        except CallEnded:
            # who has spoken has reported; the flow learns from its next verb that the caller is gone
            if spoken := await asyncio.to_thread(spoken_seconds, path):
                return Recording(path, spoken)
            raise
        self._typed.clear()
        spoken = await asyncio.to_thread(spoken_seconds, path)
        return Recording(path, spoken) if spoken else None

    async def play_back(self, recording: Recording) -> str | None:
        path = recording.path.absolute().with_suffix("")
        return await self._say([Spoken(OWN_VOICE, path, recording.seconds)])

    async def transfer(self, queue: str, note: TransferNote) -> TransferOutcome:
        values = {
            dialplan.QUEUE: queue,
            dialplan.REASON: note.reason,
            dialplan.AREA: note.area or "",
            dialplan.LANGUAGE: note.language,
            dialplan.PRIORITY: str(note.priority),
            dialplan.TICKET: note.extra.get("ticket", ""),
            dialplan.PLACE: note.extra.get("place", ""),
            dialplan.SINCE: note.extra.get("since", ""),
            dialplan.DONE: "1",
        }
        return await self._hand_over({name: harmless(value) for name, value in values.items()})

    @abstractmethod
    async def hang_up(self) -> None: ...

    @abstractmethod
    async def answer(self) -> None:
        """Pick up, unless the dialplan has."""

    @abstractmethod
    async def let_go(self) -> None:
        """Close our end: the dialplan goes on with the caller."""

    def discard_recordings(self) -> None:
        """Forget messages that no ticket took."""
        for path in self._recordings:
            path.unlink(missing_ok=True)

    @abstractmethod
    async def _play(self, spoken: Sequence[Spoken], *, interruptible: bool, listening: float) -> None:
        """Play to the end, or until a key when interruptible; keys go to `_took`.

        A driver that would hear no key just then goes on `listening` at once, and tells in `_listened` for how long.
        """

    @abstractmethod
    async def _listen(self, seconds: float) -> None:
        """Wait until a key was taken or time is up."""

    @abstractmethod
    async def _record(self, name: str, seconds: int) -> None:
        """Beep, then write `name`.wav into the incoming folder."""

    @abstractmethod
    async def _hand_over(self, variables: Mapping[str, str]) -> TransferOutcome: ...

    async def _next_key(self, seconds: float) -> str | None:
        left, self._listened = seconds - self._listened, 0.0
        if not self._typed and left > 0:
            await self._listen(left)
        return self._typed.popleft() if self._typed else None

    def _took(self, key: str) -> bool:
        """Keep a key for the next question. False for one that means nothing, such as `#` after a full entry."""
        needless, self._needless = self._needless, None
        if key not in tuple(KEYS) or key == needless:
            return False
        self._typed.append(key)
        return True

    def _found(self, prompts: Sequence[Prompt]) -> list[Spoken]:
        return [self._playable(prompt) for prompt in prompts]

    def _playable(self, prompt: Prompt) -> Spoken:
        """The prompt with its file; at the normal pace where the slow one is not made."""
        for paced in (prompt, replace(prompt, pace="normal")) if prompt.pace == "slow" else (prompt,):
            if found := self._equipment.media.find(paced):
                return Spoken(paced, found.media, found.seconds)
        raise Unspeakable(f"no sound file for the phrase {prompt.key} in {prompt.language}")

    def _wrote(self, keys: str, private: bool = False) -> None:
        self.journal.pressed.append(Pressed(self._equipment.now(), keys, private))

    def _began(self, prompt: Prompt, at: datetime) -> None:
        self.journal.heard.append(Heard(at, prompt.key, prompt.text))
        self._speaking = True

    def _so_far(self, sounding: Sounding) -> float:
        return sounding.since(self._equipment.now())

    def _reached(self, sounding: Sounding, seconds: float) -> Reached:
        """Have in the journal what began within `seconds`; the last of it is being said."""
        self._speaking = True
        return sounding.follow(seconds)

    def _unheard(self) -> None:
        """What began turned out to be no sound."""
        if self._speaking:
            self.journal.heard.pop()
        self._speaking = False

    def _interrupted(self) -> None:
        if self._speaking:
            self.journal.heard[-1] = replace(self.journal.heard[-1], interrupted=True)
        self._speaking = False


def e164(number: str) -> str | None:
    """A caller's number as +90…, or None when it is withheld or no telephone number."""
    if (plain := _MOBILE.fullmatch(number)) and _VALID_MOBILE.fullmatch(plain[1]):
        return f"+90{plain[1]}"  # nearly every caller, and looking it up any further takes longer than a whole answer
    try:
        parsed = phonenumbers.parse(number, "TR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def harmless(value: str) -> str:
    """A channel variable without control characters, which would end a line of the protocol."""
    return "".join(c if c.isprintable() else " " for c in value)[:LONGEST_VALUE]
