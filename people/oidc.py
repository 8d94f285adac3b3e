"""Signing in through the utility's own OpenID Connect provider, for those who have an account there."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from people.errors import LastAdministrator, PeopleError, SignInRefused
from people.models import PendingSignIn, User
from people.names import MOST_FULL_NAME, normal
from people.provider import Client, IdentityProvider, untrusted
from people.roles import Role
from people.secrets import digest, token
from people.service import PeopleService
from people.signin import SignIn
from storage.database import Database

PENDING = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_LATIN = str.maketrans("çğıöşü", "cgiosu")
_NAMESAKES = 100


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom of the provider's people we let in, and as what: the highest role that their claim names, or viewer."""

    role_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)
    email_domain: str | None = None

    def role(self, claims: Mapping[str, Any]) -> Role:
        named = claims.get(self.role_claim)
        held = [named] if isinstance(named, str) else named if isinstance(named, list) else []
        found = [self.roles[value] for value in held if isinstance(value, str) and value in self.roles]
        return max(found, key=list(Role).index, default=Role.viewer)

    def check(self, claims: Mapping[str, Any]) -> None:
        if self.email_domain is None:
            return
        email, verified = str(claims.get("email", "")).lower(), claims.get("email_verified") is True
        if not verified or not email.endswith(f"@{self.email_domain.lower()}"):
            raise SignInRefused(f"Only confirmed addresses of {self.email_domain} may sign in.", "oidc_email")


class OpenIdSignIn:
    """The way there and back. What is pending stands in the database, so that any process can take the browser back."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], signin: SignIn, client: Client, admission: Admission
    ) -> None:
        self._db = db
        self._now = now
        self._signin = signin
        self._provider = IdentityProvider(client, now)
        self._admission = admission

    async def begin(self, redirect_uri: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie by which it is known when it comes back to `redirect_uri`."""
        state, browser, nonce, verifier = token(), token(), token(), token()
        url = await self._provider.address(redirect_uri, state=state, nonce=nonce, verifier=verifier)
        pending = PendingSignIn(state=digest(state), browser=digest(browser), nonce=nonce, verifier=verifier)
        pending.redirect_uri, pending.created = redirect_uri, self._now()
        async with self._db.session() as session:
            await session.execute(delete(PendingSignIn).where(PendingSignIn.created <= self._now() - PENDING))
            session.add(pending)
            await session.commit()
        return url, browser

    async def finish(self, query: Mapping[str, str], pending_cookie: str | None, address: str, agent: str) -> str:
        """The token of a new session for whoever the provider says came back, or `SignInRefused`."""
        pending = await self._taken(query.get("state", ""), pending_cookie or "")
        if query.get("iss", self._provider.client.issuer) != self._provider.client.issuer:
            raise untrusted("it came from another provider")  # RFC 9207
        code = query.get("code")
        if not code:
            raise SignInRefused("The identity provider did not sign you in.", "oidc_refused")
        claims = await self._provider.claims(
            code, redirect_uri=pending.redirect_uri, nonce=pending.nonce, verifier=pending.verifier
        )
        self._admission.check(claims)
        try:
            async with self._db.session() as session:
                user = await self._person(session, claims)
                return await self._signin.begin(session, user, address, agent, "oidc")
        except IntegrityError as error:
            raise _twice_at_once() from error

    async def _taken(self, state: str, browser: str) -> PendingSignIn:
        """What this browser began; it can be finished once."""
        mine = PendingSignIn.state == digest(state), PendingSignIn.browser == digest(browser)
        async with self._db.session() as session:
            pending: PendingSignIn | None = await session.scalar(
                delete(PendingSignIn).where(*mine).returning(PendingSignIn)
            )
            await session.commit()
        if pending is None or pending.created <= self._now() - PENDING:
            raise SignInRefused("This sign-in was not begun here, or too long ago; begin again.", "oidc_unknown")
        return pending

    async def _person(self, session: AsyncSession, claims: Mapping[str, Any]) -> User:
        issuer, subject = self._provider.client.issuer, claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise untrusted("it names nobody")
        service = PeopleService(session, self._now, "oidc")
        known = f"{issuer}#{subject}"
        user: User | None = await session.scalar(select(User).where(User.oidc_subject == known))
        role = self._admission.role(claims)
        if user is None:
            login = await _free_name(service, claims, known)
            language = "en" if str(claims.get("locale", "")).lower().startswith("en") else "tr"
            name = _full_name(claims) or login
            try:
                return await service.create_user(login, name, role, language=language, oidc_subject=known)
            except PeopleError as error:  # the name was free a moment ago
                if error.code != "name_taken":
                    raise
                raise _twice_at_once() from error
        if not user.active:
            raise SignInRefused("An administrator has closed this account.", "deactivated")
        if self._admission.roles and role is not user.role:
            with suppress(LastAdministrator):  # who stays one, whatever the provider says
                await service.change(user.id, role=role)
        return user


def _twice_at_once() -> SignInRefused:
    """Of somebody's first sign-in, the one that came second."""
    return SignInRefused("You are being signed in already; try again.", "oidc_again")


async def _free_name(service: PeopleService, claims: Mapping[str, Any], known: str) -> str:
    """Never that of somebody who is here already: the same name at the provider proves nothing."""
    told = str(claims.get("preferred_username") or claims.get("email") or "")
    plain = re.sub(r"[^a-z0-9._@+-]", "", normal(told).translate(_LATIN)).lstrip("._@+-")[:80]
    base = plain if len(plain) > 1 else f"oidc-{digest(known)[:8]}"
    for number in range(1, _NAMESAKES):
        name = base if number == 1 else f"{base}-{number}"
        try:
            await service.named(name)
        except PeopleError:
            return name
    raise SignInRefused("Too many people share this name; ask an administrator.", "name_taken")


def _full_name(claims: Mapping[str, Any]) -> str:
    told = claims.get("name")
    shown = "".join(character for character in str(told or "") if character.isprintable())
    return " ".join(shown.split())[:MOST_FULL_NAME].strip()
