"""Finds an Asterisk that is new enough, or unpacks one of its own where the system has none.

The private one is Debian's, resolved, downloaded and signature-checked by the machine's own apt into state folders of
its own, and unpacked into a cache folder. It runs with its own dynamic loader and C library, so the system's packages
stay untouched and neither root rights nor a chroot is needed.
"""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ivr.asterisk.errors import InstallFailed

Driver = Literal["ari", "agi"]
Wanted = Literal["auto", "system", "private"]
Progress = Callable[[str, float], None]
"""What is being done, and how much of the whole is done (0 to 1)."""

NEWEST_DRIVER = (22, 5)
"""The first version that opens a WebSocket of its own for each call."""
OLDEST = (16, 25)
"""The first version whose Queue runs a pre-dial handler on the agent's leg."""
PACKAGES = ("asterisk", "asterisk-modules", "libc6")
UNPACKED_WITHOUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/info")
KEYRINGS = Path("/usr/share/keyrings")


@dataclass(frozen=True, slots=True)
class Asterisk:
    """An Asterisk that can be run."""

    command: tuple[str, ...]
    """What starts it, before its own arguments."""
    version: tuple[int, ...]
    modules: Path
    documentation: Path
    """Its XML documentation, without which its configuration is not understood."""

    @property
    def driver(self) -> Driver:
        return "ari" if self.version >= NEWEST_DRIVER else "agi"


def cache_folder() -> Path:
    """Where the private Asterisk is kept: ALO185_CACHE, else below the user's cache folder."""
    if own := os.environ.get("ALO185_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alo185"


def system_asterisk() -> Asterisk | None:
    """The system's own Asterisk, when it is new enough for either driver."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    binary = shutil.which("asterisk", path=path)
    return _asterisk((binary,), Path("/")) if binary else None


def private_asterisk(root: Path) -> Asterisk | None:
    """The Asterisk unpacked in `root`, when its unpacking was finished."""
    loaders = sorted([*root.glob("usr/lib/*/ld-linux*.so.*"), *root.glob("lib/*/ld-linux*.so.*")])
    if not loaders or not (root / "usr/sbin/asterisk").exists():
        return None
    places = ("usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib")
    folders = [folder for place in places for folder in sorted(root.glob(place))]
    command = (str(loaders[0]), "--library-path", ":".join(map(str, folders)), str(root / "usr/sbin/asterisk"))
    return _asterisk(command, root)


def ensure_asterisk(wanted: Wanted = "auto", progress: Progress = lambda what, share: None) -> Asterisk:
    """An Asterisk to run, unpacked first when there is none. Raises InstallFailed."""
    system = system_asterisk() if wanted != "private" else None
    if system and (wanted == "system" or system.driver == "ari"):
        return system
    if wanted == "system":
        raise InstallFailed(
            f"the system has no Asterisk {_dotted(OLDEST)} or newer: install one, or use the private one."
        )
    root = cache_folder() / "asterisk"
    if found := private_asterisk(root):
        return found
    try:
        unpack(root, progress)
    except InstallFailed:
        if system:
            return system
        raise
    if found := private_asterisk(root):
        return found
    raise InstallFailed(
        f"the Asterisk unpacked in {root} does not run on this machine: remove that folder and try again."
    )


def unpack(root: Path, progress: Progress) -> None:
    """Download Asterisk with all that it needs and unpack it into `root`, which appears only when complete."""
    if not shutil.which("apt-get"):
        raise InstallFailed(
            "no Asterisk was found, and this system has no apt-get: please install Asterisk 22.5 or newer."
        )
    work = root.parent / "apt"
    configuration = _private_apt(work, *_suite())
    progress("reading the list of packages", 0.02)
    _apt(configuration, "update")
    for share in _downloading(configuration):
        progress("downloading Asterisk", 0.1 + 0.5 * share)
    partial = root.with_name(f"{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    archives = sorted((work / "cache/archives").glob("*.deb"))
    for number, archive in enumerate(archives):
        progress("unpacking Asterisk", 0.6 + 0.4 * number / len(archives))
        _unpack_archive(archive, partial)
    shutil.rmtree(root, ignore_errors=True)
    partial.rename(root)
    shutil.rmtree(work)
    progress("Asterisk is unpacked", 1.0)


def _suite() -> tuple[str, str, str, Path | None]:
    """Mirror, suite, components and keyring to take Asterisk from; the mirror is the one this machine uses."""
    release = platform.freedesktop_os_release()
    own = release.get("VERSION_CODENAME", "")
    # Debian 12 and 13 hold no Asterisk but their successor does; Ubuntu holds one in its own universe.
    debian = release.get("ID") == "debian"
    suite, components = ("forky", "main") if debian else (own, "main universe")
    keyring = KEYRINGS / ("debian-archive-keyring.gpg" if debian else "ubuntu-archive-keyring.gpg")
    listed = _run(
        ["apt-get", "update", "--print-uris", "-o", "Debug::NoLocking=1"], "reading this machine's apt sources"
    )
    found = re.search(rf"'(\S+)/dists/{re.escape(own)}/(?:In)?Release'", listed)
    if not own or not found:
        raise InstallFailed(
            f"this machine's apt sources name no mirror of '{own or 'its release'}': add it, or install Asterisk."
        )
    return found[1], suite, components, keyring if keyring.exists() else None


def _private_apt(work: Path, mirror: str, suite: str, components: str, keyring: Path | None) -> Path:
    """An apt that shares the machine's proxies and keys, and none of its state."""
    for folder in ("lists/partial", "cache/archives/partial", "parts"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    options = f"[signed-by={keyring}] " if keyring else ""
    (work / "sources.list").write_text(f"deb {options}{mirror} {suite} {components}\n")
    configuration = work / "apt.conf"
    configuration.write_text(
        f'Dir::State "{work}";\nDir::State::status "{work}/status";\nDir::Cache "{work}/cache";\n'
        f'Dir::Etc::sourcelist "{work}/sources.list";\nDir::Etc::sourceparts "{work}/parts";\n'
        f'Dir::Etc::preferences "{work}/none";\nDir::Etc::preferencesparts "{work}/parts";\n'
        # a mirror that is kept at one date offers an index past its own
        'Acquire::Check-Valid-Until "false";\nAcquire::Retries "3";\nAcquire::Languages "none";\n'
        'APT::Update::Error-Mode "any";\n'
        'APT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n#clear APT::Update::Post-Invoke-Success;\n'
        "#clear APT::Update::Post-Invoke;\n#clear DPkg::Post-Invoke;\n#clear DPkg::Pre-Install-Pkgs;\n"
    )
    return configuration


def _downloading(configuration: Path) -> Iterator[float]:
    """Download the packages; yields the share that has arrived. What arrived earlier is not fetched again."""
    command = ["apt-get", "-qq", "-y", "-o", "APT::Status-Fd=1", "--download-only", "install", *PACKAGES]
    with subprocess.Popen(  # noqa: S603
        command,
        env={**os.environ, "APT_CONFIG": str(configuration), "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said = []
        for line in process.stdout or ():
            said.append(line.strip())
            if status := re.match(r"dlstatus:\d+:([\d.]+):", line):
                yield float(status[1]) / 100
    if process.returncode:
        raise _failed("downloading Asterisk", "\n".join(said))


def _unpack_archive(archive: Path, root: Path) -> None:
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as contents:  # noqa: S603, S607
        tar = subprocess.run(  # noqa: S603
            ["tar", "-x", "--no-same-owner", "-C", str(root), *(f"--exclude={name}" for name in UNPACKED_WITHOUT)],  # noqa: S607
            stdin=contents.stdout,
            capture_output=True,
            text=True,
        )
    if contents.returncode or tar.returncode:
        raise _failed(f"unpacking {archive.name}", tar.stderr)


def _apt(configuration: Path, *arguments: str) -> None:
    _run(["apt-get", "-qq", *arguments], "reading the list of packages", APT_CONFIG=str(configuration))


def _run(command: list[str], doing: str, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, "LC_ALL": "C", **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise _failed(doing, done.stderr or done.stdout)
    return done.stdout


def _failed(doing: str, said: str) -> InstallFailed:
    errors = [line for line in said.splitlines() if line.startswith(("E:", "tar:"))] or said.splitlines()[-1:]
    reason = errors[0] if errors else "no reason given"
    return InstallFailed(f"{doing} failed ({reason}): check the network and the disk, then run this again.")


def _asterisk(command: tuple[str, ...], root: Path) -> Asterisk | None:
    """The Asterisk that `command` starts, if it runs and is new enough."""
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.match(r"Asterisk (?:certified/)?(\d+)\.(\d+)(?:\.(\d+))?", said)
    if not numbers:
        return None
    version = tuple(int(number or 0) for number in numbers.groups())
    modules = [*root.glob("usr/lib*/asterisk/modules"), *root.glob("usr/lib/*/asterisk/modules")]
    documents = [root / "usr/share/asterisk/documentation", root / "var/lib/asterisk/documentation"]
    documentation = next((folder for folder in documents if folder.is_dir()), None)
    if version < OLDEST or not modules or not documentation:
        return None
    return Asterisk(command, version, modules[0], documentation)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
