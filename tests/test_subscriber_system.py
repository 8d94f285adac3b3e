"""The connector to the utility's own system: what was agreed is understood, and whatever goes wrong delays nobody."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from storage.database import Database
from subscribers.directory import Directory
from subscribers.remote import KNOWN_FOR, UNKNOWN_FOR, RemoteSubscribers
from subscribers.service import Subscribers
from tests.outage_world import Clock
from tests.subscriber_system import AYSE, OtherSystem, other_system
from tests.subscriber_world import MEHMET, SECRET, add_subscribers, facts

PHONE = "+905321234567"
YENI = 101


@dataclass
class Seconds:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def area_of(district: str | None, neighbourhood: str | None, number: int | None) -> int | None:
    return YENI if (district, neighbourhood) == ("Gebze", "Yeni Mahalle") or number == YENI else None


@pytest.fixture
async def system() -> AsyncIterator[OtherSystem]:
    async with other_system() as made:
        yield made


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
async def remote(system: OtherSystem, clock: Seconds) -> AsyncIterator[RemoteSubscribers]:
    async with remote_subscribers(system, clock, seconds=20) as made:
        yield made


@asynccontextmanager
async def remote_subscribers(
    system: OtherSystem, clock: Seconds, *, seconds: float
) -> AsyncIterator[RemoteSubscribers]:
    """`seconds`: how long it waits for an answer."""
    made = RemoteSubscribers(system.url, area_of, token="a token of the tests", seconds=seconds, clock=clock)
    yield made
    await made.close()


async def test_a_subscriber_is_understood_as_agreed(remote: RemoteSubscribers, system: OtherSystem) -> None:
    for found in (await remote.by_number("453 21-70"), (await remote.by_phone(PHONE))[0]):
        assert found is not None
        assert (found.number, found.name, found.phones) == ("4532170", "Ayşe Yılmaz", (PHONE,))
        assert (found.area_id, found.language, found.id) == (YENI, "tr", None)
    assert system.asked == [{"number": "4532170"}, {"phone": PHONE}]
    assert set(system.paths) == {"/subscribers/search"}
    assert set(system.tokens) == {"Bearer a token of the tests"}
    assert remote.problem is None


async def test_our_own_number_of_an_area_will_do(remote: RemoteSubscribers, system: OtherSystem) -> None:
    system.people = [{"number": "4532170", "phones": [PHONE], "area_number": YENI}]
    found = await remote.by_number("4532170")
    assert found
    assert found.area_id == YENI


async def test_nobody_is_nobody(remote: RemoteSubscribers, system: OtherSystem) -> None:
    assert await remote.by_number("9999999") is None
    system.status = 404
    assert await remote.by_phone("+905550000000") == ()
    assert remote.problem is None
    assert not remote.breaker.open


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oops"),
        (503, b""),
        (401, b"{}"),
        (200, b"<html>login</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"subscribers": null}'),
        (200, b'{"subscribers": [{"number": "x"}]}'),
        (200, b'{"subscribers": [{"number": 4532170}]}'),
        (200, json.dumps({"subscribers": [AYSE | {"phones": ["0532"]}]}).encode()),
        (200, json.dumps({"subscribers": [AYSE | {"name": "x" * 5000}]}).encode()),
        (200, json.dumps({"subscribers": [AYSE | {"language": "<script>"}]}).encode()),
        (200, json.dumps({"subscribers": [AYSE] * 51}).encode()),
        (200, b"[" * 200_000),
        (200, b" " * 300_000),
        (200, b"\xff\xfe"),
    ],
)
async def test_what_was_not_agreed_is_nobody(
    remote: RemoteSubscribers, system: OtherSystem, status: int, body: bytes
) -> None:
    system.status, system.body = status, body
    assert await remote.by_number("4532170") is None
    assert remote.problem
    assert "4532170" not in remote.problem


async def test_another_subscriber_than_the_one_asked_for_is_nobody(
    remote: RemoteSubscribers, system: OtherSystem
) -> None:
    system.body = json.dumps({"subscribers": [AYSE]}).encode()
    assert await remote.by_number("1111111") is None


@pytest.mark.parametrize("target", ["http://127.0.0.2:9/", "/elsewhere", "//evil.example/"])
async def test_redirects_are_not_followed(remote: RemoteSubscribers, system: OtherSystem, target: str) -> None:
    system.status, system.headers = 307, {"Location": target}
    assert await remote.by_phone(PHONE) == ()
    assert len(system.paths) == 1


async def test_a_slow_system_delays_nobody_and_is_then_left_alone(system: OtherSystem, clock: Seconds) -> None:
    system.silent = True
    async with remote_subscribers(system, clock, seconds=2) as remote:
        assert await asyncio.gather(*(remote.by_number(f"453217{serial}") for serial in range(5))) == [None] * 5
        assert remote.breaker.open
        system.silent = False
        assert await remote.by_number("4532170") is None
        assert len(system.asked) == 5, "an open breaker asks nobody"
        clock.at += 31
        assert await remote.by_number("4532170") is not None
        assert not remote.breaker.open


async def test_a_system_that_is_still_away_is_tried_once_in_a_while(
    remote: RemoteSubscribers, system: OtherSystem, clock: Seconds
) -> None:
    system.status = 500
    for serial in range(10):
        await remote.by_number(f"453217{serial}")
    assert len(system.asked) == 5
    for expected in (6, 7):
        clock.at += 31
        for _ in range(3):
            await remote.by_number("4532170")
        assert len(system.asked) == expected


async def test_answers_are_kept_for_a_while(remote: RemoteSubscribers, system: OtherSystem, clock: Seconds) -> None:
    for _ in range(3):
        assert await remote.by_number("4532170")
        assert await remote.by_number("1111111") is None
    assert len(system.asked) == 2
    clock.at += UNKNOWN_FOR
    await remote.by_number("1111111")
    await remote.by_number("4532170")
    assert len(system.asked) == 3, "nobody is forgotten sooner than somebody"
    clock.at += KNOWN_FOR
    await remote.by_number("4532170")
    assert len(system.asked) == 4


async def test_a_failure_is_not_kept(remote: RemoteSubscribers, system: OtherSystem) -> None:
    system.status = 500
    assert await remote.by_number("4532170") is None
    system.status = 200
    assert await remote.by_number("4532170") is not None


async def test_nothing_listens_there(clock: Seconds) -> None:
    remote = RemoteSubscribers("http://127.0.0.1:9", area_of, clock=clock)
    assert await remote.by_phone(PHONE) == ()
    assert remote.problem == "ConnectError"
    await remote.close()


async def test_without_the_other_system_our_own_list_answers(
    db: Database, remote: RemoteSubscribers, system: OtherSystem
) -> None:
    await add_subscribers(db, facts(MEHMET, area_id=7, phones=(PHONE,)))
    directory = Directory(db, Clock(), SECRET, remote=remote)
    assert await directory.area_of_phone(PHONE) == YENI
    system.status = 500
    other = Directory(db, Clock(), SECRET, remote=RemoteSubscribers(system.url, area_of))
    assert await other.area_of_phone(PHONE) == 7
    assert await other.area_of_number(MEHMET, None) == 7
    await other.close()


async def known(db: Database, **told: Any) -> Directory:
    await add_subscribers(db, facts(area_id=YENI, **told))
    return Directory(db, Clock(), SECRET)


async def test_the_area_of_a_telephone_is_used_only_where_it_is_clear(db: Database) -> None:
    directory = await known(db)
    assert await directory.area_of_phone(PHONE) == YENI
    await add_subscribers(db, facts(MEHMET, area_id=102, phones=(PHONE,)))
    assert await directory.area_of_phone(PHONE) is None


async def test_who_does_not_want_to_be_known_is_not(db: Database, remote: RemoteSubscribers) -> None:
    directory = await known(db)
    async with db.session() as session:
        await Subscribers(session, Clock(), SECRET).consent(
            1, "line", "known_area", given=False, source="phone", who="ayse"
        )
        await session.commit()
    assert await directory.area_of_phone(PHONE) is None
    assert await Directory(db, Clock(), SECRET, remote=remote).area_of_phone(PHONE) is None


@pytest.mark.parametrize("caller", [PHONE, None])
async def test_who_types_number_after_number_is_told_nothing_for_an_hour(db: Database, caller: str | None) -> None:
    clock = Clock()
    await add_subscribers(db, facts(area_id=YENI))
    directory = Directory(db, clock, SECRET)
    told = [await directory.area_of_number("4532170", caller) for _ in range(65)]
    most = told.count(YENI)
    assert most == (10 if caller else 60)
    assert told == [YENI] * most + [None] * (65 - most)
    assert await directory.area_of_number("4532170", "+905559998877") == YENI
    clock.forward(timedelta(minutes=61))
    assert await directory.area_of_number("4532170", caller) == YENI


@pytest.mark.parametrize("typed", ["", "12", "4532171", "1" * 16, "abc", "0000"])
async def test_a_wrong_check_digit_is_nobody(db: Database, typed: str) -> None:
    await add_subscribers(db, facts("79927398713", area_id=YENI))
    directory = Directory(db, Clock(), SECRET, scheme="luhn")
    assert await directory.area_of_number("79927398713", None) == YENI
    assert await directory.area_of_number(typed, None) is None
