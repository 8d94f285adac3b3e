"""What phones in browsers ask of Asterisk over its HTTP port: endpoints that are pushed, and calls that are cut."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx

from ivr import dialplan
from ivr.phones.account import Account
from ivr.phones.errors import PhoneError, away
from ivr.settings import Settings

log = logging.getLogger(__name__)

PATIENCE = 6.0
"""Seconds."""
TECHNOLOGY = "PJSIP"
EXPIRES = "accountcode"
"""Until when the account lasts, which says whose of two services it is.

No variable: Asterisk chokes on those of an endpoint that is pushed anew.
"""
Fields = Sequence[tuple[str, str]]
BROWSER: Fields = (
    ("webrtc", "yes"),
    ("allow", "opus,alaw"),
    ("max_video_streams", "0"),
    ("direct_media", "no"),
    # a browser sends sound all the time, also when it is muted
    ("rtp_timeout", "20"),
    ("rtp_timeout_hold", "1800"),
    ("language", "tr"),
    ("allow_subscribe", "no"),
)
VISITOR: Fields = (("allow_transfer", "no"),)
AGENT: Fields = (
    ("allow_transfer", "yes"),
    ("send_pai", "yes"),
    ("device_state_busy_at", "1"),
    ("moh_suggest", dialplan.HOLD_CLASS),
)
_CONFIGURATION = "/asterisk/config/dynamic/res_pjsip"


class PhoneAsterisk:
    """Accounts are pushed into Asterisk's memory: nothing of them is written, and a restart forgets them."""

    def __init__(self, settings: Settings) -> None:
        self._login = (dialplan.ARI_USER, settings.secret("ari"))
        self._base = f"http://127.0.0.1:{settings.asterisk_http_port}/ari"
        self._client: httpx.AsyncClient | None = None

    async def put(self, account: Account) -> None:
        """Make the account, or make it anew. Raises PhoneError."""
        for kind, fields in objects(account).items():
            pushed = [{"attribute": name, "value": value} for name, value in fields]
            await self.ask("PUT", f"{_CONFIGURATION}/{kind}/{account.name}", body={"fields": pushed})

    async def delete(self, name: str) -> None:
        """Endpoint first: from then on nobody can call or be called by that name."""
        for kind in ("endpoint", "aor", "auth"):
            await self.ask("DELETE", f"{_CONFIGURATION}/{kind}/{name}", missing=True)

    async def hang_up(self, name: str) -> None:
        """Cut whatever that phone is in; Asterisk itself would wait for a goodbye that a closed tab cannot say."""
        for channel in await self.channels(name):
            await self.ask("DELETE", f"/channels/{channel}", missing=True)

    async def channels(self, name: str) -> list[str]:
        """Of a phone, whatever state they are in."""
        endpoint = await self.ask("GET", f"/endpoints/{TECHNOLOGY}/{name}", missing=True)
        found = endpoint.get("channel_ids") if isinstance(endpoint, dict) else None
        return [channel for channel in found or () if isinstance(channel, str)]

    async def runs(self, channel: str) -> bool:
        return await self.ask("GET", f"/channels/{channel}", missing=True) is not None

    async def names(self) -> list[str]:
        """Of all endpoints that Asterisk knows."""
        listed = await self.ask("GET", f"/endpoints/{TECHNOLOGY}")
        return [one["resource"] for one in listed or () if isinstance(one, dict) and "resource" in one]

    async def expires(self, name: str) -> datetime | None:
        """When the account of that name is over, as whoever made it wrote into it; None where nobody did."""
        fields = await self.ask("GET", f"{_CONFIGURATION}/endpoint/{name}", missing=True)
        for one in fields if isinstance(fields, list) else ():
            if one.get("attribute") == EXPIRES:
                with suppress(ValueError):
                    return datetime.fromisoformat(str(one.get("value")))
        return None

    async def ask(
        self, method: str, path: str, *, body: object = None, missing: bool = False, **parameters: str
    ) -> Any:
        """What Asterisk answers. `missing`: it may be that there is no such thing. Raises PhoneError."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=False)  # noqa: S501  # loopback
        try:
            answer = await self._client.request(
                method, f"{self._base}{path}", json=body, params=parameters, auth=self._login
            )
        except httpx.HTTPError as error:
            raise away(error) from error
        if answer.status_code == httpx.codes.NOT_FOUND and missing:
            return None
        if answer.is_error:
            raise PhoneError(f"Asterisk refused {method} {path} with status {answer.status_code}", "phone_refused")
        return answer.json() if answer.content else None

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()


def objects(account: Account) -> Mapping[str, Fields]:
    """What an account is in Asterisk, by kind and in the order in which it has to be made."""
    name = account.name
    return {
        "auth": (("auth_type", "userpass"), ("username", name), ("password", account.password)),
        "aor": (("max_contacts", "1"), ("remove_existing", "yes")),
        "endpoint": (
            ("aors", name),
            ("auth", name),
            ("context", account.context),
            *BROWSER,
            *(AGENT if account.agent else VISITOR),
            (EXPIRES, account.expires.isoformat()),
            *(("set_var", f"{variable}={value}") for variable, value in account.variables.items()),
        ),
    }
