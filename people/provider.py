"""The utility's OpenID Connect provider: where to send a browser, and whom it says that came back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from people.errors import SignInRefused
from web.trust import authorities

SECONDS = 10.0
"""How long the provider may take to answer."""
KEPT = timedelta(hours=1)
"""How long its description and keys are believed."""
KEYS_ANEW = timedelta(minutes=1)
"""A key that is not known may be new; so often it is asked for."""
LEEWAY = 60
"""Seconds that its clock may differ from ours."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures by a key that only the provider has: neither `none` nor a shared secret."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ESSENTIAL = {"essential": True}


@dataclass(frozen=True, slots=True)
class Client:
    """How we are known to the provider. `secret`: None for a public client."""

    issuer: str
    client_id: str
    secret: str | None = None


class IdentityProvider:
    """Reads the provider's description and keys when they are needed, and keeps them for an hour."""

    def __init__(self, client: Client, now: Callable[[], datetime]) -> None:
        self.client = client
        self._now = now
        self._kept: dict[str, tuple[datetime, dict[str, Any]]] = {}

    async def address(self, redirect_uri: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent: authorization code with PKCE."""
        url = prepare_grant_uri(
            await self._endpoint("authorization_endpoint"),
            client_id=self.client.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope="openid email profile",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return str(url)

    async def claims(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> dict[str, Any]:
        """What the provider says of the person whose code this is, once its ID token was found to be genuine."""
        form = {"grant_type": "authorization_code", "code": code}
        form |= {"redirect_uri": redirect_uri, "code_verifier": verifier, "client_id": self.client.client_id}
        auth = None
        if self.client.secret and await self._takes_secret_in_form():
            form["client_secret"] = self.client.secret
        elif self.client.secret:  # both parts are form-encoded first: RFC 6749, 2.3.1
            auth = httpx.BasicAuth(quote_plus(self.client.client_id), quote_plus(self.client.secret))
        answer = await self._asked("POST", await self._endpoint("token_endpoint"), data=form, auth=auth)
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise untrusted("it sent no ID token")
        try:
            token = await self._signed(id_token)
            options = {"iss": _ESSENTIAL | {"value": self.client.issuer}}
            options |= {"aud": _ESSENTIAL | {"value": self.client.client_id}, "nonce": _ESSENTIAL | {"value": nonce}}
            expected = {"client_id": self.client.client_id, "nonce": nonce, "access_token": answer.get("access_token")}
            claims = CodeIDToken(token.claims, token.header, options, expected)
            claims.validate(int(self._now().timestamp()), LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            raise untrusted(str(error)) from error
        return dict(claims)

    async def _signed(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        keys = await self._endpoint("jwks_uri")
        try:
            return jwt.decode(id_token, KeySet.import_key_set(await self._read(keys)), registry=registry)  # type: ignore[arg-type]
        except InvalidKeyIdError:
            return jwt.decode(id_token, KeySet.import_key_set(await self._read(keys, KEYS_ANEW)), registry=registry)  # type: ignore[arg-type]

    async def _takes_secret_in_form(self) -> bool:
        taken = (await self._description()).get("token_endpoint_auth_methods_supported")
        return isinstance(taken, list) and "client_secret_post" in taken and "client_secret_basic" not in taken

    async def _endpoint(self, name: str) -> str:
        """As secure as the issuer itself."""
        url = (await self._description()).get(name)
        if not isinstance(url, str) or urlsplit(url).scheme != urlsplit(self.client.issuer).scheme:
            raise untrusted(f"its {name} is missing or insecure")
        return url

    async def _description(self) -> dict[str, Any]:
        told = await self._read(f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.client.issuer:
            raise untrusted("it describes another issuer")
        return told

    async def _read(self, url: str, kept: timedelta = KEPT) -> dict[str, Any]:
        read, told = self._kept.get(url, (None, {}))
        if read is None or read + kept <= self._now():
            told = await self._asked("GET", url)
            self._kept[url] = (self._now(), told)
        return told

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        # a proxy of this machine is not asked for a provider on the machine itself
        direct = urlsplit(url).hostname in LOOPBACK
        try:
            async with httpx.AsyncClient(timeout=SECONDS, trust_env=not direct, verify=authorities()) as client:
                answer = await client.request(method, url, headers={"Accept": "application/json"}, **more)
            if answer.is_client_error and method == "POST":
                raise untrusted(f"it refused the sign-in with status {answer.status_code}")
            told = answer.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SignInRefused("The identity provider does not answer; try again later.", "oidc_away") from error
        if not isinstance(told, dict):
            raise untrusted("its answer is not understood")
        return told


def untrusted(why: str) -> SignInRefused:
    return SignInRefused(f"The identity provider's answer was not accepted: {why}.", "oidc_untrusted")
