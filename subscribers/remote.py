"""The utility's own system over HTTP. Whatever goes wrong there, nobody is known and no call waits for a second."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import httpx
from pydantic import ValidationError

from subscribers.breaker import Breaker
from subscribers.keys import plain_number
from subscribers.lately import Lately
from subscribers.record import Subscriber
from subscribers.remote_schemas import RemoteAnswer, RemoteSubscriber
from web.trust import authorities

log = logging.getLogger(__name__)

PATH = "/subscribers/search"
MOST_BYTES = 256_000
"""Of an answer; one subscriber has a few hundred."""
KNOWN_FOR, UNKNOWN_FOR = 300.0, 60.0
"""Seconds for which an answer is not asked for again, and for which "nobody" is not."""
AreaOf = Callable[[str | None, str | None, int | None], int | None]
"""The area that a district, a neighbourhood or our own number names; None for one that we do not know."""


class BadAnswer(Exception):
    """The other system answered what was not agreed."""


class RemoteSubscribers:
    """A `SubscriberSource`. `problem` tells what was wrong the last time it was asked, for the console."""

    def __init__(
        self,
        url: str,
        area_of: AreaOf,
        *,
        token: str | None = None,
        seconds: float = 0.8,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`seconds`: for a whole answer, whatever part of it is slow."""
        self._area_of, self._seconds = area_of, seconds
        self._found: Lately[tuple[Subscriber, ...]] = Lately(clock)
        self.breaker = Breaker(clock)
        self.problem: str | None = None
        headers = {"Accept": "application/json", "User-Agent": "alo185"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # a redirect is a fault: what is asked is personal, and goes to the address that was set and nowhere else
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=seconds,
            transport=transport,
            verify=authorities(),
            follow_redirects=False,
            trust_env=False,
        )

    async def by_phone(self, number: str) -> Sequence[Subscriber]:
        return await self._ask("phone", number)

    async def by_number(self, number: str) -> Subscriber | None:
        wanted = plain_number(number)
        found = await self._ask("number", wanted)
        return next((each for each in found if each.number.lstrip("0") == wanted.lstrip("0")), None)

    async def close(self) -> None:
        self._found.clear()
        await self._http.aclose()

    async def _ask(self, by: str, value: str) -> tuple[Subscriber, ...]:
        known = self._found.get(f"{by} {value}")
        if known is not None:
            return known
        if not self.breaker.admits():
            return ()
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._answer(by, value)
        except (httpx.HTTPError, BadAnswer, TimeoutError, ValueError) as error:
            self._failed(error)
            return ()
        except BaseException:  # whoever asked could wait no longer: for the breaker that is a failure too
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        self.problem = None
        self._found.keep(f"{by} {value}", found, KNOWN_FOR if found else UNKNOWN_FOR)
        return found

    async def _answer(self, by: str, value: str) -> tuple[Subscriber, ...]:
        """By POST: addresses end up in logs, and what is asked is personal."""
        async with self._http.stream("POST", PATH, json={by: value}) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                return ()
            if answer.status_code != httpx.codes.OK:
                raise BadAnswer(f"status {answer.status_code}")
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise BadAnswer(f"more than {MOST_BYTES} bytes")
        try:
            told = RemoteAnswer.model_validate_json(body)
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False)[0]
            raise BadAnswer(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from None
        return tuple(self._subscriber(each) for each in told.subscribers)

    def _subscriber(self, told: RemoteSubscriber) -> Subscriber:
        area = self._area_of(told.district, told.neighbourhood, told.area_number)
        texts = (told.address, told.meter_point, told.language)
        return Subscriber(told.number, told.name, tuple(told.phones), area, *texts)

    def _failed(self, error: Exception) -> None:
        self.breaker.failed()
        told = str(error) if isinstance(error, BadAnswer) else type(error).__name__
        self.problem = told[:200]
        log.warning("the utility's own system does not tell who a subscriber is: %s", self.problem)
