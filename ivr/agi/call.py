"""One call over FastAGI.

Asterisk hears keys only while a command of ours runs. Between two commands it reads the channel and throws keys away
(`run_agi` in res_agi.c), so while a flow is busy elsewhere short WAIT FOR DIGITs run. No command is ever sent before
the reply to the last: Asterisk reads lines through a buffer, and one that arrives together with the line before it is
only seen when a third comes. The caller would sit in silence.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from callflows.call import CallEnded, TransferOutcome, Unspeakable
from ivr import dialplan
from ivr.agi.connection import AgiConnection, AgiError, Reply
from ivr.line import KEYS, SILENCE_ENDS, Equipment, Line, Spoken

UP = 6
"""CHANNEL STATUS of a call that is still there."""
PATIENCE = 0.005
"""Seconds that a flow may think before keys are listened for meanwhile."""
SLACK = 5.0
"""Seconds that a command may take longer than it should before Asterisk counts as lost."""
SLICE = 100
"""Milliseconds of one WAIT FOR DIGIT meanwhile: the longest that a flow that is no longer busy waits to speak."""


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
        await self._connection.close()
        if self._listener:
            await asyncio.gather(self._listener, return_exceptions=True)

    async def _play(self, spoken: Sequence[Spoken], *, interruptible: bool) -> None:
        await self._attend()
        for prompt, path in spoken:
            if interruptible and self._typed:
                return
            self._began(prompt)
            await self._stream(str(path), interruptible, self._equipment.media.seconds(prompt))
            self._speaking = False

    async def _stream(self, path: str, interruptible: bool, seconds: float) -> None:
        """A key always stops STREAM FILE; where it should not, the file goes on from there."""
        position = 0
        while True:
            reply = await self._command("STREAM FILE", path, KEYS, str(position), seconds=seconds)
            if reply.result == -1:
                if not reply.endpos:
                    self._unheard()
                await self._explain(path)
            if not reply.result:
                return
            if self._took(chr(reply.result)) and interruptible:
                self._interrupted()
                return
            position = reply.endpos

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
        try:
            async with asyncio.timeout(seconds + SLACK):
                await self._connection.send(command, *arguments)
                reply = await self._connection.reply()
        except TimeoutError:
            await self._connection.close()
            raise AgiError(f"Asterisk did not reply to {command}") from None
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
            await self._connection.send("WAIT FOR DIGIT", str(SLICE))
            reply = await self._connection.reply()
            if reply.result == -1:
                raise CallEnded
            if reply.result:
                self._took(chr(reply.result))
