"""A call in the terminal: prompts are printed, and played where there is a player; keys are typed."""

import asyncio
import contextlib
import os
import secrets
import shutil
import sys
import termios
import threading
import tty
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from callflows.call import CallEnded, Caller, Recording, TransferNote, TransferOutcome
from calls.journal import Heard, Journal, Pressed
from ivr.clock import now
from ivr.line import KEYS
from prompts.library import PromptLibrary
from prompts.prompt import Prompt

SILENCE = "-"
HANG_UP = "!"
PLAYERS = {
    "aplay": ["-q", "-t", "raw", "-f", "S16_LE", "-r", "16000", "-c", "1"],
    "paplay": ["--raw", "--format=s16le", "--rate=16000", "--channels=1"],
}


class NoPlayer(Exception):
    code = "no_player"


class NoMessage(Exception):
    code = "no_message"


class Keys:
    """What the caller does, in order: keys, `-` for silence, `!` to hang up."""

    def __init__(self, typed: str = "", *, more: bool = False) -> None:
        self._typed = deque(typed)
        self._more = more
        self._came = asyncio.Event()

    def add(self, typed: str) -> None:
        self._typed.extend(typed)
        self._came.set()

    async def next(self) -> str | None:
        """The next key; None is silence. A caller without further keys hangs up."""
        await self.wait()
        key = self._typed.popleft() if self._typed else HANG_UP
        if key == HANG_UP:
            raise CallEnded
        return None if key == SILENCE else key

    async def wait(self) -> None:
        """Until something was done."""
        while not self._typed and self._more:
            self._came.clear()
            await self._came.wait()

    def pressed(self) -> str | None:
        """The key that waits for the next question."""
        return self._typed[0] if self._typed and self._typed[0] in KEYS else None


@contextlib.contextmanager
def typed_keys() -> Iterator[Keys]:
    """Keys of the person at the terminal, each at once; of a pipe, line by line. An empty line is silence."""
    keys = Keys(more=True)
    loop = asyncio.get_running_loop()
    at_terminal = sys.stdin.isatty()
    before = termios.tcgetattr(sys.stdin) if at_terminal else None

    def read() -> None:
        while text := os.read(sys.stdin.fileno(), 1).decode(errors="ignore") if at_terminal else sys.stdin.readline():
            done = _meant(text)
            loop.call_soon_threadsafe(keys.add, done)
        loop.call_soon_threadsafe(keys.add, HANG_UP)

    if at_terminal:
        tty.setcbreak(sys.stdin)
    # a thread that waits for the terminal cannot be stopped; it ends with the process
    threading.Thread(target=read, daemon=True).start()
    try:
        yield keys
    finally:
        if before is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _meant(text: str) -> str:
    if text == "\x04":
        return HANG_UP
    return SILENCE if text == "\n" else "".join(key for key in text if key in KEYS + SILENCE + HANG_UP)


class Voice(Protocol):
    """Says a prompt aloud; ends early when `interrupted` ends."""

    async def say(self, prompt: Prompt, interrupted: asyncio.Task[None] | None) -> None: ...

    async def play(self, message: Path, interrupted: asyncio.Task[None] | None) -> None: ...


class Loudspeaker:
    """Renders what is missing and plays it through the machine's own player."""

    def __init__(self, library: PromptLibrary) -> None:
        player = next(filter(shutil.which, PLAYERS), None)
        if player is None:
            raise NoPlayer("No player was found; install aplay (alsa-utils) or paplay, or leave out --sound.")
        self._player = player
        self._library = library

    async def say(self, prompt: Prompt, interrupted: asyncio.Task[None] | None) -> None:
        await self._library.prepare([prompt])
        await self._run([*PLAYERS[self._player], f"{self._library.media(prompt)}.sln16"], interrupted)

    async def play(self, message: Path, interrupted: asyncio.Task[None] | None) -> None:
        await self._run([str(message)], interrupted)

    async def _run(self, arguments: list[str], interrupted: asyncio.Task[None] | None) -> None:
        process = await asyncio.create_subprocess_exec(self._player, *arguments)
        ending = asyncio.create_task(process.wait())
        await asyncio.wait({ending, *filter(None, [interrupted])}, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            process.terminate()
        await ending


class PlayCall:
    """Implements `callflows.call.Call` for a person at a keyboard."""

    def __init__(
        self,
        number: str | None,
        keys: Keys,
        incoming: Path,
        *,
        show: Callable[[str], None],
        clock: Callable[[], datetime] = now,
        voice: Voice | None = None,
        message: Path | None = None,
    ) -> None:
        self.journal = Journal(f"play-{secrets.token_hex(6)}", number, clock(), "play")
        self._caller = Caller(number)
        self._keys = keys
        self._incoming = incoming
        self._show = show
        self._clock = clock
        self._voice = voice
        self._message = message
        self._over = False
        self._messages = 0

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def call_id(self) -> str:
        return self.journal.call_id

    async def say(self, *prompts: Prompt) -> str | None:
        self._alive()
        if self._voice is None:
            self._print(*prompts)
            return self._keys.pressed()
        for prompt in prompts:
            if not (prompt.skippable and self._keys.pressed()):
                self._print(prompt)
                await self._aloud(self._voice, prompt)
        return self._keys.pressed()

    async def key(self, *prompts: Prompt, allowed: str, seconds: float = 5.0) -> str | None:
        await self.say(*prompts)
        key = await self._keys.next()
        self._did(key or "", "silence" if key is None else key)
        return key

    async def digits(
        self, *prompts: Prompt, at_most: int, until: str = "#", seconds: float = 5.0, private: bool = False
    ) -> str | None:
        await self.say(*prompts)
        typed, ended = "", False
        while len(typed) < at_most and not ended:
            key = await self._keys.next()
            ended = key is None or key == until
            typed += "" if ended else key or ""
        self._did(typed, typed or "nothing", private)
        return typed or ("" if ended and key == until else None)

    async def record(self, *prompts: Prompt, seconds: int) -> Recording | None:
        await self.say(*prompts)
        if self._message is None:
            self._show("  [no message: give one with --message FILE.wav]")
            return None
        self._messages += 1
        path = self._incoming / f"{self.call_id}-{self._messages}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, self._message, path)
        length = await asyncio.to_thread(wav_seconds, path)
        self._show(f"  [recorded {self._message}, {length:.1f} s]")
        return Recording(path, length)

    async def play_back(self, recording: Recording) -> str | None:
        self._alive()
        self._show(f"  [your message, {recording.seconds:.1f} s]")
        if self._voice and not self._keys.pressed():
            async with self._interruptible() as interrupted:
                await self._voice.play(recording.path, interrupted)
        return self._keys.pressed()

    async def transfer(self, queue: str, note: TransferNote) -> TransferOutcome:
        self._over = True
        about = [note.reason, note.area or "no area", note.language, f"priority {note.priority}"]
        self._show(f"  → queue {queue}: {', '.join([*about, *(f'{k} {v}' for k, v in note.extra.items())])}")
        return TransferOutcome.handed_over

    async def hang_up(self) -> None:
        self._over = True

    def _print(self, *prompts: Prompt) -> None:
        """What is said in one breath stands on one line."""
        self.journal.heard += [Heard(self._clock(), prompt.key, prompt.text) for prompt in prompts]
        if prompts:
            slowly = "(slowly) " if prompts[0].pace == "slow" else ""
            self._show(f"  {slowly}{' '.join(prompt.text for prompt in prompts)}")

    async def _aloud(self, voice: Voice, prompt: Prompt) -> None:
        if not prompt.skippable:
            await voice.say(prompt, None)
            return
        async with self._interruptible() as interrupted:
            await voice.say(prompt, interrupted)

    @contextlib.asynccontextmanager
    async def _interruptible(self) -> AsyncIterator[asyncio.Task[None]]:
        """A task that ends when a key is pressed."""
        pressed = asyncio.create_task(self._keys.wait())
        try:
            yield pressed
        finally:
            pressed.cancel()

    def _alive(self) -> None:
        if self._over:
            raise CallEnded

    def _did(self, keys: str, shown: str, private: bool = False) -> None:
        if keys:
            self.journal.pressed.append(Pressed(self._clock(), keys, private))
        self._show(f"  [{'…' if private and keys else shown}]")


def wav_seconds(path: Path) -> float:
    """Raises `NoMessage` when the file is no WAV."""
    try:
        with wave.open(str(path)) as message:
            return float(message.getnframes() / message.getframerate())
    except (OSError, EOFError, wave.Error) as error:
        raise NoMessage(f"{path.name} is no WAV file ({error}); give one with --message.") from error
