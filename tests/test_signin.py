"""Signing in to the desk: who is let in, for how long, and how guessing gets slower."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from people import audit, passwords
from people.errors import PeopleError, SignInRefused
from people.models import Session, SignInAttempts, User
from people.roles import Role
from people.service import PeopleService
from people.signin import SignIn
from people.throttle import ADDRESS, NAME
from storage.database import Database
from tests.outage_world import Clock
from tests.people_world import BROWSER, PASSWORD, add_person, signed_in
from tests.quick_passwords import QUICK

WRONG = "mavi-tanker-41x"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signin(db: Database, clock: Clock) -> SignIn:
    return SignIn(db, clock, idle=timedelta(minutes=30), lifetime=timedelta(hours=8))


async def refused(signin: SignIn, name: str, password: str = WRONG, address: str = BROWSER[0]) -> SignInRefused:
    with pytest.raises(SignInRefused) as error:
        await signin.password(name, password, address, "Firefox")
    return error.value


async def test_the_right_password_opens_a_session(db: Database, signin: SignIn) -> None:
    await add_person(db, "ayse", Role.publisher)
    token = await signed_in(signin, " AYSE ")
    person = await signin.who(token)
    assert person
    assert (person.name, person.full_name, person.role, person.must_change) == ("ayse", "Ayse", Role.publisher, False)
    async with db.reading() as session:
        assert (await session.scalars(select(Session.id))).one() != token
    assert await signin.who(token + "x") is None
    assert await signin.who(None) is None
    assert await signin.who("x" * 1_000_000) is None


async def test_two_sessions_share_nothing(db: Database, signin: SignIn) -> None:
    await add_person(db, "ayse")
    one, two = await signin.who(await signed_in(signin, "ayse")), await signin.who(await signed_in(signin, "ayse"))
    assert one
    assert two
    assert len({one.csrf, two.csrf, one.session_id, two.session_id}) == 4


async def test_a_wrong_password_an_unknown_name_and_somebody_sent_away_are_refused_alike(
    db: Database, signin: SignIn, clock: Clock
) -> None:
    await add_person(db, "ayse")
    gone = await add_person(db, "gone")
    async with db.session() as session:
        await PeopleService(session, clock, "tests").deactivate(gone.id)
        await session.commit()
    told = [await refused(signin, "ayse"), await refused(signin, "nobody"), await refused(signin, "gone", PASSWORD)]
    assert {(each.code, each.message) for each in told} == {
        ("wrong_name_or_password", "The name or the password is wrong.")
    }


async def test_a_session_ends_when_it_is_not_used(db: Database, signin: SignIn, clock: Clock) -> None:
    await add_person(db, "ayse")
    token = await signed_in(signin, "ayse")
    for _ in range(3):
        clock.forward(timedelta(minutes=29))
        assert await signin.who(token)
    clock.forward(timedelta(minutes=30))
    assert await signin.who(token) is None


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(db: Database, signin: SignIn, clock: Clock) -> None:
    await add_person(db, "ayse")
    token = await signed_in(signin, "ayse")
    clock.forward(timedelta(minutes=29))
    assert await signin.who(token, counts=False)
    clock.forward(timedelta(minutes=1))
    assert await signin.who(token) is None


async def test_a_session_ends_after_its_life_however_much_it_is_used(
    db: Database, signin: SignIn, clock: Clock
) -> None:
    await add_person(db, "ayse")
    token = await signed_in(signin, "ayse")
    for _ in range(16):
        assert await signin.who(token)
        clock.forward(timedelta(minutes=29, seconds=59))
    assert await signin.who(token)
    clock.forward(timedelta(minutes=1))
    assert await signin.who(token) is None


async def test_signing_out_ends_this_session_only(db: Database, signin: SignIn) -> None:
    await add_person(db, "ayse")
    here, there = await signed_in(signin, "ayse"), await signed_in(signin, "ayse")
    await signin.sign_out(here)
    assert await signin.who(here) is None
    assert await signin.who(there)


async def test_guessing_at_a_name_gets_slower_from_anywhere(db: Database, signin: SignIn, clock: Clock) -> None:
    await add_person(db, "ayse")
    waits = []
    for number in range(NAME.free + 7):
        error = await refused(signin, "ayse", address=f"198.51.100.{number}")
        waits.append(error.wait_seconds)
        if error.wait_seconds:
            blocked = await refused(signin, "ayse", PASSWORD, "203.0.113.9")
            assert blocked.code == "wait"
            assert 0 < blocked.wait_seconds <= error.wait_seconds + 1
        clock.forward(timedelta(seconds=error.wait_seconds))
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60]
    assert await signed_in(signin, "ayse")
    assert (await refused(signin, "ayse")).wait_seconds == 0


async def test_guessing_from_one_address_gets_slower_whatever_the_name(
    db: Database, signin: SignIn, clock: Clock
) -> None:
    await add_person(db, "ayse")
    for number in range(ADDRESS.free):
        assert (await refused(signin, f"name{number}")).wait_seconds == 0
    assert (await refused(signin, "another")).wait_seconds == 2
    assert (await refused(signin, "ayse", PASSWORD)).code == "wait"
    assert await signin.password("ayse", PASSWORD, "192.0.2.8", "a colleague in another office")


async def test_a_password_of_ones_own_does_not_clear_the_address(db: Database, signin: SignIn, clock: Clock) -> None:
    await add_person(db, "mole")
    for number in range(ADDRESS.free):
        await refused(signin, f"name{number}")
    await signed_in(signin, "mole")
    assert (await refused(signin, "another")).wait_seconds == 2


async def test_one_ipv6_network_is_one_address(db: Database, signin: SignIn) -> None:
    for number in range(ADDRESS.free):
        await refused(signin, f"name{number}", address=f"2001:db8:1:2::{number}")
    assert (await refused(signin, "another", address="2001:db8:1:2:ffff::1")).wait_seconds == 2
    assert (await refused(signin, "yetanother", address="2001:db8:1:3::1")).wait_seconds == 0


async def test_many_guesses_at_once_are_counted_each(db: Database, signin: SignIn) -> None:
    await add_person(db, "ayse")
    guesses = [signin.password("ayse", f"{WRONG}{n}", f"198.51.100.{n}", "") for n in range(12)]
    told = await asyncio.gather(*guesses, return_exceptions=True)
    codes = [each.code for each in told if isinstance(each, SignInRefused)]
    assert len(codes) == 12
    assert codes.count("wrong_name_or_password") == NAME.free + 1


async def test_failures_are_forgotten_after_an_hour(db: Database, signin: SignIn, clock: Clock) -> None:
    for _ in range(NAME.free):
        await refused(signin, "ayse")
    clock.forward(timedelta(hours=1, seconds=1))
    assert (await refused(signin, "ayse")).wait_seconds == 0


async def test_guessing_at_somebodys_name_is_in_the_log_once(db: Database, signin: SignIn) -> None:
    await add_person(db, "ayse")
    for number in range(NAME.free + 3):
        await refused(signin, "ayse", address=f"198.51.100.{number}")
        await refused(signin, "nobody", address=f"203.0.113.{number}")
    async with db.reading() as session:
        slowed = [entry for entry in await audit.entries(session) if entry.what == "sign_in_slowed"]
    assert [(entry.subject, entry.detail) for entry in slowed] == [("user:ayse", {"address": "198.51.100.3"})]


async def test_what_was_typed_as_a_name_is_not_kept(db: Database, signin: SignIn) -> None:
    await refused(signin, PASSWORD)
    async with db.reading() as session:
        kept = (await session.scalars(select(SignInAttempts.key))).all()
    assert all(len(key) == 64 and "tanker" not in key for key in kept)


async def test_ones_own_password_is_changed_with_the_present_one(db: Database, signin: SignIn) -> None:
    await add_person(db, "ayse")
    here, there = await signed_in(signin, "ayse"), await signed_in(signin, "ayse")
    person = await signin.who(here)
    assert person
    for present, new, code in (
        (WRONG, "yeni-bir-parola", "wrong_password"),
        (PASSWORD, "kısa", "password_length"),
        (PASSWORD, PASSWORD, "same_password"),
    ):
        with pytest.raises(PeopleError) as error:
            await signin.change_password(person, present, new, "192.0.2.7")
        assert error.value.code == code
    await signin.change_password(person, PASSWORD, "yeni-bir-parola", "192.0.2.7")
    assert await signin.who(here)
    assert await signin.who(there) is None
    await refused(signin, "ayse", PASSWORD)
    assert await signed_in(signin, "ayse", "yeni-bir-parola")


async def test_a_password_kept_the_old_way_is_kept_anew_at_the_next_sign_in(db: Database, signin: SignIn) -> None:
    user = await add_person(db, "ayse")
    weak = passwords.Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with db.session() as session:
        await session.execute(update(User).values(password_hash=weak))
        await session.commit()
    assert await signed_in(signin, "ayse")
    async with db.reading() as session:
        kept = (await session.scalars(select(User.password_hash).where(User.id == user.id))).one()
    assert kept != weak
    assert kept
    assert kept.startswith("$argon2id$")
    assert await signed_in(signin, "ayse")


class Patient:
    """Hashes once others had their turn, which they have not if it waits in their place."""

    def __init__(self) -> None:
        self.others = threading.Event()
        self.hash = QUICK.hash

    def verify_and_update(self, password: str, hashed: str) -> tuple[bool, str | None]:
        assert self.others.wait(10), "nobody else had a turn"
        return False, None


async def test_calls_go_on_while_passwords_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Patient()
    monkeypatch.setattr(passwords, "_kept_as", patient)
    asyncio.get_running_loop().call_later(0.01, patient.others.set)
    assert await asyncio.gather(*(passwords.matches(WRONG, None) for _ in range(6))) == [(False, None)] * 6
