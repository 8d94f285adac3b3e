"""The program behind the softphone: found or installed, given a folder of its own, and controlled over a socket."""

import asyncio
import contextlib
import json
import re
import shutil
import socket
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.asterisk.errors import PhoneFailed
from ivr.packages import install_packages

RATE = 8000
SILENCE_SECONDS = 600
SILENCE_AFTER = 120
MODULES = ("g711", "g722", "aufile", "sndfile")
APPLICATIONS = ("account", "menu", "ctrl_tcp")


@dataclass(frozen=True, slots=True)
class Account:
    """Who calls: a bare number, or an agent who registers with a password."""

    user: str
    server: str
    password: str | None
    codec: str

    def line(self) -> str:
        login = f"auth_pass={self.password};regint=300" if self.password else "regint=0"
        return (
            f"<sip:{self.user}@{self.server}>;{login};dtmfmode=rtpevent;answermode=manual;audio_codecs={self.codec}\n"
        )


def ensure_softphone() -> str:
    """The path of baresip, installed through apt when it is missing. Raises PackagesMissing."""
    if found := shutil.which("baresip"):
        return found
    install_packages("baresip-core")
    if found := shutil.which("baresip"):
        return found
    raise PhoneFailed(
        "the softphone baresip was installed but is not on the PATH: add its folder, then run this again."
    )


def write_folder(
    folder: Path, program: str, account: Account, speaks: Path | None, control: int, listens: int = 0
) -> None:
    """A configuration for one phone that records what it hears into `folder`; it can be called at `listens`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = speaks or folder / "silence.wav"
    if speaks is None:
        _write_silence(source)
    accounts = folder / "accounts"
    accounts.touch(mode=0o600)
    accounts.write_text(account.line())
    for name in ("contacts", "current_contact"):
        (folder / name).touch()
    libraries = Path(program).resolve().parents[1] / "lib"
    found = [*libraries.glob("baresip/modules"), *libraries.glob("*/baresip/modules")]
    if not found:
        raise PhoneFailed(f"no modules of {program} were found below {libraries}: reinstall baresip-core.")
    lines = [
        f"sip_listen 127.0.0.1:{listens}",
        "net_interface 127.0.0.1",
        "call_max_calls 1",
        "rtp_ports 30000-39999",
        f"audio_source aufile,{source}",
        f"ausrc_srate {RATE}",
        f"auplay_srate {RATE}",
        # no jitter buffer: baresip 1.0 throws away everything that follows a change of the sender
        "jitter_buffer_delay 0-0",
        "jitter_buffer_type off",
        "audio_jitter_buffer_type off",
        f"snd_path {folder}",
        f"module_path {found[0]}",
        *(f"module {name}.so" for name in MODULES),
        *(f"module_app {name}.so" for name in APPLICATIONS),
        f"ctrl_tcp_listen 127.0.0.1:{control}",
    ]
    (folder / "config").write_text("\n".join(lines) + "\n")


class Control:
    """The control socket: netstrings of JSON, commands out and events in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, command: str, params: str = "") -> None:
        message = json.dumps({"command": command, "params": params}).encode()
        self._writer.write(b"%d:%s," % (len(message), message))
        await self._writer.drain()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Everything that happens, until the phone ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await self._reader.readuntil(b":"))[:-1])
                message = json.loads((await self._reader.readexactly(length + 1))[:-1])
                if message.get("event"):
                    yield message

    def close(self) -> None:
        self._writer.close()


def registered(trace: str) -> bool:
    """Told from the trace, because the phone registers before its control socket takes listeners."""
    return re.search(r"^SIP/2.0 200 OK\n(?:.+\n)*CSeq: \d+ REGISTER", _plain(trace), re.MULTILINE) is not None


def latest_invite(trace: str) -> dict[str, str]:
    """The headers of the latest call to this phone."""
    invites = re.findall(r"^INVITE \S+ SIP/2\.0\n(.*?)\n\n", _plain(trace), re.DOTALL | re.MULTILINE)
    if not invites:
        raise PhoneFailed("the phone rang but its trace holds no INVITE.")
    return dict(line.split(": ", 1) for line in invites[-1].splitlines() if ": " in line)


_given: set[int] = set()


def free_port() -> int:
    """Never the same twice: until its phone has started it looks free, and two phones would share one control."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def _plain(trace: str) -> str:
    """The trace without colours."""
    return re.sub(r"\x1b\[[\d;]*m|\[;m", "", trace).replace("\r", "")


def _write_silence(target: Path) -> None:
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(2 * RATE * SILENCE_SECONDS))


def with_silence(wav: Path, target: Path) -> Path:
    """A copy of a WAV (8 kHz, mono, 16 bit) with silence after it: at the end of its file, baresip hangs up."""
    with wave.open(str(wav), "rb") as said, wave.open(str(target), "wb") as out:
        out.setparams(said.getparams())
        out.writeframes(said.readframes(said.getnframes()))
        out.writeframes(bytes(2 * RATE * SILENCE_AFTER))
    return target
