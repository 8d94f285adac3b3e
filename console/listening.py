"""Sound in the browser: an address that speaks certain prompts, for one session and a short while only."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Header, Query, Request, Response

from console.routing import TheOffice, Viewer, part
from outages.errors import OutageError
from people.signin import Person
from prompts.errors import RenderFailed
from prompts.library import PromptLibrary
from prompts.prompt import Prompt
from prompts.wav import joined

VALID = timedelta(minutes=30)
SECONDS = 30.0
"""How long somebody waits for speech that is not made yet."""
PATH = "/console/listen"
LONGEST = 16_000
Said = Annotated[str, Query(max_length=LONGEST)]
Until = Annotated[int, Query(ge=0, le=99_999_999_999)]
Proof = Annotated[str, Query(max_length=64)]


def address(person: Person, prompts: Iterable[Prompt], now: datetime) -> str:
    """The query of the sound's address. What is said stands in it, so that any process of the service can speak it."""
    told = json.dumps([[p.key, p.text, p.language] for p in prompts], ensure_ascii=False, separators=(",", ":"))
    said = base64.urlsafe_b64encode(zlib.compress(told.encode(), 9)).decode().rstrip("=")
    until = int((now + VALID).timestamp())
    return urlencode({"said": said, "until": until, "proof": _proof(person, said, until)})


api = part("/listen")


@api.get("")
async def listen(
    office: TheOffice,
    person: Viewer,
    said: Said,
    until: Until,
    proof: Proof,
    wanted: Annotated[str, Header(alias="Range", max_length=100)] = "",
) -> Response:
    """A WAV; speech that is not made yet is made by worker processes, while calls go on."""
    prompts = _prompts(person, said, until, proof, office.now())
    await _prepared(office.library, prompts)
    media = [path for prompt in prompts if (path := office.library.media(prompt))]
    return _answer(await asyncio.to_thread(joined, media), wanted)


@api.get("/length")
async def length(
    office: TheOffice, request: Request, person: Viewer, said: Said, until: Until, proof: Proof
) -> Response:
    """How long the announcement takes, exactly."""
    prompts = _prompts(person, said, until, proof, office.now())
    await _prepared(office.library, prompts)
    return office.page(request, person, "console/length.html", seconds=total_seconds(office.library, prompts))


def total_seconds(library: PromptLibrary, prompts: Iterable[Prompt]) -> float | None:
    """None while not all of it is made."""
    prompts = list(prompts)
    return sum(map(library.seconds, prompts)) if all(map(library.has, prompts)) else None


async def _prepared(library: PromptLibrary, prompts: list[Prompt]) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await library.prepare(prompts)
    except (RenderFailed, TimeoutError) as error:
        raise OutageError(
            f"This cannot be spoken at the moment: {error}", "no_sound", "Bu metin şu anda seslendirilemiyor."
        ) from error


def _proof(person: Person, said: str, until: int) -> str:
    """The session's own secret signs it: no other session, nobody without one, no later."""
    return hmac.new(person.csrf.encode(), f"listen\0{until}\0{said}".encode(), hashlib.sha256).hexdigest()


def _prompts(person: Person, said: str, until: int, proof: str, now: datetime) -> list[Prompt]:
    if not hmac.compare_digest(proof.encode(), _proof(person, said, until).encode()) or now.timestamp() > until:
        raise OutageError("This sound is no longer here; load the page again.", "sound_gone")
    try:
        told = json.loads(zlib.decompress(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise OutageError("This sound is no longer here; load the page again.", "sound_gone") from error
    return [Prompt(key, text, language) for key, text, language in told]


def _answer(sound: bytes, wanted: str) -> Response:
    """All of it, or the part that a browser asks for to jump within it; some play nothing from a server without."""
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    first, found, last = wanted.removeprefix("bytes=").partition("-")
    if not (found and first.isdecimal() and (last.isdecimal() or not last)):
        return Response(sound, 200, headers, "audio/wav")
    start, end = int(first), min(int(last or len(sound)), len(sound) - 1)
    if start > end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(sound)}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{len(sound)}"
    return Response(sound[start : end + 1], 206, headers, "audio/wav")
