"""Whether somebody spoke in a recording."""

import wave
from pathlib import Path

import numpy as np

FRAME = 0.02
"""Seconds."""
VOICE_LEVEL = 256
"""Mean amplitude of 32768: Asterisk's own limit between silence and voice."""
SHORTEST_WORD = 0.2


def spoken_seconds(path: Path) -> float | None:
    """Length of the recording, or None when nothing was said in it (or it was never written)."""
    try:
        with wave.open(str(path)) as recording:
            rate = recording.getframerate()
            samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
    except (OSError, EOFError, wave.Error):
        return None
    size = max(1, int(rate * FRAME))
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    voiced = np.abs(frames.astype(np.int32)).mean(axis=1) > VOICE_LEVEL
    return len(samples) / rate if voiced.sum() * FRAME >= SHORTEST_WORD else None
