"""One call over ARI. Asterisk tells every key as it happens; one request plays a whole sequence without gaps."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence

from callflows.call import CallEnded, TransferOutcome, Unspeakable
from ivr import dialplan
from ivr.ari.playback import Playback
from ivr.ari.session import AriSession, Event, Reply, text
from ivr.line import SILENCE_ENDS, Equipment, Line
from ivr.sounding import Sounding, Spoken

HEARD = ("ChannelDtmfReceived", "PlaybackFinished", "RecordingFinished", "RecordingFailed")
GONE = frozenset({"ChannelHangupRequest", "ChannelDestroyed", "StasisEnd"})
WANTED = json.dumps({"allowed": [{"type": kind} for kind in (*sorted(GONE), *HEARD, "RESTResponse")]})
"""The filter of a call's events: half of them tell us nothing. To Asterisk, replies are events too."""
CLOSING = 1.0
"""Seconds that Asterisk may take to finish a recording after a hang-up."""
SLACK = 5.0
"""Seconds that a playback may last longer than its prompts before it counts as lost."""


class AriCall(Line):
    driver = "ari"

    def __init__(self, session: AriSession, started: Event, equipment: Equipment) -> None:
        self._channel = text(started, "channel", "id")
        self._application = text(started, "application")
        super().__init__(self._channel, text(started, "channel", "caller", "number"), equipment)
        self.endpoint = endpoint_of(text(started, "channel", "name"))
        self._session = session
        self._up = text(started, "channel", "state") == "Up"
        self._gone = False
        self._waiting: dict[asyncio.Future[None], Callable[[], bool]] = {}
        """Who waits, and for what: the conversation, and whoever lets the line go meanwhile."""
        self._playback: Playback | None = None
        self._recorded = ""
        session.on_event = self._happened
        session.on_lost = self._lost

    async def answer(self) -> None:
        """The first prompt need not wait for the reply: Asterisk does one request after the other."""
        self._session.request("PUT", "applications", self._application, "eventFilter", body=WANTED)
        if not self._up:
            self._ask("POST", "answer")
        self.journal.answered = self._equipment.now()

    async def hang_up(self) -> None:
        """The dialplan does, when it finds that we have finished."""
        with contextlib.suppress(CallEnded):
            self._ask("POST", "variable", variable=dialplan.DONE, value="1")
            try:
                await self._done(self._ask("POST", "continue"))
            except Unspeakable:
                await self._done(self._ask("DELETE"))
            self._gone = True

    async def let_go(self) -> None:
        with contextlib.suppress(CallEnded):
            await self._done(self._ask("POST", "continue"))

    async def _play(self, spoken: Sequence[Spoken], *, interruptible: bool, listening: float) -> None:
        playback = self._playback = Playback(spoken, self._equipment.now())
        media = ",".join(f"sound:{path}" for _, path, _ in spoken)
        playing = self._ask("POST", "play", playback.id, media=media)
        playing.add_done_callback(lambda reply: self._begins(playback, reply.result()))
        try:
            ended = await self._until(
                lambda: playback.finished or (interruptible and bool(self._typed)), playback.seconds + SLACK
            )
        finally:
            all_heard = self._write_down(playback)
        if not playback.finished:
            self._interrupted()
            self._session.request("DELETE", "playbacks", playback.id)
        if not (ended and all_heard):
            raise Unspeakable(f"Asterisk cannot play all of {media}")
        self._speaking = False

    def _begins(self, playback: Playback, reply: Reply) -> None:
        """It sounds from when it was asked for: the reply may be late."""
        if reply.refused:
            playback.refuse()
        elif playback is self._playback and reply.taken:
            self._sounding = Sounding(playback.prompts, self.journal, playback.asked)
        self._stir()

    def _write_down(self, playback: Playback) -> bool:
        """What was heard of it by now; False when something was missing.

        Asterisk passes over a missing file in a sequence without a word: what is over too soon was not all heard.
        """
        sounding, self._sounding, self._playback = self._sounding, None, None
        if sounding is None:
            if not playback.finished:
                return True
            sounding = Sounding(playback.prompts, self.journal, playback.asked)  # its end came before the reply
        if not playback.finished:
            self._reached(sounding, self._so_far(sounding))
        elif playback.refused or not sounding.all_heard(playback.lasted):
            self._reached(sounding, sounding.until_missing(playback.lasted))
            self._unheard()
            return False
        else:
            self._reached(sounding, sounding.whole)
        return True

    async def _listen(self, seconds: float) -> None:
        await self._until(lambda: bool(self._typed), seconds)

    async def _record(self, name: str, seconds: int) -> None:
        self._recorded = ""
        reply = self._ask(
            "POST",
            "record",
            name=name,
            format="wav",
            maxDurationSeconds=str(seconds),
            maxSilenceSeconds=str(SILENCE_ENDS),
            beep="true",
            terminateOn="#",
            ifExists="fail",
        )
        try:
            await self._done(reply)
            if not await self._until(lambda: self._recorded == name, seconds + SLACK):
                raise Unspeakable(f"Asterisk lost the recording {name}")
        except CallEnded:
            await self._written(name)
            raise

    async def _written(self, name: str) -> None:
        """The caller is gone; Asterisk closes the file a moment later and says so."""
        await self._stirred(lambda: self._recorded == name or self._session.lost, CLOSING)

    async def _hand_over(self, variables: Mapping[str, str]) -> TransferOutcome:
        replies = [self._ask("POST", "variable", variable=n, value=v) for n, v in variables.items()]
        replies.append(self._ask("POST", "continue"))
        if any([(await reply).refused for reply in replies]):
            return TransferOutcome.unavailable
        self._gone = True
        return TransferOutcome.handed_over

    def _ask(self, method: str, *action: str, **parameters: str) -> asyncio.Future[Reply]:
        if self._gone:
            raise CallEnded
        reply = self._session.request(method, "channels", self._channel, *action, **parameters)
        reply.add_done_callback(self._replied)
        return reply

    async def _done(self, reply: asyncio.Future[Reply]) -> None:
        await self._until(reply.done)
        if reply.result().refused:
            raise Unspeakable(f"Asterisk refused a request with status {reply.result().status}")

    async def _until(self, done: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until `done`; False when it takes longer than `seconds`. Raises CallEnded when the caller goes."""
        in_time = await self._stirred(lambda: self._gone or done(), seconds)
        if self._gone:
            raise CallEnded
        return in_time

    async def _stirred(self, done: Callable[[], bool], seconds: float | None) -> bool:
        """Whether `done` within `seconds`. It is asked at every event; only what it wants wakes who waits."""
        if done():
            return True
        loop = asyncio.get_running_loop()
        stirred = loop.create_future()
        self._waiting[stirred] = done
        limit = None if seconds is None else loop.call_later(seconds, _wake, stirred)
        try:
            await stirred
        finally:
            del self._waiting[stirred]
            if limit:
                limit.cancel()
        return done()

    def _stir(self) -> None:
        for stirred, done in self._waiting.items():
            if done():
                _wake(stirred)

    def _replied(self, reply: asyncio.Future[Reply]) -> None:
        if reply.result().gone:
            self._gone = True
        self._stir()

    def _lost(self) -> None:
        self._gone = True
        self._stir()

    def _happened(self, event: Event) -> None:
        match text(event, "type"):
            case "ChannelDtmfReceived":
                self._took(text(event, "digit"))
            case "PlaybackFinished" if not self._gone:
                self._played(event)
            case "RecordingFinished" | "RecordingFailed":
                self._recorded = text(event, "recording", "name")
            case kind if kind in GONE and text(event, "channel", "id") == self._channel:
                self._gone = True
        self._stir()

    def _played(self, event: Event) -> None:
        playback = self._playback
        if playback and not playback.finished and text(event, "playback", "id") == playback.id:
            playback.end(self._equipment.now(), text(event, "playback", "state"))


def endpoint_of(channel: str) -> str:
    """`desk-7` of a channel's name, `PJSIP/desk-7-0000001a`."""
    return channel.partition("/")[2].rpartition("-")[0]


def _wake(stirred: asyncio.Future[None]) -> None:
    if not stirred.done():
        stirred.set_result(None)
