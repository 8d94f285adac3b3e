"""Asks Asterisk over its HTTP port to report the agents' queues: who is free changes without any call."""

import asyncio
import logging

import httpx

from ivr import dialplan
from ivr.settings import Settings

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds."""


class QueueAsker:
    """Lets a channel of Asterisk's own run the dialplan's report. One that does not answer is asked again later."""

    def __init__(self, settings: Settings) -> None:
        self._login = (dialplan.ARI_USER, settings.secret("ari"))
        self._url = f"http://127.0.0.1:{settings.asterisk_http_port}/ari/channels"
        self._client: httpx.AsyncClient | None = None

    async def ask(self) -> None:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=False)  # noqa: S501  # loopback
        await asyncio.gather(*(self._ask(self._client, queue) for queue in dialplan.QUEUES))

    async def _ask(self, client: httpx.AsyncClient, queue: str) -> None:
        channel = f"Local/state*0*{queue}@{dialplan.QUEUE_TELL_CONTEXT}/n"
        what = {"endpoint": channel, "context": dialplan.QUEUE_TELL_CONTEXT, "extension": "done", "timeout": "2"}
        try:
            answer = await client.post(self._url, params=what, auth=self._login)
        except httpx.HTTPError as error:
            log.debug("Asterisk cannot be asked about its queues: %s", error)
            return
        if answer.is_error:
            log.debug("Asterisk does not report its queues: status %s", answer.status_code)

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()
