"""Webhooks: signed, in order, at least once, never lost, never into a network that they must not reach."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from outages.service import OutageService
from outages.telling import EVENTS
from outbox.backoff import GIVE_UP, PATIENT
from outbox.errors import OutboxError
from outbox.models import Attempt, Delivery, Endpoint, State
from outbox.posting import Outcome, Poster
from outbox.queue import GONE, KEEP, LEASE, hold
from outbox.sender import Sender
from outbox.service import post
from outbox.target import checked_url, permitted_addresses
from outbox.webhooks import Webhooks
from storage.database import Database
from storage.notices import POLL_POSTGRESQL
from storage.types import use_key
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault
from tests.webhook_world import Receiver, listening, signed_rightly


@pytest.fixture(autouse=True)
def key() -> None:
    use_key("a key of the tests")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening(Receiver()) as receiver:
        yield receiver


class Desk:
    """An administrator, and a sender that tries only when it is told to."""

    def __init__(self, db: Database, clock: Clock, poster: Any = None) -> None:
        self.db, self.clock = db, clock
        self.sender = Sender(db, clock, base_url="https://su.example/", poster=poster, chance=lambda: 0.5)

    async def webhook(self, url: str, *events: str, private: bool = True) -> Endpoint:
        async with self.db.session() as session:
            made = await Webhooks(session, self.clock, "ada").make(url, events or ("*",), allow_private=private)
            await session.commit()
            return made

    async def say(self, number: int, event: str = "outage.changed") -> None:
        async with self.db.session() as session:
            await post(session, self.clock, event, {"n": number, "link": "/kesinti/7"}, key=f"key-{number}")
            await session.commit()

    async def send(self, forward: timedelta = timedelta()) -> None:
        self.clock.forward(forward)
        await self.sender.turn()
        await self.sender.idle()

    async def deliveries(self) -> Sequence[Delivery]:
        async with self.db.reading() as session:
            return (await session.scalars(select(Delivery).order_by(Delivery.id))).all()

    async def attempts(self) -> Sequence[Attempt]:
        async with self.db.reading() as session:
            return (await session.scalars(select(Attempt).order_by(Attempt.id))).all()


@pytest.fixture
def desk(db: Database, clock: Clock) -> Desk:
    return Desk(db, clock)


async def test_a_message_arrives_signed_with_an_absolute_link(desk: Desk, receiver: Receiver) -> None:
    endpoint = await desk.webhook(receiver.url)
    await desk.say(1)
    await desk.send()
    (told,) = receiver.received
    assert signed_rightly(told, endpoint.secret)
    assert not signed_rightly(told, "whsec_AAAA")
    assert json.loads(told.body) == {
        "type": "outage.changed",
        "timestamp": START.isoformat(),
        "data": {"n": 1, "link": "https://su.example/kesinti/7"},
    }
    assert told.headers["alo185-event"] == "outage.changed"
    assert told.headers["webhook-timestamp"] == str(int(START.timestamp()))
    (delivery,) = await desk.deliveries()
    assert (delivery.state, delivery.uuid) == (State.delivered, told.headers["webhook-id"])
    (logged,) = await desk.attempts()
    assert (logged.number, logged.status, logged.answer) == (1, 200, "ok")


async def test_twice_refused_then_taken_with_the_same_id(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    receiver.answers = [500, (503, {}, b"x" * 5_000)]
    await desk.say(1)
    await desk.send()
    await desk.send(timedelta(seconds=4))
    assert len(receiver.received) == 1
    await desk.send(timedelta(seconds=1))
    await desk.send(timedelta(seconds=20))
    assert len(set(receiver.ids)) == 1
    assert [(a.number, a.status) for a in await desk.attempts()] == [(1, 500), (2, 503), (3, 200)]
    assert [len(a.answer or "") for a in await desk.attempts()] == [2, 500, 2]
    assert (await desk.deliveries())[0].state is State.delivered


async def test_order_is_kept_while_a_receiver_is_away(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    receiver.answers = [500]
    for number in range(3):
        await desk.say(number)
    await desk.send()
    assert len(receiver.received) == 1
    await desk.send(timedelta(seconds=5))
    assert [json.loads(r.body)["data"]["n"] for r in receiver.received] == [0, 0, 1, 2]


async def test_a_message_that_is_refused_for_long_lets_the_others_pass(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    receiver.answers = [500] * PATIENT
    await desk.say(0)
    await desk.say(1)
    for _ in range(PATIENT):
        await desk.send(6 * HOUR)
    assert [json.loads(r.body)["data"]["n"] for r in receiver.received] == [0] * PATIENT + [1]


async def test_after_three_days_it_is_given_up_with_a_note_and_can_be_sent_again(
    desk: Desk, receiver: Receiver
) -> None:
    endpoint = await desk.webhook(receiver.url)
    receiver.answers = [500] * 100
    await desk.say(1)
    for _ in range(int(GIVE_UP / (6 * HOUR)) + 1):
        await desk.send(6 * HOUR)
    (delivery,) = await desk.deliveries()
    assert delivery.state is State.dead
    assert "Given up after" in (delivery.note or "")
    receiver.answers = []
    async with desk.db.session() as session:
        await Webhooks(session, desk.clock, "ada").redeliver(endpoint.id, delivery.uuid)
        await session.commit()
    await desk.send()
    assert (await desk.deliveries())[0].state is State.delivered
    assert len(set(receiver.ids)) == 1


async def test_a_receiver_that_answers_410_is_asked_no_more(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    receiver.answers = [410]
    await desk.say(1)
    await desk.say(2)
    await desk.send()
    await desk.say(3)
    await desk.send(HOUR)
    assert len(receiver.received) == 1
    assert [(d.state, d.note) for d in await desk.deliveries()] == [(State.dead, GONE)] * 2
    async with desk.db.reading() as session:
        endpoint = (await session.scalars(select(Endpoint))).one()
    assert (endpoint.active, endpoint.note) == (False, GONE)


async def test_a_redirect_is_not_followed(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    receiver.answers = [(302, {"Location": f"http://127.0.0.1:{receiver.port}/other"}, b"")]
    await desk.say(1)
    await desk.send()
    assert len(receiver.received) == 1
    assert "redirects" in ((await desk.attempts())[0].problem or "")
    assert (await desk.deliveries())[0].state is State.waiting


async def test_a_slow_receiver_is_left_and_tried_again(db: Database, clock: Clock, receiver: Receiver) -> None:
    desk = Desk(db, clock, Poster(seconds=0.05))
    await desk.webhook(receiver.url)
    receiver.gate = asyncio.Event()
    await desk.say(1)
    await desk.send()
    assert "No answer within" in ((await desk.attempts())[0].problem or "")
    receiver.gate.set()
    patient = Desk(db, clock)
    await patient.send(timedelta(seconds=5))
    assert (await desk.deliveries())[0].state is State.delivered


async def test_a_slow_receiver_holds_up_no_other(desk: Desk, receiver: Receiver) -> None:
    receiver.gate = asyncio.Event()
    async with listening(Receiver()) as quick:
        await desk.webhook(receiver.url)
        await desk.webhook(quick.url)
        await desk.say(1)
        await desk.sender.turn()
        async with asyncio.timeout(30):
            await quick.arrived.wait()
        receiver.gate.set()
        await desk.sender.idle()


async def test_a_receiver_may_ask_for_more_time(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    receiver.answers = [(429, {"Retry-After": "3600"}, b"")]
    await desk.say(1)
    await desk.send()
    await desk.send(HOUR - timedelta(seconds=1))
    assert len(receiver.received) == 1
    await desk.send(timedelta(seconds=1))
    assert len(receiver.received) == 2


async def test_the_same_key_is_the_same_event(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    await desk.say(1)
    await desk.say(1)
    await desk.send()
    assert len(receiver.received) == 1


async def test_only_what_is_wanted_and_committed_is_sent(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url, "outage.ended")
    await desk.say(1, "outage.changed")
    await desk.say(2, "outage.ended")
    async with desk.db.session() as session:
        await post(session, desk.clock, "outage.ended", {"n": 3}, key="never committed")
    await desk.send()
    assert [r.headers["alo185-event"] for r in receiver.received] == ["outage.ended"]
    assert json.loads(receiver.received[0].body)["data"]["n"] == 2


class CrashingPoster:
    """Power is lost right after the message has left."""

    def __init__(self) -> None:
        self._real = Poster()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> Outcome:
        await self._real.post(url, body, headers, allow_private=allow_private)
        raise asyncio.CancelledError


async def test_a_crash_after_sending_sends_again_with_the_same_id(
    db: Database, clock: Clock, receiver: Receiver
) -> None:
    crashing = Desk(db, clock, CrashingPoster())
    await crashing.webhook(receiver.url)
    await crashing.say(1)
    await crashing.send()
    assert (len(receiver.received), await crashing.attempts()) == (1, [])
    after = Desk(db, clock)
    await after.send()
    assert len(receiver.received) == 1, "the dead process still holds the endpoint"
    await after.send(LEASE)
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    assert (await after.deliveries())[0].state is State.delivered


async def test_two_processes_never_send_to_one_endpoint_at_once(db: Database, clock: Clock, receiver: Receiver) -> None:
    one, two = Desk(db, clock), Desk(db, clock)
    await one.webhook(receiver.url)
    receiver.gate = asyncio.Event()
    for number in range(4):
        await one.say(number)
    await asyncio.gather(one.sender.turn(), two.sender.turn())
    async with asyncio.timeout(30):
        await receiver.arrived.wait()
    await two.sender.turn()
    assert len(receiver.received) == 1
    receiver.gate.set()
    await one.sender.idle()
    await two.sender.idle()
    assert [json.loads(r.body)["data"]["n"] for r in receiver.received] == [0, 1, 2, 3]


async def test_what_a_process_that_died_had_in_hand_is_sent_when_its_lease_is_over(
    db: Database, clock: Clock, receiver: Receiver
) -> None:
    one, two = Desk(db, clock), Desk(db, clock)
    await one.webhook(receiver.url)
    await one.say(1)
    async with db.session() as session:
        assert await hold(session, 1, "the process that died", clock())
        await session.commit()
    clock.forward(timedelta(seconds=45))
    assert await two.sender.turn() == (LEASE - timedelta(seconds=45)).total_seconds()
    await two.send(timedelta(seconds=15))
    assert len(receiver.received) == 1


async def test_a_commit_is_delivered_at_once_and_not_at_the_next_look(db: Database, receiver: Receiver) -> None:
    clock = Clock()
    desk = Desk(db, clock)
    await desk.webhook(receiver.url)
    running = asyncio.create_task(desk.sender.run())
    await desk.say(0)
    async with asyncio.timeout(30):
        await receiver.arrived.wait()
    for number in range(1, 4):
        receiver.arrived.clear()
        await desk.say(number)
        async with asyncio.timeout(POLL_POSTGRESQL - 1):
            await receiver.arrived.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_new_secret_signs_beside_the_former_one_for_a_day(desk: Desk, receiver: Receiver) -> None:
    first = (await desk.webhook(receiver.url)).secret
    async with desk.db.session() as session:
        second = (await Webhooks(session, desk.clock, "ada").rotate_secret(1)).secret
        await session.commit()
    await desk.say(1)
    await desk.send()
    assert [signed_rightly(receiver.received[0], secret) for secret in (first, second)] == [True, True]
    await desk.say(2)
    await desk.send(timedelta(days=1))
    assert [signed_rightly(receiver.received[1], secret) for secret in (first, second)] == [False, True]


async def test_secrets_are_unreadable_in_the_database(desk: Desk) -> None:
    made = await desk.webhook("http://127.0.0.1:9/x".replace(":9/", ":8080/"))
    async with desk.db.engine.connect() as connection:
        stored = (await connection.exec_driver_sql("SELECT secret FROM webhook_endpoints")).scalar_one()
    assert made.secret.removeprefix("whsec_") not in stored


async def test_old_messages_are_removed_unless_they_wait(desk: Desk, receiver: Receiver) -> None:
    await desk.webhook(receiver.url)
    await desk.say(1)
    await desk.send()
    await desk.send(KEEP + timedelta(days=1))
    assert await desk.deliveries() == []


# where it may go

HOSTILE = [
    "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2002:a00:1::1", "2001:db8::1", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [address]

    with pytest.raises(OutboxError, match="private network"):
        await permitted_addresses(checked_url("https://hook.example/x"), allow_private=False, resolve=resolve)


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::ffff:169.254.169.254"])
async def test_what_no_webhook_means_is_refused_even_where_private_ones_are_allowed(address: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [address]

    with pytest.raises(OutboxError):
        await permitted_addresses(checked_url("https://hook.example/x"), allow_private=True, resolve=resolve)


@pytest.mark.parametrize("url", ["http://2130706433:8080/", "http://0x7f.1:8080/", "http://localhost:8080/"])
async def test_other_ways_to_write_this_machine_are_seen_through(url: str, receiver: Receiver) -> None:
    outcome = await Poster().post(url.replace("8080", str(receiver.port)), b"{}", {}, allow_private=False)
    assert outcome.status is None
    assert receiver.received == []


async def test_a_name_that_changes_its_answer_cannot_lead_inside(receiver: Receiver) -> None:
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.9"] if len(asked) > 1 else ["127.0.0.1"]

    url = f"http://rebinding.example:{receiver.port}/hook"
    refused = await Poster(rebinding).post(url, b"{}", {}, allow_private=False)
    assert "private network" in (refused.problem or "")
    asked.clear()
    taken = await Poster(rebinding).post(url, b"{}", {}, allow_private=True)
    assert (taken.status, asked) == (200, ["rebinding.example"]), "the address that was checked is the one connected to"
    assert receiver.received[0].headers["host"] == f"rebinding.example:{receiver.port}"


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x.example/", "file:///etc/passwd", "https://u:p@x.example/", "https://x.example:22/", "//x.example/"),
        *("x", "https:///x", "https://x.example/#a", "https://x.example/\r\nX: y", "https://x.example:99999/"),
        *("http://[::1/", f"https://x.example/{'a' * 2000}", "javascript:alert(1)"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(OutboxError):
        checked_url(url)


# what outages tell


async def test_an_outage_is_told_of_from_publication_to_its_end(
    db: Database, desk: Desk, receiver: Receiver, clock: Clock
) -> None:
    places: Places = await add_places(db)
    await desk.webhook(receiver.url, *EVENTS)

    async def do(work: Callable[[OutageService], Any]) -> Any:
        async with db.session() as session:
            done = await work(OutageService(session, clock, "ayse"))
            await session.commit()
            return done

    outage = await do(lambda s: s.create(fault(places.yeni), draft=True))
    await do(lambda s: s.change(outage.id, crew="on_site"))
    await desk.send()
    assert receiver.received == []
    await do(lambda s: s.publish(outage.id))
    await do(lambda s: s.change(outage.id, expected_end=START + 9 * HOUR))
    await do(lambda s: s.end(outage.id))
    other = await do(lambda s: s.create(fault(places.baris, starts=START + HOUR)))
    await do(lambda s: s.cancel(other.id))
    secret = await do(lambda s: s.create(fault(places.baris), draft=True))
    await do(lambda s: s.cancel(secret.id))
    await desk.send()
    told = [json.loads(each.body) for each in receiver.received]
    assert [each["type"] for each in told] == [
        "outage.published", "outage.changed", "outage.ended", "outage.published", "outage.cancelled",
    ]  # fmt: skip
    changed = told[1]["data"]
    assert changed["previous"] == {"expected_end": (START + 8 * HOUR).isoformat()}
    assert changed["expected_end"] == (START + 9 * HOUR).isoformat()
    assert changed["areas"][0]["name"] == "Yeni Mahalle"
    assert changed["link"] == f"https://su.example/kesinti/{outage.id}"
    assert "ayse" not in receiver.received[1].body.decode()
