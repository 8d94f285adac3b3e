"""pyttsx3 over espeak-ng: one voice and one rate for the whole life of the process, one utterance at a time.

Changing the rate in between makes empty files, and several queued files keep only the last.
"""

import io
import os
import sys
import threading
import time
import wave
from collections.abc import Callable
from typing import Any

from prompts.errors import EngineUnavailable, SpeechBroken
from prompts.workers import Handler, Message, serve

LONGEST_UTTERANCE = 4.0
"""Seconds that synthesis of one prompt may take; it needs about 0.01."""
REPORT_SECONDS = 10.0
"""For espeak-ng to tell the rate that it speaks at."""


def start(voice: str, rate: int) -> Handler:
    engine, speaking = _engine()
    engine.proxy.setBusy(False)  # What is set now takes effect now, and not in the middle of the first utterance.
    engine.setProperty("voice", voice)
    engine.setProperty("rate", rate)
    speaker = Speaker(engine, speaking)
    for _ in range(2):  # espeak-ng reports a new rate from the second utterance on.
        speaker.say("a")
    make_sure(engine, voice, rate, lambda: speaker.say("a"))
    return speaker.handle


def make_sure(engine: Any, voice: str, rate: int, speak: Callable[[], object], seconds: float = REPORT_SECONDS) -> None:
    """Refuse to speak in another voice or at another pace than was asked for."""
    if engine.getProperty("voice") != voice:
        raise EngineUnavailable(
            f'espeak-ng has no voice "{voice}"; install its voices: apt-get install espeak-ng-data.'
        )
    deadline = time.monotonic() + seconds
    while not _tells(engine, rate, seconds / 5):
        if time.monotonic() > deadline:
            raise EngineUnavailable(f"espeak-ng did not take the pace of {rate} words a minute; run ./alo185 doctor.")
        speak()  # what was lost between two threads of a busy machine is told with the next utterance


def _tells(engine: Any, rate: int, seconds: float) -> bool:
    """Its thread keeps the default rate in that place while it speaks, and puts ours back a moment afterwards."""
    deadline = time.monotonic() + seconds
    while engine.getProperty("rate") != rate:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.0005)
    return True


def _engine() -> tuple[Any, Callable[[], bool]]:
    try:
        import pyttsx3
        from pyttsx3.drivers import _espeak

        return pyttsx3.init("espeak"), _espeak.IsPlaying
    except (ImportError, RuntimeError, OSError) as error:
        raise EngineUnavailable(
            f"espeak-ng cannot be used ({error}); install it: apt-get install espeak-ng libespeak-ng1."
        ) from error


class Speaker:
    def __init__(self, engine: Any, speaking: Callable[[], bool]) -> None:
        self._engine = engine
        self._speaking = speaking
        self._finished = threading.Event()
        self._completed = False
        engine.connect("finished-utterance", self._on_finished)

    def handle(self, request: Message, payload: bytes) -> tuple[Message, bytes]:
        with wave.open(self.say(request["text"])) as speech:
            return {"rate": speech.getframerate()}, speech.readframes(speech.getnframes())

    def say(self, text: str) -> io.BytesIO:
        """One utterance. One that was cut short ends the process: what follows it would be mixed with its rest."""
        self._settle()
        wav = io.BytesIO()
        self._completed = False
        self._finished.clear()
        self._engine.save_to_file(text, wav)
        self._engine.runAndWait()  # May return while espeak-ng is still speaking: only the event is the end.
        if not self._finished.wait(LONGEST_UTTERANCE) or not self._completed:
            print(f'espeak-ng did not finish "{text}"; its process is replaced.', file=sys.stderr, flush=True)
            os._exit(1)  # espeak-ng's own thread may hang, so no orderly end.
        if not wav.tell():
            raise SpeechBroken(f'espeak-ng said nothing for "{text}"; write it in words.')
        wav.seek(0)
        return wav

    def _settle(self) -> None:
        """pyttsx3 cancels the next utterance if espeak-ng's thread has not quite returned from this one."""
        while self._engine.isBusy() or self._speaking():
            time.sleep(0.0005)

    def _on_finished(self, name: str | None, completed: bool) -> None:
        self._completed = completed
        self._finished.set()


if __name__ == "__main__":
    serve(lambda: start(sys.argv[1], int(sys.argv[2])))
