"""Renders `asterisk-config/` with the paths and secrets of one installation."""

import ipaddress
import math
import os
import tempfile
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.asterisk.errors import ConfigureFailed
from ivr.asterisk.install import Asterisk, Driver
from ivr.dialplan import AGENT_ENDPOINTS, HOLD_CLASS, QUEUE_REPORTER, QUEUES
from ivr.settable import ROOT
from ivr.settings import Settings

TEMPLATES = ROOT / "asterisk-config"
ONLY_FOR: Mapping[str, Driver] = {
    "ari.conf": "ari",
    "websocket_client.conf": "ari",
    "amd.conf": "ari",
    "sorcery.conf": "ari",
}
OPUS = ("codec_opus", "codec_opus_open_source")
"""Modules that turn Opus into what prompts are kept in; without one, browsers speak A-law."""
NARROWEST_TRUNK = 16
"""Bits that a trunk's network must fix; whoever calls from it is not asked for a password."""
MAX_CALLS = 900
SOCKET = "asterisk.ctl"
SOCKET_PATH_LIMIT = 100
"""Characters; a Unix socket's address holds 107, and Asterisk appends to the folder's name."""
QUIET_SECONDS = 10
FORBIDDEN = frozenset("\n\r\0;,|&\"'`$\\()[]{}")
"""Characters that mean something to Asterisk's configuration or dialplan when they stand in a path."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one Asterisk instance, all below the state folder except a control socket that would not fit."""

    base: Path

    @property
    def etc(self) -> Path:
        return self.base / "etc"

    @property
    def log(self) -> Path:
        return self.base / "log"

    @property
    def spool(self) -> Path:
        return self.base / "spool"

    @property
    def lib(self) -> Path:
        return self.base / "lib"

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def sounds(self) -> Path:
        """Where Asterisk looks for sounds with a relative name: `sounds/tr/alo185/queue-thereare.alaw`."""
        return self.data / "sounds"

    @property
    def run(self) -> Path:
        usual = self.base / "run"
        if len(os.fsencode(usual / SOCKET)) <= SOCKET_PATH_LIMIT:
            return usual
        short = blake2b(os.fsencode(self.base), digest_size=8).hexdigest()
        return Path(tempfile.gettempdir()) / f"alo185-{os.getuid()}-{short}"

    @property
    def socket(self) -> Path:
        """Where Asterisk's console is asked."""
        return self.run / SOCKET

    def make(self) -> None:
        for folder in (self.base, self.etc, self.log, self.spool, self.lib, self.data, self.sounds, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.run.stat().st_uid != os.getuid():
            raise ConfigureFailed(
                f"{self.run} belongs to somebody else: set ALO185_STATE to a folder with a shorter path."
            )


def configure(settings: Settings, asterisk: Asterisk, out: Path | None = None) -> Path:
    """Write the configuration into `out` (the instance's own folder by default); unchanged files are left alone.

    Everything is rendered before the first file is replaced, and only the owner can read what is written.
    """
    folders = Folders(settings.asterisk.absolute())
    out = (out or folders.etc).absolute()
    rendered = render(values(settings, asterisk, folders, out), driver_of(settings, asterisk))
    folders.make()
    _link(folders.data / "documentation", asterisk.documentation)
    for recorded in (settings.incoming, settings.agent_calls):
        recorded.mkdir(mode=0o700, parents=True, exist_ok=True)
    _link(folders.spool / "recording", settings.incoming.absolute())
    write_beep(folders.sounds / "beep.sln")
    _replace(folders.sounds / "quiet.sln", bytes(QUIET_SECONDS * 16_000))
    write_hold_pause(folders.sounds / f"{HOLD_CLASS}-pause.sln")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in rendered.items():
        _replace(out / name, text.encode())
    return out


def checked_trunk(settings: Settings) -> tuple[str, ...]:
    """The trunk's addresses, none of which may be a name or let half the world in. Raises ConfigureFailed."""
    for address in settings.trunk:
        try:
            network = ipaddress.ip_network(address, strict=False)
        except ValueError:
            network = None
        if network is None or network.prefixlen < NARROWEST_TRUNK:
            raise ConfigureFailed(
                f"ALO185_TRUNK holds {address!r}: write the carrier's IP addresses or small networks."
            )
    return settings.trunk


def driver_of(settings: Settings, asterisk: Asterisk) -> Driver:
    """FastAGI when it is set or when this Asterisk knows nothing else."""
    return "agi" if settings.driver == "agi" else asterisk.driver


def values(settings: Settings, asterisk: Asterisk, folders: Folders, etc: Path) -> dict[str, object]:
    """What the templates may name. Raises ConfigureFailed for a path that Asterisk could not take."""
    paths = {
        "etc": etc,
        "modules": asterisk.modules,
        "lib": folders.lib,
        "data": folders.data,
        "spool": folders.spool,
        "run": folders.run,
        "log": folders.log,
        "recordings": settings.agent_calls.absolute(),
        "sounds": folders.sounds,
        "fallback": settings.fallback.absolute(),
    }
    for path in paths.values():
        if wrong := FORBIDDEN & set(str(path)):
            raise ConfigureFailed(
                f"Asterisk cannot use the path {path} because of {sorted(wrong)}: choose another folder."
            )
    return {
        **paths,
        "driver": driver_of(settings, asterisk),
        "opus": next((name for name in OPUS if (asterisk.modules / f"{name}.so").exists()), ""),
        "max_calls": MAX_CALLS,
        "service_host": settings.probe_host,
        "service_port": settings.port,
        "agi_port": settings.agi_port,
        "asterisk_http_port": settings.asterisk_http_port,
        "sip_host": settings.sip_host,
        "sip_port": settings.sip_port,
        "loopback_needed": settings.sip_host not in ("127.0.0.1", "0.0.0.0"),
        "rtp_ports": settings.rtp_ports,
        "trunk": checked_trunk(settings),
        "queues": QUEUES,
        "keeps_places": settings.call_backs and driver_of(settings, asterisk) == "ari",
        "place_seconds": settings.place_seconds,
        "dial": (settings.dial or "").replace("{number}", "${ALO185_LINE}"),
        "shown_number": settings.shown_number,
        "agents": [(name, settings.secret(name)) for name in AGENT_ENDPOINTS],
        "ari_password": settings.secret("ari"),
        "websocket_password": settings.secret("ari-websocket"),
        "queue_token": settings.secret(QUEUE_REPORTER),
    }


def render(named: Mapping[str, object], driver: Driver) -> dict[str, str]:
    """Every configuration file of `driver` by name."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # Asterisk's configuration, not HTML; values() refuses what could break out
    )
    names = sorted(path.name.removesuffix(".j2") for path in TEMPLATES.glob("*.j2"))
    return {
        name: environment.get_template(f"{name}.j2").render(named)
        for name in names
        if ONLY_FOR.get(name, driver) == driver
    }


def write_beep(target: Path) -> None:
    """The tone that callers hear before they speak a message: 0.25 s of 1 kHz, signed linear, 8 kHz."""
    if not target.exists():
        tone = (round(8000 * math.sin(2 * math.pi * 1000 * sample / 8000)) for sample in range(2000))
        _replace(target, array("h", tone).tobytes())


def write_hold_pause(target: Path) -> None:
    """Between two announcements to somebody who is held: soft tones, since silence sounds like a dead line."""
    if not target.exists():
        second, tone = array("h", bytes(2 * 8000)), array("h", bytes(2 * 8000))
        for sample in range(2400):  # swells and fades
            swell = math.sin(math.pi * sample / 2400) ** 2
            tone[sample] = round(1500 * swell * math.sin(2 * math.pi * 440 * sample / 8000))
        _replace(target, b"".join(part.tobytes() for part in (second, tone, second, second, tone, second)))


def _replace(target: Path, content: bytes) -> None:
    if target.exists() and target.read_bytes() == content:
        return
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(target)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
