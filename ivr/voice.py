"""Whether somebody spoke in a recording."""

import wave
from itertools import islice
from pathlib import Path

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
            pcm = memoryview(recording.readframes(recording.getnframes()))
    except (OSError, EOFError, wave.Error):
        return None
    samples = pcm[: len(pcm) // 2 * 2].cast("h")  # a file that was cut may end within a sample
    return len(samples) / rate if _holds_word(samples, max(1, int(rate * FRAME))) else None


def _holds_word(samples: memoryview, size: int) -> bool:
    """Looks no further than to the end of the first word: reading all of a message would keep calls waiting."""
    frames = (samples[start : start + size] for start in range(0, len(samples) - size + 1, size))
    voiced = (True for frame in frames if sum(map(abs, frame)) > VOICE_LEVEL * size)
    needed = round(SHORTEST_WORD / FRAME)
    return sum(islice(voiced, needed)) == needed
