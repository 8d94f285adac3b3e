"""Phones in browsers without a browser: what a tab may say, for how long, and what is left of it when it is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ivr.phones.account import Account
from ivr.phones.accounts import PhoneAccounts
from ivr.phones.errors import PhoneError, away
from ivr.phones.guard import LONGEST, MESSAGES, Pace, permitted
from ivr.phones.proxy import EXPIRED, FROM_HERE, NOT_SIP, OVER, TICKET, TOO_FAST, PhoneProxy
from tests.browser import served

LASTS = timedelta(minutes=5)


def sip(user: str, method: str = "INVITE", sender: str | None = None, more: str = "") -> str:
    sender = sender or f"From: <sip:{user}@alo185.invalid>;tag=a1"
    return f"{method} sip:185@alo185.invalid SIP/2.0\r\nVia: SIP/2.0/WS x;branch=z9\r\n{sender}\r\n{more}\r\n"


@dataclass
class FakeAsterisk:
    """Its endpoints and its WebSocket, which says everything back."""

    endpoints: dict[str, Account] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    came_from: list[str] = field(default_factory=list)
    away: bool = False
    deleted: asyncio.Event = field(default_factory=asyncio.Event)
    server: Server | None = None

    async def put(self, account: Account) -> None:
        if self.away:
            raise away("nobody answers")
        self.endpoints[account.name] = account

    async def delete(self, name: str) -> None:
        self.endpoints.pop(name, None)
        self.deleted.set()

    async def hang_up(self, name: str) -> None:
        if self.away:
            self.away = False
            raise away("it is busy for a moment")
        self.cut.append(name)

    async def names(self) -> list[str]:
        return [*self.endpoints, "alo185-trunk"]

    async def expires(self, name: str) -> datetime | None:
        account = self.endpoints.get(name)
        return account.expires if account else None

    async def speak(self, phone: ServerConnection) -> None:
        self.came_from.append(phone.remote_address[0])
        async for said in phone:
            await phone.send(said)

    @property
    def port(self) -> int:
        assert self.server
        port: int = next(iter(self.server.sockets)).getsockname()[1]
        return port


@dataclass
class House:
    asterisk: FakeAsterisk
    accounts: PhoneAccounts
    url: str
    gone: list[str] = field(default_factory=list)
    went: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell(self, account: Account) -> None:
        self.gone.append(account.name)
        self.went.set()

    def visitor(self, lasts: timedelta = LASTS) -> Account:
        return self.accounts.create(None, "alo185-browser", lasts, gone=self.tell)

    @asynccontextmanager
    async def tab(self, ticket: str, origin: str | None = None) -> AsyncIterator[ClientConnection]:
        offered = [Subprotocol("sip"), Subprotocol(TICKET + ticket)]
        address = self.url.replace("http", "ws") + "/phone/ws"
        async with connect(address, origin=origin or self.url, subprotocols=offered, proxy=None) as tab:  # type: ignore[arg-type]
            yield tab


@pytest.fixture
async def house() -> AsyncIterator[House]:
    asterisk = FakeAsterisk()
    async with serve(asterisk.speak, "127.0.0.1", 0, subprotocols=[Subprotocol("sip")]) as asterisk.server:
        accounts = PhoneAccounts(asterisk, lambda: datetime.now(UTC), at_most=2)
        app = FastAPI()
        proxy = PhoneProxy(accounts, lambda: datetime.now(UTC), asterisk.port)
        app.router.routes.append(WebSocketRoute("/phone/ws", proxy))
        async with served(app) as url:
            yield House(asterisk, accounts, url)
        await accounts.stop()


async def refused(house: House, ticket: str, origin: str | None = None) -> int:
    with pytest.raises(InvalidStatus) as told:
        async with house.tab(ticket, origin):
            pass
    return told.value.response.status_code


async def closed(tab: ClientConnection) -> int | None:
    await asyncio.wait_for(tab.wait_closed(), 30)
    return tab.close_code


async def test_a_tab_speaks_to_asterisk_and_is_an_endpoint_only_while_it_does(house: House) -> None:
    account = house.visitor()
    assert house.asterisk.endpoints == {}
    async with house.tab(account.ticket) as tab:
        await tab.send(sip(account.name))
        assert await tab.recv() == sip(account.name)
        assert house.asterisk.endpoints == {account.name: account}
        # from 127.0.0.1 it would be the test phone, which needs no password
        assert house.asterisk.came_from == [FROM_HERE]
    await asyncio.wait_for(house.went.wait(), 30)
    assert (house.asterisk.endpoints, house.asterisk.cut, house.gone) == ({}, [account.name], [account.name])
    assert await refused(house, account.ticket) == 403


async def test_other_sites_and_those_without_a_ticket_are_refused(house: House) -> None:
    account = house.visitor()
    assert await refused(house, account.ticket, "https://elsewhere.example") == 403
    assert await refused(house, "guessed") == 403
    async with house.tab(account.ticket):
        assert await refused(house, account.ticket) == 409


async def test_visitors_are_counted(house: House) -> None:
    house.visitor()
    house.visitor()
    with pytest.raises(PhoneError) as full:
        house.visitor()
    assert full.value.code == "phones_full"


async def test_credentials_expire_in_mid_call(house: House) -> None:
    account = house.visitor(timedelta(seconds=0.3))
    async with house.tab(account.ticket) as tab:
        assert await closed(tab) == EXPIRED
    await asyncio.wait_for(house.went.wait(), 30)
    assert house.asterisk.endpoints == {}
    assert house.asterisk.cut == [account.name]


async def test_what_the_house_takes_back_is_closed_at_once(house: House) -> None:
    account = house.visitor()
    async with house.tab(account.ticket) as tab:
        await house.accounts.remove(account.name)
        assert await closed(tab) == OVER


async def test_an_agents_second_tab_takes_the_phone_from_the_first(house: House) -> None:
    first = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, linger=30)
    async with house.tab(first.ticket) as tab:
        second = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, linger=30, gone=house.tell)
        assert await closed(tab) == OVER
        async with house.tab(second.ticket):
            assert house.asterisk.endpoints["desk-7"].ticket == second.ticket
        await asyncio.wait_for(house.went.wait(), 30)


async def test_an_agents_phone_outlives_a_restart_of_asterisk_as_long_as_its_tab_goes_on_trying(house: House) -> None:
    account = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, linger=0.4, gone=house.tell)
    house.asterisk.away = True
    for _ in range(4):
        assert await refused(house, account.ticket) == 503
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(house.went.wait(), 0.2)
    house.asterisk.away = False
    async with house.tab(account.ticket):
        assert "desk-7" in house.asterisk.endpoints
    await asyncio.wait_for(house.went.wait(), 30)


async def test_a_tab_that_takes_over_a_lost_phone_is_neither_cut_off_nor_gone(house: House) -> None:
    first = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, linger=30, gone=house.tell)
    house.asterisk.away = True
    assert await refused(house, first.ticket) == 503
    house.asterisk.away = False
    second = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, linger=30, gone=house.tell)
    async with house.tab(second.ticket) as tab:
        assert house.asterisk.cut == ["desk-7"]  # what the first had left, before the second could be called
        await tab.send(sip("desk-7"))
        assert await tab.recv() == sip("desk-7")
        assert (house.asterisk.endpoints, house.gone) == ({"desk-7": second}, [])


async def test_a_tab_that_gave_up_while_asterisk_was_away_is_gone(house: House) -> None:
    account = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, linger=0.2, gone=house.tell)
    house.asterisk.away = True
    assert await refused(house, account.ticket) == 503
    await asyncio.wait_for(house.went.wait(), 30)
    assert await refused(house, account.ticket) == 403


async def test_an_account_that_a_busy_asterisk_kept_is_taken_away_a_moment_later(house: House) -> None:
    async with house.tab(house.visitor().ticket):
        house.asterisk.away = True
    await asyncio.wait_for(house.went.wait(), 30)
    await asyncio.wait_for(house.asterisk.deleted.wait(), 30)
    assert house.asterisk.endpoints == {}


async def test_accounts_of_another_service_are_left_alone_until_their_time_is_over(house: House) -> None:
    other = PhoneAccounts(house.asterisk, lambda: datetime.now(UTC), at_most=2)
    theirs = other.create("desk-8", "alo185-desk", LASTS, agent=True)
    await other.connect(theirs.ticket)
    over = Account("web-x", "alo185-browser", datetime.now(UTC) - timedelta(seconds=1))
    await house.asterisk.put(over)
    await house.accounts.sweep()
    assert house.asterisk.endpoints == {"desk-8": theirs}


async def test_who_goes_over_to_another_service_keeps_the_phone_there(house: House) -> None:
    here = house.accounts.create("desk-7", "alo185-desk", LASTS, agent=True, gone=house.tell)
    other = PhoneAccounts(house.asterisk, lambda: datetime.now(UTC), at_most=2)
    async with house.tab(here.ticket):
        there = other.create("desk-7", "alo185-desk", LASTS, agent=True)
        await other.connect(there.ticket)
    await asyncio.wait_for(house.went.wait(), 30)
    assert house.asterisk.endpoints == {"desk-7": there}


async def test_without_asterisk_nothing_is_promised(house: House) -> None:
    house.asterisk.away = True
    assert await refused(house, house.visitor().ticket) == 503


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("GET / HTTP/1.1\r\n\r\n", NOT_SIP),
        (sip("alo185-local"), NOT_SIP),
        ("x" * (LONGEST + 1), NOT_SIP),
        (b"\x00\x01", NOT_SIP),
    ],
)
async def test_hostile_frames_close_the_phone_and_never_reach_asterisk(
    house: House, said: str | bytes, code: int
) -> None:
    account = house.visitor()
    async with house.tab(account.ticket) as tab:
        await tab.send(said)
        assert await closed(tab) == code


async def test_a_flood_closes_the_phone(house: House) -> None:
    account = house.visitor()
    async with house.tab(account.ticket) as tab:
        for _ in range(MESSAGES + 1):
            await tab.send("\r\n")
        assert await closed(tab) == TOO_FAST


OWN = "From: <sip:web-a@alo185.invalid>;tag=1"


@pytest.mark.parametrize(
    "sender",
    [
        "From: <sip:web-b@alo185.invalid>;tag=1",
        'From: "<sip:web-a@alo185.invalid>" <sip:web-b@alo185.invalid>;tag=1',
        f"{OWN}\r\nf: <sip:web-b@alo185.invalid>;tag=2",
        f"{OWN}\r\nFROM : <sip:web-b@alo185.invalid>;tag=2",
        "From: <sip:web-a@alo185.invalid>;tag=1,\r\n <sip:web-b@x>",
        "From: sip:web-b@alo185.invalid",
        "From:\r\n <sip:web-b@alo185.invalid>",
        "X-None: 1",
        f"{OWN}\nf: <sip:web-b@x>",
    ],
)
def test_a_request_names_its_own_sender_once_and_plainly(sender: str) -> None:
    assert permitted(sip("web-a"), "web-a")
    assert permitted(sip("", sender='From: "Alo" <sip:web-a@alo185.invalid>;tag=x-1'), "web-a")
    assert not permitted(sip("web-a", sender=sender), "web-a")


@pytest.mark.parametrize("method", ["SUBSCRIBE", "PUBLISH", "MESSAGE", "invite", "X"])
def test_other_methods_are_nobodys_business(method: str) -> None:
    assert not permitted(sip("web-a", method), "web-a")


def test_answers_pass_and_the_pace_recovers() -> None:
    assert permitted("SIP/2.0 200 OK\r\nVia: x\r\n\r\n", "web-a")
    clock = [0.0]
    pace = Pace(lambda: clock[0])
    assert all(pace.keeps() for _ in range(MESSAGES))
    assert not pace.keeps()
    clock[0] = 11.0
    assert pace.keeps()
