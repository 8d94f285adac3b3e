"""How a WebSocket's call is found.

A new one brings StasisStart within half a second. When a service dies in the middle of a call, Asterisk connects again,
to whoever listens then (a restarted service, another replica), and says nothing of the caller, who hears silence until
somebody sends the channel back into the dialplan.
"""

import asyncio
import json
import logging

from callflows.call import CallEnded
from ivr.ari.session import AriSession, Event, text

log = logging.getLogger(__name__)

STARTED_WITHIN = 1.5
"""Seconds until a connection without a call is taken for one of a call that lost its service."""
TRIES = 4


class Arrival:
    """The first seconds of a WebSocket."""

    def __init__(self, session: AriSession) -> None:
        self._session = session
        self._application = ""
        self._started: Event | None = None
        self._stirred = asyncio.Event()
        session.on_event = self._happened
        session.on_lost = self._stirred.set

    async def call(self) -> Event | None:
        """The call's StasisStart, or None when orphans were sent back. Raises CallEnded when nothing comes."""
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(STARTED_WITHIN):
                    await self._stirred.wait()
            except TimeoutError:
                if await self._send_back():
                    return None
            if self._started:
                return self._started
            if self._session.lost:
                break
        raise CallEnded

    async def _send_back(self) -> bool:
        """Let the dialplan go on with every channel that waits in this application."""
        reply = await self._session.request("GET", "applications", self._application)
        channels = _channels(reply.body)
        for channel in channels:
            log.warning("channel %s lost its service; the dialplan goes on", channel)
            self._session.request("POST", "channels", channel, "continue")
        return bool(channels)

    def _happened(self, event: Event) -> None:
        self._application = text(event, "application") or self._application
        if text(event, "type") == "StasisStart":
            self._started = event
            self._stirred.set()


def _channels(application: str) -> list[str]:
    try:
        told = json.loads(application)
    except ValueError:
        return []
    channels = told.get("channel_ids") if isinstance(told, dict) else None
    return [channel for channel in channels if isinstance(channel, str)] if isinstance(channels, list) else []
