"""Masters and encodes prompts away from the service, which has calls to serve."""

import os
from pathlib import Path

import numpy as np

from prompts import audio
from prompts.errors import SpeechBroken
from prompts.formats import FORMATS, WIDE
from prompts.workers import Handler, Message, serve


def start() -> Handler:
    return handle


def handle(request: Message, payload: bytes) -> tuple[Message, bytes]:
    master = _master(request, payload)
    write(master, Path(request["target"]))
    return {"seconds": master.seconds}, b""


def _master(request: Message, payload: bytes) -> audio.Master:
    match request["task"]:
        case "speech":
            return _checked(f'"{request["text"]}"', audio.floats(payload), request["rate"], request["text"])
        case "recording":
            file = request["file"]
            return _checked(file, *audio.recording(Path(file), request["tempo"]))
        case "sequence":
            return sequence([Path(file) for file in request["files"]])
        case task:
            raise ValueError(task)


def _checked(name: str, samples: audio.Samples, rate: int, text: str = "") -> audio.Master:
    try:
        return audio.master(samples, rate, text)
    except SpeechBroken as error:
        raise SpeechBroken(f"{name} {error}.") from error


def sequence(files: list[Path]) -> audio.Master:
    """Prompts in a row, a short pause between them."""
    pause = np.zeros(int(audio.PAUSE * WIDE), np.float32)
    parts = [part for file in files for part in (audio.pcm(file)[0], pause)]
    return audio.whole(np.concatenate(parts[:-1]))


def write(master: audio.Master, target: Path) -> None:
    """All formats beside each other, or an error and none that is new."""
    target.parent.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    try:
        for suffix, content in audio.encoded(master).items():
            part = target.with_name(f".{target.name}.{os.getpid()}.{suffix}")
            parts.append(part)
            part.write_bytes(content)
        for part, suffix in zip(parts, FORMATS, strict=True):
            part.replace(f"{target}.{suffix}")
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


if __name__ == "__main__":
    serve(start)
