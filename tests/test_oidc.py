"""Signing in through the utility's OpenID Connect provider: who is let in as what, which answers are not believed."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from people.errors import SignInRefused
from people.models import PendingSignIn, User
from people.oidc import Admission, OpenIdSignIn
from people.provider import Client
from people.roles import Role
from people.service import PeopleService
from people.signin import Person, SignIn
from storage.database import Database
from tests.oidc_provider import CLIENT, SECRET, Claims, Provider, rsa, running
from tests.outage_world import Clock
from tests.people_world import BROWSER, add_person

BACK = "http://desk.test/login/oidc"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def provider(clock: Clock) -> AsyncIterator[Provider]:
    async with running(clock) as provider:
        yield provider


@pytest.fixture
def signin(db: Database, clock: Clock) -> SignIn:
    return SignIn(db, clock)


@pytest.fixture
def openid(db: Database, clock: Clock, signin: SignIn, provider: Provider) -> OpenIdSignIn:
    return opened(db, clock, signin, provider)


def opened(
    db: Database, clock: Clock, signin: SignIn, provider: Provider, admission: Admission | None = None
) -> OpenIdSignIn:
    client = Client(provider.issuer, CLIENT, SECRET)
    return OpenIdSignIn(db, clock, signin, client, admission or Admission())


async def at_provider(url: str) -> dict[str, str]:
    """The browser goes there; what it is sent back with."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


async def signed_in(openid: OpenIdSignIn, signin: SignIn) -> Person:
    url, cookie = await openid.begin(BACK)
    person = await signin.who(await openid.finish(await at_provider(url), cookie, *BROWSER))
    assert person
    return person


async def refused(openid: OpenIdSignIn, query: dict[str, str], cookie: str | None) -> str:
    with pytest.raises(SignInRefused) as error:
        await openid.finish(query, cookie, *BROWSER)
    return error.value.code


async def nobody_new(db: Database) -> bool:
    async with db.reading() as session:
        return not (await session.scalars(select(User))).all()


async def test_somebody_new_becomes_a_viewer_and_is_known_the_next_time(
    db: Database, openid: OpenIdSignIn, signin: SignIn, provider: Provider
) -> None:
    provider.claims = {"preferred_username": "Ayşe.KAYA", "name": "Ayşe  Kaya\u202e", "locale": "en-GB"}
    person = await signed_in(openid, signin)
    assert (person.name, person.full_name, person.role, person.language) == (
        "ayse.kaya",
        "Ayşe Kaya",
        Role.viewer,
        "en",
    )
    assert not person.must_change
    provider.claims = {"preferred_username": "somebody.else"}
    assert (await signed_in(openid, signin)).id == person.id
    async with db.reading() as session:
        assert (await session.scalars(select(PendingSignIn))).all() == []


async def test_the_same_name_at_the_provider_is_not_the_same_person(
    db: Database, openid: OpenIdSignIn, signin: SignIn, provider: Provider
) -> None:
    ours = await add_person(db, "yonetici", Role.administrator)
    provider.claims = {"preferred_username": "yonetici", "email": "yonetici@desk.test"}
    person = await signed_in(openid, signin)
    assert (person.name, person.role) == ("yonetici-2", Role.viewer)
    assert person.id != ours.id
    provider.claims = {"sub": "8", "preferred_username": "<script>", "name": 5}
    assert (await signed_in(openid, signin)).name == "script"
    provider.claims = {"sub": "9", "preferred_username": "Ж"}
    assert (await signed_in(openid, signin)).name.startswith("oidc-")


async def test_the_providers_groups_give_and_take_roles(
    db: Database, clock: Clock, signin: SignIn, provider: Provider
) -> None:
    admission = Admission("roles", {"desk": Role.operator, "press": Role.publisher, "it": Role.administrator})
    openid = opened(db, clock, signin, provider, admission)
    for groups, role in (
        (["press", "desk", "other"], Role.publisher),
        ("desk", Role.operator),
        ({"it": True}, Role.viewer),
        ([["it"], None], Role.viewer),
        (["it"], Role.administrator),
        ([], Role.administrator),  # the last administrator stays one
    ):
        provider.claims = {"roles": groups}
        assert (await signed_in(openid, signin)).role is role


async def test_without_groups_a_role_given_by_hand_stays(db: Database, openid: OpenIdSignIn, signin: SignIn) -> None:
    person = await signed_in(openid, signin)
    async with db.session() as session:
        await PeopleService(session, Clock(), "tests").change(person.id, role=Role.publisher)
        await session.commit()
    assert (await signed_in(openid, signin)).role is Role.publisher


async def test_only_confirmed_addresses_of_the_utility(
    db: Database, clock: Clock, signin: SignIn, provider: Provider
) -> None:
    openid = opened(db, clock, signin, provider, Admission(email_domain="isu.test"))
    for email, verified in (
        ("ayse@isu.test.evil.test", True),
        ("ayse@evilisu.test", True),
        ("ayse@isu.test", False),
        ("ayse@isu.test", "true"),
        (None, True),
    ):
        provider.claims = {"email": email, "email_verified": verified}
        url, cookie = await openid.begin(BACK)
        assert await refused(openid, await at_provider(url), cookie) == "oidc_email"
    assert await nobody_new(db)
    provider.claims = {"email": "Ayse@ISU.test", "email_verified": True}
    assert (await signed_in(openid, signin)).name == "ayse@isu.test"


async def test_somebody_sent_away_stays_away(
    db: Database, openid: OpenIdSignIn, signin: SignIn, provider: Provider
) -> None:
    person = await signed_in(openid, signin)
    async with db.session() as session:
        await PeopleService(session, Clock(), "tests").deactivate(person.id)
        await session.commit()
    url, cookie = await openid.begin(BACK)
    assert await refused(openid, await at_provider(url), cookie) == "deactivated"


async def test_only_the_browser_that_began_may_finish_and_once(
    db: Database, openid: OpenIdSignIn, signin: SignIn, clock: Clock
) -> None:
    url, cookie = await openid.begin(BACK)
    _, others = await openid.begin(BACK)
    query = await at_provider(url)
    for state, presented in ((query["state"], others), (query["state"], None), ("guess", cookie), ("", cookie)):
        assert await refused(openid, {**query, "state": state}, presented) == "oidc_unknown"
    assert await nobody_new(db)
    assert await signin.who(await openid.finish(query, cookie, *BROWSER))
    assert await refused(openid, query, cookie) == "oidc_unknown"
    url, cookie = await openid.begin(BACK)
    clock.forward(timedelta(minutes=10))
    assert await refused(openid, await at_provider(url), cookie) == "oidc_unknown"


async def test_a_code_of_another_sign_in_is_refused(db: Database, openid: OpenIdSignIn) -> None:
    """As when somebody is made to sign in as an attacker, who kept their own code."""
    theirs = await at_provider((await openid.begin(BACK))[0])
    url, cookie = await openid.begin(BACK)
    mine = await at_provider(url)
    assert await refused(openid, {**mine, "code": theirs["code"]}, cookie) == "oidc_untrusted"
    assert await nobody_new(db)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": [CLIENT, "another client"]},
        {"aud": [CLIENT, "another client"], "azp": "another client"},
        {"aud": None},
        {"iss": "https://evil.test"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "never"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": "another token's"},
    ],
)
async def test_an_id_token_that_says_something_wrong(
    db: Database, openid: OpenIdSignIn, provider: Provider, claims: dict[str, Any]
) -> None:
    def make(honest: Claims) -> str:
        return provider.signed({name: value for name, value in (honest | claims).items() if value is not None})

    provider.make = make
    url, cookie = await openid.begin(BACK)
    assert await refused(openid, await at_provider(url), cookie) == "oidc_untrusted"
    assert await nobody_new(db)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(provider: Provider, claims: Claims) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def signed_by_another(provider: Provider, claims: Claims) -> str:
    key = rsa(1)
    return jwt.encode({"alg": "RS256", "kid": provider.keys[0].kid}, claims, key)


def signed_with_an_unknown_key(provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, rsa(1))


def signed_with_our_secret(provider: Provider, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def signed_with_the_public_key_as_secret(provider: Provider, claims: Claims) -> str:
    secret = OctKey.import_key(base64.b64encode(provider.keys[0].as_pem(private=False)))
    return jwt.encode({"alg": "HS256", "kid": provider.keys[0].kid}, claims, secret)


def changed_after_signing(provider: Provider, claims: Claims) -> str:
    head, _, signature = provider.signed(claims).split(".")
    return f"{head}.{part(claims | {'sub': 'somebody else'})}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        signed_by_another,
        signed_with_an_unknown_key,
        signed_with_our_secret,
        signed_with_the_public_key_as_secret,
        changed_after_signing,
        lambda provider, claims: "rubbish",
        lambda provider, claims: "",
        lambda provider, claims: "a.b.c",
        lambda provider, claims: f"{part({'alg': 'RS256'})}.{part(claims)}",
    ],
)
async def test_an_id_token_that_the_provider_did_not_sign(
    db: Database, openid: OpenIdSignIn, provider: Provider, forge: Any
) -> None:
    provider.make = lambda claims: str(forge(provider, claims))
    url, cookie = await openid.begin(BACK)
    assert await refused(openid, await at_provider(url), cookie) == "oidc_untrusted"
    assert await nobody_new(db)


async def test_a_key_that_the_provider_made_anew_is_fetched(
    openid: OpenIdSignIn, signin: SignIn, provider: Provider, clock: Clock
) -> None:
    person = await signed_in(openid, signin)
    provider.keys.append(rsa(1))
    clock.forward(timedelta(minutes=1))
    assert (await signed_in(openid, signin)).id == person.id


async def test_answers_of_another_provider(openid: OpenIdSignIn, provider: Provider) -> None:
    provider.answer = {"iss": "https://evil.test"}
    url, cookie = await openid.begin(BACK)
    assert await refused(openid, await at_provider(url), cookie) == "oidc_untrusted"


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://evil.test"}, {"authorization_endpoint": None}, {"authorization_endpoint": "javascript:1"}],
)
async def test_a_description_of_another_provider(
    openid: OpenIdSignIn, provider: Provider, described: dict[str, Any]
) -> None:
    provider.described = described
    with pytest.raises(SignInRefused) as error:
        await openid.begin(BACK)
    assert error.value.code == "oidc_untrusted"


async def test_a_provider_that_refuses_or_is_away(
    db: Database, clock: Clock, signin: SignIn, openid: OpenIdSignIn, provider: Provider
) -> None:
    url, cookie = await openid.begin(BACK)
    query = await at_provider(url)
    del query["code"]
    assert await refused(openid, {**query, "error": "access_denied"}, cookie) == "oidc_refused"
    for status, code in ((500, "oidc_away"), (400, "oidc_untrusted")):
        provider.status = status
        url, cookie = await openid.begin(BACK)
        assert await refused(openid, await at_provider(url), cookie) == code
    away = OpenIdSignIn(db, clock, signin, Client("http://127.0.0.1:1", CLIENT), Admission())
    with pytest.raises(SignInRefused) as error:
        await away.begin(BACK)
    assert error.value.code == "oidc_away"


async def test_a_first_sign_in_twice_at_once_makes_one_person(
    db: Database, openid: OpenIdSignIn, signin: SignIn
) -> None:
    began = [await openid.begin(BACK) for _ in range(2)]
    queries = [await at_provider(url) for url, _ in began]
    ends = [openid.finish(query, cookie, *BROWSER) for query, (_, cookie) in zip(queries, began, strict=True)]
    told = await asyncio.gather(*ends, return_exceptions=True)
    assert all(isinstance(each, str) or getattr(each, "code", "") == "oidc_again" for each in told), told
    async with db.reading() as session:
        assert len((await session.scalars(select(User))).all()) == 1
