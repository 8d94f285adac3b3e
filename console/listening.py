"""Hearing in the browser what callers hear: the very files that the telephone plays."""

import asyncio
import io
import wave
from collections.abc import Sequence
from pathlib import Path

from fastapi import Response

from console.office import Office
from prompts.audio import WIDE
from prompts.errors import PromptMissing
from prompts.prompt import Prompt


async def wav(office: Office, prompts: Sequence[Prompt]) -> bytes:
    """The prompts in a row as one WAV of 16 kHz; what was never said before is rendered first."""
    await office.library.prepare(prompts)
    files = [office.library.media(prompt) for prompt in prompts]
    if not files or not all(files):
        raise PromptMissing("There is nothing to listen to; write a text first.")
    return await asyncio.to_thread(_joined, [Path(f"{file}.sln16") for file in files])


async def seconds(office: Office, prompts: Sequence[Prompt]) -> float:
    """How long callers listen to them."""
    await office.library.prepare(prompts)
    return sum(office.library.seconds(prompt) for prompt in prompts)


async def sound(office: Office, prompts: Sequence[Prompt]) -> Response:
    """The answer to an `<audio>` element; nobody keeps it, since the text may change."""
    return Response(await wav(office, prompts), media_type="audio/wav", headers={"Cache-Control": "no-store"})


def _joined(files: list[Path]) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(WIDE)
        for file in files:
            out.writeframes(file.read_bytes())
    return whole.getvalue()
