"""The people of the desk as an administrator makes, changes and sends them away."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from people import passwords
from people.errors import PeopleError
from people.models import User
from people.roles import Role
from people.secrets import one_time_password
from people.service import FIRST, PeopleService
from people.signin import SignIn
from storage.database import Database
from tests.outage_world import Clock
from tests.people_world import PASSWORD, add_person, kept, signed_in


@pytest.fixture
def signin(db: Database) -> SignIn:
    return SignIn(db, Clock())


async def refused(db: Database, name: str, *arguments: object, **options: object) -> str:
    """The code with which a method of the service refuses."""
    async with db.session() as session:
        with pytest.raises(PeopleError) as error:
            await getattr(PeopleService(session, Clock(), "tests"), name)(*arguments, **options)
    assert error.value.message.endswith(".")
    return error.value.code


def test_each_role_may_do_what_those_before_it_may() -> None:
    order = [Role.viewer, Role.operator, Role.publisher, Role.administrator]
    assert [[role.allows(other) for other in order] for role in order] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_length"),
        ("x" * 201, "password_length"),
        ("ayse.kaya.kocaeli", "password_is_name"),
        ("Ayse.Kaya.Kocaeli", "password_is_name"),
        ("aysekayakocaeli41", "password_is_name"),
        ("galatasaray1905", "password_common"),
        ("Password1234", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_common"),
        ("121212121212", "password_common"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, code: str) -> None:
    with pytest.raises(PeopleError) as error:
        passwords.check(password, "ayse.kaya.kocaeli")
    assert error.value.code == code


MADE_HERE = pytest.param(one_time_password(), id="made here")


@pytest.mark.parametrize("password", ["kırmızı tanker", "şifre-çok-uzun", "x7!pQ2#mN9@k", MADE_HERE])
def test_other_passwords_are_taken(password: str) -> None:
    passwords.check(password, "ayse")


async def test_a_keyboard_that_writes_letters_in_two_parts_signs_in() -> None:
    hashed = await passwords.kept("çok uzun bir parola")
    assert (await passwords.matches("c\u0327ok uzun bir parola", hashed))[0]
    assert hashed.startswith("$argon2id$")


@pytest.mark.usefixtures("slow_passwords")
async def test_guessing_is_slow_for_whoever_steals_the_hashes() -> None:
    """Argon2id as its makers and RFC 9106 advise: 64 MiB for each guess, three times over."""
    assert (await passwords.kept("çok uzun bir parola")).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


async def test_a_hash_of_another_kind_lets_nobody_in() -> None:
    assert await passwords.matches("nobody", "md5$1234") == (False, None)
    assert await passwords.matches("nobody", None) == (False, None)


def test_one_time_passwords_can_be_read_out() -> None:
    told = {one_time_password() for _ in range(50)}
    assert len(told) == 50
    assert all(len(word.split("-")) == 4 and not set(word) & set("0o1li") for word in told)


@pytest.mark.parametrize("name", ["", "a", "ayşe", "a b", "-ayse", "x" * 101, "ay\x00se", "<b>ayse"])
async def test_a_name_that_cannot_be(db: Database, name: str) -> None:
    assert await refused(db, "create_user", name, "Ayşe Kaya", Role.viewer) == "bad_name"


async def test_names_are_taken_once_whatever_their_case(db: Database) -> None:
    await add_person(db, "ayse")
    assert await refused(db, "create_user", "AYSE", "Another", Role.viewer) == "name_taken"
    assert await refused(db, "create_user", "ali", " ", Role.viewer) == "bad_full_name"
    assert await refused(db, "create_user", "ali", "a\x1b[31m", Role.viewer) == "bad_full_name"
    assert await refused(db, "create_user", "ali", "Ali", Role.viewer, language="xx") == "bad_language"
    assert await refused(db, "get", 99) == "unknown_user"
    assert await refused(db, "named", "nobody") == "unknown_user"


async def test_another_role_another_password_or_none_ends_sessions(db: Database, signin: SignIn) -> None:
    async def lost(change: str, *arguments: object, **options: object) -> bool:
        token = await signed_in(signin, "ayse")
        assert await signin.who(token)
        async with db.session() as session:
            await getattr(PeopleService(session, Clock(), "tests"), change)(user.id, *arguments, **options)
            await session.commit()
        return await signin.who(token) is None

    user = await add_person(db, "ayse")
    assert await lost("change", role=Role.publisher)
    assert not await lost("change", role=Role.publisher, full_name="Ayşe Kaya", language="en")
    assert await lost("set_password", await asyncio.to_thread(kept))
    assert await lost("end_sessions")
    assert await lost("deactivate")
    async with db.session() as session:
        await PeopleService(session, Clock(), "tests").activate(user.id)
        await session.commit()
    assert await signed_in(signin, "ayse")


async def test_one_session_of_ones_own_is_ended_and_nobody_elses(db: Database, signin: SignIn) -> None:
    ayse, ali = await add_person(db, "ayse"), await add_person(db, "ali")
    tokens = [await signed_in(signin, "ayse"), await signed_in(signin, "ayse"), await signed_in(signin, "ali")]
    people = [await signin.who(token) for token in tokens]
    ids = [person.session_id for person in people if person]
    async with db.session() as session:
        service = PeopleService(session, Clock(), "ayse")
        assert {each.id for each in await service.sessions(ayse.id)} == {ids[0], ids[1]}
        await service.end_session(ayse.id, ids[0])
        await service.end_session(ayse.id, ids[2])
        await session.commit()
    assert [bool(await signin.who(token)) for token in tokens] == [False, True, True]
    async with db.session() as session:
        assert await PeopleService(session, Clock(), "ali").end_sessions(ali.id, but=ids[2]) == 0


async def test_the_last_administrator_stays_one(db: Database) -> None:
    first, second = await add_person(db, "first", Role.administrator), await add_person(db, "second")
    assert await refused(db, "deactivate", first.id) == "last_administrator"
    assert await refused(db, "change", first.id, role=Role.publisher) == "last_administrator"
    async with db.session() as session:
        service = PeopleService(session, Clock(), "tests")
        await service.change(second.id, role=Role.administrator)
        await service.deactivate(first.id)
        await session.commit()
    assert await refused(db, "deactivate", second.id) == "last_administrator"


async def test_two_administrators_who_send_each_other_away_at_once(db: Database) -> None:
    first = await add_person(db, "first", Role.administrator)
    second = await add_person(db, "second", Role.administrator)

    async def send_away(user: User) -> None:
        async with db.session() as session:
            await PeopleService(session, Clock(), "tests").deactivate(user.id)
            await session.commit()

    async with db.session() as session:
        await PeopleService(session, Clock(), "first").deactivate(second.id)
        meanwhile = asyncio.create_task(send_away(first))
        await asyncio.wait([meanwhile], timeout=0.3)  # which has to wait for us
        await session.commit()
    with pytest.raises(PeopleError) as error:
        await meanwhile
    assert error.value.code == "last_administrator"
    async with db.reading() as session:
        assert (await session.scalars(select(User.name).where(User.active))).all() == ["first"]


async def test_the_first_administrator_is_made_once_and_must_change_the_password(db: Database) -> None:
    hashed = await asyncio.to_thread(kept)
    for made in (True, False):
        async with db.session() as session:
            user = await PeopleService(session, Clock(), "installation").first_administrator(hashed)
            await session.commit()
        assert bool(user) is made
    signin = SignIn(db, Clock(), idle=timedelta(hours=1))
    person = await signin.who(await signed_in(signin, FIRST))
    assert person
    assert (person.role, person.must_change) == (Role.administrator, True)
    await signin.change_password(person, PASSWORD, "benim kendi parolam", "192.0.2.7")
    person = await signin.who(await signed_in(signin, FIRST, "benim kendi parolam"))
    assert person
    assert not person.must_change
