"""Programs that run in processes of their own, so that a crash in a speech library costs one prompt and no call.

Both ways: one line of JSON, whose "bytes" says how many bytes follow it.
"""

import json
import os
import signal
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO

from prompts.errors import SpeechError, StorageFailed

NICENESS = 5
"""Calls come first on a busy machine; rendering a new outage still gets a good share."""

Message = dict[str, Any]
Handler = Callable[[Message, bytes], tuple[Message, bytes]]


def serve(start: Callable[[], Handler]) -> None:
    """Answer requests until the service closes the pipe; `start` runs first and may refuse with a SpeechError."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the service decides who stops.
    source, sink = os.fdopen(0, "rb"), _private_output()
    handle: Handler | None = None

    def begin() -> tuple[Message, bytes]:
        nonlocal handle
        handle = start()
        return {}, b""

    if not _answer(sink, begin) or handle is None:
        return
    while line := source.readline():
        request = json.loads(line)
        payload = source.read(request.get("bytes", 0))
        _answer(sink, partial(handle, request, payload))


def _private_output() -> BinaryIO:
    """The pipe to the service; what libraries print on stdout (pyttsx3 does) goes nowhere."""
    pipe = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return pipe


def _answer(sink: BinaryIO, work: Callable[[], tuple[Message, bytes]]) -> bool:
    try:
        reply, payload = work()
    except SpeechError as error:
        reply, payload = {"error": str(error), "code": error.code}, b""
    except OSError as error:
        reply, payload = {"error": _storage_sentence(error), "code": StorageFailed.code}, b""
    sink.write(json.dumps(reply | {"bytes": len(payload)}).encode() + b"\n" + payload)
    sink.flush()
    return "error" not in reply


def _storage_sentence(error: OSError) -> str:
    return f"Prompts cannot be written ({error}); make room or mend the folder's permissions, then try again."
