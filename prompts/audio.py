"""Speech made fit for the telephone: trimmed, evenly loud, in the formats that trunks speak."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import soxr

from prompts.errors import SpeechBroken
from prompts.formats import FORMATS, NARROW, WIDE

Samples = npt.NDArray[np.float32]
"""Mono, full scale is 1.0."""

PACKET = 160
"""Samples at 8 kHz in 20 ms; prompts are whole packets long."""

ACTIVE_LEVEL = -21.0
"""dBov of speech while it is spoken."""
CEILING = 0.89
KNEE = 0.6
LONGEST_FRAME = "32000"
"""Samples; G.722 would be cut into 20 ms, and half of the time go into handing them over one by one."""
LEAD, TAIL = 0.02, 0.15
"""Seconds of silence before and after the words; the tail is the gap to the next prompt."""
PAUSE = 0.3
"""Seconds between the sentences of an announcement."""
MARGIN = 15.9
"""dB that speech may lie below its own active level (ITU-T P.56)."""
INAUDIBLE = 40.0
"""dB below the active level at which speech has ended."""
QUIETEST = -55.0
"""dBov below which a file counts as silent."""
CLIPPED = 0.01
"""Share of samples at full scale above which speech counts as distorted."""
FASTEST = 40
"""Letters a second that nobody speaks."""


@dataclass(frozen=True, slots=True)
class Master:
    """A finished prompt before encoding; `wide` has exactly two samples for each of `narrow`."""

    narrow: Samples
    wide: Samples

    @property
    def seconds(self) -> float:
        return len(self.narrow) / NARROW


def floats(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


def integers(samples: Samples) -> npt.NDArray[np.int16]:
    return np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2")


def active_level(samples: Samples, rate: int) -> float:
    """dBov of the speech alone, pauses left out, after ITU-T P.56 (10 ms frames, 200 ms hangover)."""
    power = _power(samples, rate // 100)
    total = float(power.sum())
    if total <= 0:
        return -100.0
    level = 10 * np.log10(total / len(power))
    for _ in range(6):
        spoken = power > 10 ** ((level - MARGIN) / 10)
        active = np.convolve(spoken, np.ones(20))[: len(power)] > 0
        level = 10 * np.log10(total / max(1, int(active.sum())))
    return float(level)


def master(samples: Samples, rate: int, text: str = "") -> Master:
    """Speech ready to encode, long enough for its text; raises `SpeechBroken` for what no caller could follow."""
    level = active_level(samples, rate)
    if level < QUIETEST:
        raise SpeechBroken("is silent; record it again, or look at the speech engine")
    if float(np.mean(np.abs(samples) > 0.999)) > CLIPPED:
        raise SpeechBroken("is distorted by clipping; record it again at a lower level")
    samples = _trimmed(samples, rate, level)
    letters = sum(map(str.isalpha, text))
    if len(samples) / rate - LEAD - TAIL < max(0.05, letters / FASTEST):
        raise SpeechBroken("is too short for its text; record it again, or look at the speech engine")
    wide: Samples = soxr.resample(samples, rate, WIDE)
    wide = _limited(wide * np.float32(10 ** ((ACTIVE_LEVEL - level) / 20)))
    wide = np.pad(wide, (0, -len(wide) % (2 * PACKET)))
    return whole(wide)


def whole(wide: Samples) -> Master:
    """The telephone's narrow band beside the wide one."""
    narrow: Samples = soxr.resample(wide, WIDE, NARROW)
    return Master(np.clip(np.resize(narrow, len(wide) // 2), -CEILING, CEILING), wide)


def encoded(prompt: Master) -> dict[str, bytes]:
    """File contents by suffix."""
    return {
        "alaw": _encoded("pcm_alaw", NARROW, prompt.narrow),
        "ulaw": _encoded("pcm_mulaw", NARROW, prompt.narrow),
        "sln16": integers(prompt.wide).tobytes(),
        "g722": _encoded("g722", WIDE, prompt.wide),
    }


def pcm(path: Path) -> tuple[Samples, int]:
    """What a rendered file holds, and its rate."""
    content = path.read_bytes()
    match path.suffix:
        case ".sln16":
            return floats(content), WIDE
        case ".alaw":
            return _decoded("pcm_alaw", NARROW, content), NARROW
        case ".ulaw":
            return _decoded("pcm_mulaw", NARROW, content), NARROW
        case ".g722":
            return _decoded("g722", WIDE, content), WIDE
    raise ValueError(f"{path} is in none of the formats {', '.join(FORMATS)}.")


def recording(path: Path, tempo: float = 1.0) -> tuple[Samples, int]:
    """A studio's file of any kind that FFmpeg reads, as mono; `tempo` below 1 slows it down and keeps its pitch."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            rate = stream.rate
            graph = _slowing(stream, tempo)
            frames = [frame for source in container.decode(stream) for frame in _through(graph, source)]
            frames += _through(graph, None)
    except (av.FFmpegError, IndexError) as error:
        raise SpeechBroken(f"{path} is no sound file ({error}); put a WAV, FLAC or MP3 there.") from error
    if not frames:
        raise SpeechBroken(f"{path} holds no sound; record it again.")
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32), rate


def _slowing(stream: Any, tempo: float) -> Any:
    graph = av.filter.Graph()
    steps = [graph.add_abuffer(template=stream)]
    if tempo != 1.0:
        steps.append(graph.add("atempo", f"{tempo:.3f}"))
    steps.append(graph.add("aformat", "sample_fmts=fltp:channel_layouts=mono"))
    steps.append(graph.add("abuffersink"))
    graph.link_nodes(*steps).configure()
    return graph


def _through(graph: Any, frame: Any) -> list[Any]:
    graph.push(frame)
    found = []
    while True:
        try:
            found.append(graph.pull())
        except (av.BlockingIOError, av.EOFError):
            return found


def _power(samples: Samples, frame: int) -> Samples:
    count = len(samples) // frame
    return np.asarray((samples[: count * frame].reshape(count, frame) ** 2).mean(axis=1))


def _trimmed(samples: Samples, rate: int, level: float) -> Samples:
    frame = rate // 200
    audible = np.flatnonzero(_power(samples, frame) > 10 ** ((level - INAUDIBLE) / 10))
    start = max(0, int(audible[0]) * frame - int(LEAD * rate))
    end = (int(audible[-1]) + 1) * frame
    speech = samples[start : end + int(TAIL * rate)].copy()
    fade = int(0.01 * rate)
    speech[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)[: len(speech)]
    speech[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[-len(speech) :]
    return np.pad(speech, (0, max(0, end - start + int(TAIL * rate) - len(speech))))


def _limited(samples: Samples) -> Samples:
    """Peaks bent softly below the ceiling: espeak-ng reaches full scale, and G.711 has no room above it."""
    loud = np.flatnonzero(np.abs(samples) > KNEE)  # few: bending all would take longer than resampling them
    peaks = samples[loud]
    bent = KNEE + (CEILING - KNEE) * np.tanh((np.abs(peaks) - KNEE) / (CEILING - KNEE))
    limited = samples.copy()
    limited[loud] = np.sign(peaks) * bent
    return limited


def _encoded(codec: str, rate: int, samples: Samples) -> bytes:
    context: Any = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = rate, "mono", "s16"
    context.options = {"frame_size": LONGEST_FRAME}
    frame = av.AudioFrame.from_ndarray(integers(samples)[None, :], format="s16", layout="mono")
    frame.sample_rate = rate
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))


def _decoded(codec: str, rate: int, content: bytes) -> Samples:
    context: Any = av.CodecContext.create(codec, "r")
    context.sample_rate, context.layout = rate, "mono"
    frames = (*context.decode(av.Packet(content)), *context.decode(None))
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32) / np.float32(32768)
