"""One attempt to deliver: an HTTP request to an address that was checked, and what came of it."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from outbox.errors import OutboxError
from outbox.target import Resolve, checked_url, host_of, permitted_addresses, system_resolve
from web.trust import authorities

SECONDS = 10.0
"""For all of an attempt, name look-up included."""
KEPT = 500
"""Bytes of the answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `status` is None where there was no answer."""

    status: int | None
    ms: int
    answer: str = ""
    problem: str | None = None
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants to hear nothing more."""
        return self.status == 410


class Poster:
    """Posts JSON; follows no redirect and knows no proxy: both would lead past the check of the address."""

    def __init__(self, resolve: Resolve = system_resolve, seconds: float = SECONDS) -> None:
        self._resolve = resolve
        self._seconds = seconds

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> Outcome:
        """Never raises for what another machine does."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._send(url, body, headers, allow_private)
        except TimeoutError:
            return Outcome(None, _since(began), problem=f"No answer within {self._seconds:g} s.")
        except OutboxError as refused:
            return Outcome(None, _since(began), problem=refused.message)
        except (httpx.HTTPError, OSError) as error:
            return Outcome(None, _since(began), problem=f"No connection: {type(error).__name__} {error}"[:KEPT])
        status, text, retry_after = answer
        problem = "It redirects; give the final address." if 300 <= status < 400 else None
        return Outcome(status, _since(began), text, problem, retry_after)

    async def _send(
        self, url: str, body: bytes, headers: Mapping[str, str], allow_private: bool
    ) -> tuple[int, str, str | None]:
        target = checked_url(url)
        addresses = await permitted_addresses(target, allow_private=allow_private, resolve=self._resolve)
        trusted = await asyncio.to_thread(authorities)
        async with httpx.AsyncClient(trust_env=False, timeout=self._seconds, verify=trusted) as client:
            for last, address in enumerate(addresses, start=1 - len(addresses)):
                try:
                    return await _exchange(client, target, address, body, headers)
                except httpx.ConnectError:
                    if last == 0:
                        raise
        raise OSError("no address")  # pragma: no cover - permitted_addresses gives at least one


async def _exchange(
    client: httpx.AsyncClient, target: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str, str | None]:
    """The connection goes to the checked address; Host, SNI and the certificate's name stay the written ones."""
    own = {
        "Host": target.netloc.decode(),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Alo185",
        **headers,
    }
    extensions = {"sni_hostname": host_of(target)}
    pinned = target.copy_with(host=address)
    async with client.stream("POST", pinned, content=body, headers=own, extensions=extensions) as answer:
        kept = b""
        async for piece in answer.aiter_raw():
            kept += piece
            if len(kept) >= KEPT:
                break
        text = "".join(c for c in kept[:KEPT].decode(errors="replace") if c.isprintable() or c in "\n\t")
        return answer.status_code, text, answer.headers.get("Retry-After")


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
