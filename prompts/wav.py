"""Rendered prompts as one sound for a browser."""

import io
import wave
from collections.abc import Iterable
from pathlib import Path

from prompts.formats import WIDE

HEADER = 44
"""Bytes before the samples."""


def joined(media: Iterable[Path]) -> bytes:
    """A WAV of the prompts in a row, exactly as a caller hears them; `media` without suffix."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(WIDE)
        out.writeframes(b"".join(Path(f"{each}.sln16").read_bytes() for each in media))
    return sound.getvalue()
