"""One call over FastAGI.

Asterisk hears keys only while a command of ours runs. Between two commands it reads the channel and throws keys away
(`run_agi` in res_agi.c), so while a flow is busy elsewhere short WAIT FOR DIGITs run. No command is ever sent before
the reply to the last: Asterisk reads lines through a buffer, and one that arrives together with the line before it is
only seen when a third comes. The caller would sit in silence.

Prompts that a key may interrupt are played as one list. BackGround is a dialplan's application; run by an AGI it gives
the key back and follows no extension (`pbx_builtin_background`).
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from callflows.call import CallEnded, TransferOutcome, Unspeakable
from ivr import dialplan
from ivr.agi.connection import PLAIN, AgiConnection, AgiError, Reply
from ivr.line import KEYS, SILENCE_ENDS, Equipment, Line
from ivr.sounding import Reached, Sounding, Spoken

UP = 6
"""CHANNEL STATUS of a call that is still there."""
PATIENCE = 0.005
"""Seconds that a flow may think before keys are listened for meanwhile."""
SLACK = 5.0
"""Seconds that a command may take longer than it should before Asterisk counts as lost."""
SAMPLES = 8000
"""A second, as STREAM FILE counts positions in a telephone prompt."""
LONGEST_LIST = 1000
"""Characters of a list of files: Asterisk reads a command into a buffer of 2 KiB."""
BACKGROUND = ("EXEC", "BackGround")
EARLY = 0.1
"""Seconds before the end of a silence from which on it counts as over."""
SLICE = 100
"""Milliseconds of one WAIT FOR DIGIT meanwhile: the longest that a flow that is no longer busy waits to speak."""


class Silence(NamedTuple):
    """A file in which nothing is heard."""

    path: Path
    seconds: float


class AgiCall(Line):
    driver = "agi"

    def __init__(self, connection: AgiConnection, told: Mapping[str, str], equipment: Equipment) -> None:
        super().__init__(told.get("agi_uniqueid", ""), told.get("agi_callerid", ""), equipment)
        self._connection = connection
        self._unanswered = False
        self._idle: asyncio.Handle | None = None
        self._listener: asyncio.Task[None] | None = None

    async def answer(self) -> None:
        """With the first command: BackGround answers by itself."""
        self._unanswered = True
        self.journal.answered = self._equipment.now()

    async def hang_up(self) -> None:
        """The dialplan does, when it finds that we have finished. Nobody waits for the reply: we are gone by then."""
        with contextlib.suppress(CallEnded):
            await self._ready("SET VARIABLE")
            self._connection.send("SET VARIABLE", dialplan.DONE, "1")
        await self.let_go()

    async def let_go(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._connection.close()
        if self._listener:
            await asyncio.gather(self._listener, return_exceptions=True)

    async def _play(self, spoken: Sequence[Spoken], *, interruptible: bool, listening: float) -> None:
        await self._attend()
        at, position = 0, 0
        while at < len(spoken) and not (interruptible and self._typed):
            together = listable(spoken[at:]) if interruptible and not position else 0
            silence = self._silence(listening) if together == len(spoken) - at else None
            if together > 1 or silence:
                done, position = await self._background(spoken[at : at + together], silence)
                at += done
            else:
                await self._stream(spoken[at], position, interruptible=interruptible)
                at, position = at + 1, 0

    def _silence(self, seconds: float) -> Silence | None:
        path = self._equipment.silence(seconds) if seconds else None
        return Silence(path, seconds) if path and PLAIN.fullmatch(str(path)) else None

    async def _background(self, spoken: Sequence[Spoken], silence: Silence | None) -> tuple[int, int]:
        """Play a list; any key stops it. Returns how many prompts are over, and how many samples of the next one are.

        With a `silence` behind it, no key falls between the list and the wait for it. BackGround does not tell where
        it was stopped.
        """
        sounding = self._sounding = Sounding(spoken, self.journal, self._equipment.now())
        files = "&".join([*(str(part.path) for part in spoken), *([str(silence.path)] if silence else [])])
        lasts = sounding.whole + (silence.seconds if silence else 0.0)
        try:
            key = (await self._command(*BACKGROUND, files, seconds=lasts)).result
        except CallEnded:
            self._heard_until(sounding, self._so_far(sounding))
            raise
        finally:
            self._sounding = None
        seconds = self._so_far(sounding)
        if not key and not sounding.all_heard(seconds) and await self._played_all():
            seconds = sounding.whole
        reached = self._heard_until(sounding, seconds)
        if key == -1:
            raise CallEnded
        if key and self._took(chr(key)):
            self._interrupted()
        elif key and self._speaking:
            return reached.number, max(1, round(reached.position * SAMPLES))
        elif not key and not sounding.all_heard(seconds):
            if sounding.too_short(reached):
                self._unheard()
            raise Unspeakable(f"Asterisk cannot play all of {files}")
        if silence and seconds > sounding.whole:
            beyond = seconds - sounding.whole
            self._listened = beyond if beyond < silence.seconds - EARLY else silence.seconds
        self._speaking = False
        return len(spoken), 0

    def _heard_until(self, sounding: Sounding, seconds: float) -> Reached:
        reached = self._reached(sounding, min(seconds, sounding.whole))
        self._speaking = seconds < sounding.whole
        return reached

    async def _stream(self, part: Spoken, position: int, *, interruptible: bool) -> None:
        """A key always stops STREAM FILE; where it should not, the file goes on from there."""
        path = str(part.path)
        if not position:
            self._began(part.prompt, self._equipment.now())
        while True:
            reply = await self._command("STREAM FILE", path, KEYS, str(position), seconds=part.seconds)
            if reply.result == -1:
                if not reply.endpos:
                    self._unheard()
                await self._explain(path)
            if not reply.result:
                break
            if self._took(chr(reply.result)) and interruptible:
                self._interrupted()
                break
            position = reply.endpos
        self._speaking = False

    async def _played_all(self) -> bool:
        """BackGround ends at a file that it cannot play, and calls that a success but in this variable."""
        return "FAILED" not in (await self._command("GET VARIABLE", "BACKGROUNDSTATUS")).rest

    async def _explain(self, path: str) -> None:
        """STREAM FILE says -1 for a missing file as well as for a hang-up."""
        if (await self._command("CHANNEL STATUS")).result == UP:
            raise Unspeakable(f"Asterisk cannot play {path}")
        raise CallEnded

    async def _listen(self, seconds: float) -> None:
        await self._attend()
        while not self._typed:
            reply = await self._command("WAIT FOR DIGIT", str(max(1, round(seconds * 1000))), seconds=seconds)
            if reply.result == -1:
                raise CallEnded
            if not reply.result:
                return
            self._took(chr(reply.result))

    async def _record(self, name: str, seconds: int) -> None:
        path = str(self._equipment.incoming.absolute() / name)
        how = ("wav", "#", str(seconds * 1000), "BEEP", f"s={SILENCE_ENDS}")
        reply = await self._command("RECORD FILE", path, *how, seconds=seconds)
        if reply.result == -1 and "hangup" in reply.rest:
            raise CallEnded
        if reply.result == -1 and "writefile" in reply.rest:
            raise Unspeakable(f"Asterisk cannot write {path}.wav")

    async def _hand_over(self, variables: Mapping[str, str]) -> TransferOutcome:
        await self._set(variables)
        await self.let_go()
        return TransferOutcome.handed_over

    async def _set(self, variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            await self._command("SET VARIABLE", name, value)

    async def _command(self, command: str, *arguments: str, seconds: float = 0.0) -> Reply:
        """Asterisk's reply to a command that takes `seconds`. Without one the connection is closed."""
        await self._ready(command, *arguments)
        reply = await self._reply_to(command, *arguments, seconds=seconds)
        self._idle = asyncio.get_running_loop().call_soon(self._listen_soon)
        return reply

    async def _ready(self, *command: str) -> None:
        """Nothing else is being done, and the call is answered, or will be by this command."""
        await self._attend()
        answers, self._unanswered = self._unanswered, False
        if answers and command[:2] != BACKGROUND:
            await self._reply_to("ANSWER")

    async def _reply_to(self, command: str, *arguments: str, seconds: float = 0.0) -> Reply:
        self._connection.send(command, *arguments)
        reply = await self._connection.reply(seconds + SLACK)
        if reply.status != 200:
            raise AgiError(f"Asterisk refused {command}: {reply.status}{reply.rest}")
        return reply

    async def _attend(self) -> None:
        """Take over from the listener once its present wait is over; a key that it has heard is kept first."""
        if self._connection.ended:
            raise CallEnded
        if self._idle:
            self._idle.cancel()
        listener, self._listener = self._listener, None
        if listener:
            await listener

    def _listen_soon(self) -> None:
        """Most flows have said what comes next by now, without a timer having been needed."""
        self._idle = asyncio.get_running_loop().call_later(PATIENCE, self._start_listening)

    def _start_listening(self) -> None:
        self._idle = None
        self._listener = asyncio.create_task(self._listen_on())

    async def _listen_on(self) -> None:
        """Keep keys while the flow is busy, until `_attend` takes over."""
        me = asyncio.current_task()
        while self._listener is me:
            self._connection.send("WAIT FOR DIGIT", str(SLICE))
            reply = await self._connection.reply(SLACK)
            if reply.result == -1:
                raise CallEnded
            if reply.result:
                self._took(chr(reply.result))


def listable(spoken: Sequence[Spoken]) -> int:
    """How many of the first prompts fit into one list: `&` and `,` in a path would end it there."""
    size = 0
    for number, (_, path, _) in enumerate(spoken):
        size += len(str(path)) + 1
        if size > LONGEST_LIST or not PLAIN.fullmatch(str(path)):
            return number
    return len(spoken)
