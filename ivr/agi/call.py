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
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from callflows.call import CallEnded, TransferOutcome, Unspeakable
from ivr import dialplan
from ivr.agi.connection import PLAIN, AgiConnection, AgiError, Reply
from ivr.line import KEYS, SILENCE_ENDS, Equipment, Line, Spoken

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
SLICE = 100
"""Milliseconds of one WAIT FOR DIGIT meanwhile: the longest that a flow that is no longer busy waits to speak."""


def _offsets(spoken: Sequence[Spoken]) -> list[float]:
    """Seconds after which each prompt of a list begins."""
    return list(accumulate((part.seconds for part in spoken[:-1]), initial=0.0))


class AgiCall(Line):
    driver = "agi"

    def __init__(self, connection: AgiConnection, told: Mapping[str, str], equipment: Equipment) -> None:
        super().__init__(told.get("agi_uniqueid", ""), told.get("agi_callerid", ""), equipment)
        self._connection = connection
        self._idle: asyncio.TimerHandle | None = None
        self._listener: asyncio.Task[None] | None = None

    async def answer(self) -> None:
        await self._command("ANSWER")
        self.journal.answered = self._equipment.now()

    async def hang_up(self) -> None:
        with contextlib.suppress(CallEnded):
            await self._set({dialplan.DONE: "1"})
            await self._command("HANGUP")
        await self.let_go()

    async def let_go(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._connection.close()
        if self._listener:
            await asyncio.gather(self._listener, return_exceptions=True)

    async def _play(self, spoken: Sequence[Spoken], *, interruptible: bool) -> None:
        await self._attend()
        at, position = 0, 0
        while at < len(spoken) and not (interruptible and self._typed):
            together = listable(spoken[at:]) if interruptible and not position else 1
            if together > 1:
                done, position = await self._background(spoken[at : at + together])
                at += done
            else:
                await self._stream(spoken[at], position, interruptible=interruptible)
                at, position = at + 1, 0

    async def _background(self, spoken: Sequence[Spoken]) -> tuple[int, int]:
        """Play a list; any key stops it. Returns how many prompts are over, and how many samples of the next one are.

        BackGround does not tell where it was stopped. The lengths and the clock do, to some hundredths of a second.
        """
        lengths = [part.seconds for part in spoken]
        files = "&".join(str(part.path) for part in spoken)
        began, before = self._equipment.now(), len(self.journal.heard)
        turns = self._in_turn(spoken, began)
        try:
            key = (await self._command("EXEC", "BackGround", files, seconds=sum(lengths))).result
        except CallEnded:
            self._sounded(spoken, began, self._since(began), before)
            raise
        finally:
            for turn in turns:
                turn.cancel()
        seconds = self._since(began)
        if not key and (seconds > sum(lengths) - min(lengths) / 2 or await self._played_all()):
            seconds = sum(lengths)
        number, position = self._sounded(spoken, began, seconds, before)
        if key == -1:
            raise CallEnded
        if key and self._took(chr(key)):
            self._interrupted()
        elif key:
            return number, max(1, round(position * SAMPLES))
        elif seconds < sum(lengths):
            if position < lengths[number] / 2:
                self._unheard()
            raise Unspeakable(f"Asterisk cannot play all of {files}")
        self._speaking = False
        return len(spoken), 0

    def _in_turn(self, spoken: Sequence[Spoken], began: datetime) -> list[asyncio.TimerHandle]:
        """Write each prompt down when its turn comes: the live wall shows what is heard now."""
        later = asyncio.get_running_loop().call_later
        return [
            later(offset, self._began, part.prompt, began + timedelta(seconds=offset))
            for part, offset in zip(spoken, _offsets(spoken), strict=True)
        ]

    def _sounded(self, spoken: Sequence[Spoken], began: datetime, seconds: float, before: int) -> tuple[int, float]:
        """Have just that in the journal, after its first `before` entries, which began within `seconds`.

        Returns the number of the last of it, and its seconds.
        """
        offsets = _offsets(spoken)
        number = max(0, bisect_right(offsets, seconds) - 1)
        del self.journal.heard[before + number + 1 :]
        for missed in range(len(self.journal.heard) - before, number + 1):
            self._began(spoken[missed].prompt, began + timedelta(seconds=offsets[missed]))
        return number, seconds - offsets[number]

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

    def _since(self, moment: datetime) -> float:
        return (self._equipment.now() - moment).total_seconds()

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
        await self._attend()
        self._connection.send(command, *arguments)
        reply = await self._connection.reply(seconds + SLACK)
        if reply.status != 200:
            raise AgiError(f"Asterisk refused {command}: {reply.status}{reply.rest}")
        self._idle = asyncio.get_running_loop().call_later(PATIENCE, self._start_listening)
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
