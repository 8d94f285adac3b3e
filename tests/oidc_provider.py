"""A small real OpenID Connect provider on loopback, which can be told to misbehave."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.outage_world import Clock

CLIENT, SECRET = "alo185", "the client's secret"
Claims = dict[str, Any]
Make = Callable[[Claims], str]


@cache
def rsa(number: int) -> RSAKey:
    """Always the same key of that number: making one takes long."""
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    return key


class Provider:
    """Signs in whomever a test says; `claims` and `make` change what its ID tokens hold and how they are signed."""

    def __init__(self, clock: Clock, issuer: str) -> None:
        self.issuer = issuer
        self.described: dict[str, Any] = {}
        self.claims: Claims = {}
        self.answer: dict[str, str] = {}
        """Changes to the query with which the browser is sent back."""
        self.keys = [rsa(0)]
        self.make: Make = self.signed
        self.status = 200
        self._clock = clock
        self._codes: dict[str, dict[str, str]] = {}

    def signed(self, claims: Claims) -> str:
        key = self.keys[-1]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def description() -> dict[str, Any]:
            ends = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return {"issuer": self.issuer, **ends, **self.described}

        @app.get("/jwks_uri")
        def jwks() -> dict[str, Any]:
            return dict(KeySet(self.keys).as_dict())

        @app.get("/authorization_endpoint")
        def authorize(request: Request) -> RedirectResponse:
            asked = dict(request.query_params)
            assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
            assert asked["code_challenge_method"] == "S256"
            assert "openid" in asked["scope"].split()
            code = f"code-{len(self._codes)}"
            self._codes[code] = asked
            back = {"code": code, "state": asked["state"], "iss": self.issuer} | self.answer
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

        @app.post("/token_endpoint")
        def token(
            request: Request,
            code: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()],
            code_verifier: Annotated[str, Form()],
        ) -> dict[str, str]:
            asked = self._codes.pop(code, None)
            basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+').replace(chr(39), '%27')}".encode()).decode()
            proved = request.headers.get("Authorization") == f"Basic {basic}"
            if not asked or not proved or asked["redirect_uri"] != redirect_uri:
                raise HTTPException(400)
            if create_s256_code_challenge(code_verifier) != asked["code_challenge"]:
                raise HTTPException(400)
            if self.status != 200:
                raise HTTPException(self.status)
            now = int(self._clock().timestamp())
            claims = {"iss": self.issuer, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300}
            claims |= {"nonce": asked["nonce"], **self.claims}
            return {"access_token": "x", "token_type": "Bearer", "id_token": self.make(claims)}

        return app


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()


@asynccontextmanager
async def running(clock: Clock) -> AsyncIterator[Provider]:
    listening = socket.create_server(("127.0.0.1", 0))
    provider = Provider(clock, f"http://127.0.0.1:{listening.getsockname()[1]}")
    server = _Server(uvicorn.Config(provider.app(), log_config=None))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
