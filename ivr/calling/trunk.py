"""Lets a citizen's telephone ring: one request to Asterisk's HTTP port for each attempt, never repeated."""

import httpx

from dialling.errors import NotPlaced
from dialling.work import Ring
from ivr import dialplan
from ivr.settings import Settings

PATIENCE = 5.0
"""Seconds; Asterisk answers before the telephone rings."""
NUMBER = "{number}"


class AriTrunk:
    """Who answers goes on in the dialplan (`alo185-called`); however it ends, `alo185-call-ended` reports it."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.dial or ""
        self._rings = settings.ring_seconds
        self._shown = settings.shown_number
        self._login = (dialplan.ARI_USER, settings.secret("ari"))
        self._url = f"http://127.0.0.1:{settings.asterisk_http_port}/ari/channels"
        self._client: httpx.AsyncClient | None = None

    async def place(self, ring: Ring) -> None:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=False)  # noqa: S501  # loopback
        try:
            answer = await self._client.post(
                self._url, params=self._where(ring), json={"variables": _variables(ring)}, auth=self._login
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotPlaced(f"Asterisk cannot be reached: {error}") from error
        # 409: this attempt's channel is there already
        if answer.is_error and answer.status_code != httpx.codes.CONFLICT:
            raise NotPlaced(f"Asterisk refused to dial with status {answer.status_code}")

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()

    def _where(self, ring: Ring) -> dict[str, str]:
        return {
            "endpoint": self.name.replace(NUMBER, ring.number),
            "context": dialplan.CALLED_CONTEXT,
            "extension": "s",
            "priority": "1",
            "callerId": self._shown,
            "timeout": str(self._rings),
            "channelId": ring.token,
        }


def _variables(ring: Ring) -> dict[str, str]:
    return {
        dialplan.CALL: ring.token,
        dialplan.LANGUAGE: ring.language,
        "CHANNEL(hangup_handler_push)": f"{dialplan.CALL_ENDED_CONTEXT},s,1",
    }
