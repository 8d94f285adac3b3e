"""What the agents' desk does to calls and queues, by channels that Asterisk originates: no AMI is open."""

import asyncio
import re
from contextlib import suppress

from ivr import dialplan
from ivr.phones.asterisk import TECHNOLOGY, PhoneAsterisk
from ivr.phones.errors import PhoneError

DONE_WITHIN = 6.0
"""Seconds; Asterisk takes some milliseconds."""
ASKED_EVERY = 0.05
NOTHING_YET = "-"
DONE = frozenset({"ADDED", "MEMBERALREADY", "REMOVED", "NOTINQUEUE"})
"""AQMSTATUS and RQMSTATUS; there is no difference to whoever wanted it so."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_NUMBER = re.compile(r"\+?[0-9]{2,20}")
_CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,80}")


class Members:
    """Who may be rung by which queue. `endpoint` is an agent's phone, such as `desk-7`. All raise PhoneError."""

    def __init__(self, asterisk: PhoneAsterisk) -> None:
        self._asterisk = asterisk
        self._changing = asyncio.Lock()

    async def add(self, endpoint: str, queue: str, *, paused: bool) -> None:
        """For one who is a member already only the pause changes."""
        await self._change("add", endpoint, queue)
        await self.pause(endpoint, queue, paused, "")

    async def remove(self, endpoint: str, queue: str) -> None:
        await self._change("remove", endpoint, queue)

    async def pause(self, endpoint: str, queue: str, paused: bool, reason: str) -> None:
        """The reason is the desk's own; Asterisk keeps none, since it keeps no log of the queue."""
        member = f"QUEUE_MEMBER({_name(queue)},paused,{TECHNOLOGY}/{_name(endpoint)})"
        await self._global(member, str(int(paused)))

    async def _change(self, verb: str, endpoint: str, queue: str) -> None:
        """The dialplan leaves what came of it in a global variable: functions are not read there, but can be set."""
        told = f"ALO185_DID_{_name(endpoint)}"
        async with self._changing:
            await self._global(told, NOTHING_YET)
            await act(self._asterisk, f"{verb}*{_name(queue)}*{endpoint}")
            came = NOTHING_YET
            with suppress(TimeoutError):
                async with asyncio.timeout(DONE_WITHIN):
                    while (came := await self._told(told)) == NOTHING_YET:  # noqa: ASYNC110  # Asterisk tells nobody
                        await asyncio.sleep(ASKED_EVERY)
        if came not in DONE:
            raise PhoneError(f"the queue {queue} did not {verb} {endpoint}: {came}", "phone_refused")

    async def _global(self, variable: str, value: str) -> None:
        await self._asterisk.ask("POST", "/asterisk/variable", variable=variable, value=value)

    async def _told(self, variable: str) -> str:
        told = await self._asterisk.ask("GET", "/asterisk/variable", variable=variable)
        return str(told.get("value", "")) if isinstance(told, dict) else ""


class Floor:
    """What is done with calls of which agents talk. `caller` and `leg`: Asterisk's ids of the two channels."""

    def __init__(self, asterisk: PhoneAsterisk, dial: str | None = None) -> None:
        """`dial`: how telephones outside are reached, with {number}."""
        self._asterisk, self._dial = asterisk, dial

    async def to_queue(self, caller: str, queue: str, *, first: bool = False) -> None:
        """The caller waits in that queue; `first`: before everybody else of their priority. The agent's leg ends."""
        await act(self._asterisk, f"go*{_channel(caller)}*queue*{_name(queue)}*{int(first) or ''}")

    async def to_number(self, caller: str, number: str) -> None:
        """The caller goes on to that telephone; first in line again when nobody answers there."""
        self._outside(number)
        await act(self._asterisk, f"go*{_channel(caller)}*dial*{number}")

    async def three_way(self, caller: str, leg: str, number: str) -> None:
        """That telephone rings; who answers it is the third in the conversation, and stays when the agent leaves."""
        await self._spying(self._outside(number), "j", leg, seconds=45)

    async def spy(self, supervisor: str, leg: str, how: str, *, notice: str | None = None) -> None:
        """`listen`, `whisper` (only the agent hears) or `join`. The supervisor's own phone rings for it.

        `notice`: the language in which both are told before the supervisor is in.
        """
        way = f"a*{_name(notice)}" if notice else {"listen": "l", "whisper": "w", "join": "j"}[how]
        header = {f"PJSIP_HEADER(add,{dialplan.LISTEN_HEADER})": _channel(leg)}
        await self._spying(f"{TECHNOLOGY}/{_name(supervisor)}", way, leg, seconds=20, variables=header)

    async def record(self, caller: str, leg: str, name: str, language: str) -> None:
        """Both hear the notice to its end, and only then the call is written to `name`.wav in the recordings folder."""
        told = f"said*{_name(language)}*{_name(name)}*{_channel(leg)}"
        await self._spying(f"Local/{told}@{dialplan.ACT_CONTEXT}/n", "j", leg, seconds=5)

    async def runs(self, leg: str) -> bool:
        """Whether there still is such a call."""
        return await self._asterisk.runs(_channel(leg))

    def _outside(self, number: str) -> str:
        if not self._dial:
            raise PhoneError("No telephone outside can be reached: ALO185_DIAL is not set.", "phone_refused")
        if not _NUMBER.fullmatch(number):
            raise PhoneError("This is no telephone number.", "phone_refused")
        return self._dial.replace("{number}", number)

    async def _spying(
        self, endpoint: str, way: str, leg: str, *, seconds: int, variables: dict[str, str] | None = None
    ) -> None:
        local = endpoint.startswith("Local/")
        where = {
            "endpoint": endpoint,
            "context": dialplan.SPY_CONTEXT,
            "extension": f"{way}*{_channel(leg)}",
            "priority": "1",
            "timeout": str(seconds),
            "callerId": "185",
            # a recording is of the rate of its channel; telephones have 8 kHz
            **({"formats": "alaw"} if local else {}),
        }
        await self._asterisk.ask("POST", "/channels", body={"variables": variables or {}}, missing=False, **where)


async def act(asterisk: PhoneAsterisk, what: str) -> None:
    """Have the dialplan do it. Returns once it is begun."""
    context = dialplan.ACT_CONTEXT
    await asterisk.ask(
        "POST",
        "/channels",
        endpoint=f"Local/{what}@{context}/n",
        context=context,
        extension="done",
        timeout="5",
    )


def _name(given: str) -> str:
    """Never anything that means something to the dialplan."""
    if not _NAME.fullmatch(given):
        raise PhoneError(f"{given[:80]!r} is no name of a queue or a phone.", "phone_refused")
    return given


def _channel(given: str) -> str:
    if not _CHANNEL.fullmatch(given):
        raise PhoneError("This is no call.", "phone_refused")
    return given
