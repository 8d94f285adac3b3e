"""Looks over an installation and says, for each thing that is wrong, how to mend it."""

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from sqlalchemy.exc import SQLAlchemyError

from ivr.asterisk.install import Asterisk, cache_folder, private_asterisk, system_asterisk
from ivr.asterisk.supervisor import asterisk_ports
from ivr.ports import service_ports
from ivr.settings import Settings
from prompts.catalogue import CatalogueError, load_catalogue
from reports.errors import NoPaper
from reports.paper import pdf_of
from storage.database import Database
from storage.errors import StorageError
from web import vendor

ENOUGH_DISK = 1_000_000_000
MODULES = ("res_pjsip", "chan_pjsip", "app_queue", "app_playback", "res_agi", "res_rtp_asterisk", "func_curl")
FOR_BROWSERS = (
    *("res_http_websocket", "res_pjsip_transport_websocket", "res_srtp", "res_ari_asterisk"),
    *("app_chanspy", "app_bridgeaddchan", "bridge_softmix", "res_musiconhold"),
)
"""What phones in browsers need besides; without them everything else works."""
OPUS = ("codec_opus", "codec_opus_open_source")
BUILT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    ok: bool
    found: str
    mend: str = ""
    """What to do about it; empty when all is well."""


Check = Callable[[Settings], Awaitable[Finding]]


async def python(settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    new = sys.version_info >= (3, 11)
    return Finding("python", new, version, "" if new else "install Python 3.11 or newer")


async def voices(settings: Settings) -> Finding:
    program = shutil.which("espeak-ng")
    if program is None:
        return Finding("voices", False, "espeak-ng is not installed", "apt-get install espeak-ng")
    listed = subprocess.run([program, "--voices"], capture_output=True, text=True).stdout.split()  # noqa: ASYNC221, S603
    missing = [language for language in ("tr", "en-gb") if language not in listed]
    found = f"espeak-ng without {', '.join(missing)}" if missing else "espeak-ng speaks Turkish and English"
    return Finding("voices", not missing, found, "apt-get install --reinstall espeak-ng-data" if missing else "")


async def catalogue(settings: Settings) -> Finding:
    try:
        problems = load_catalogue(settings.catalogue_override).problems()
    except CatalogueError as error:
        problems = [str(error)]
    found = problems[0] if problems else "every phrase in every language"
    return Finding("catalogue", not problems, found, "./alo185 prompts check lists all of them" if problems else "")


async def database(settings: Settings) -> Finding:
    try:
        db = Database(settings.database)
    except StorageError as error:
        return Finding("database", False, str(error), "mend ALO185_DATABASE_URL in .env or in the environment")
    try:
        await db.check()
        async with db.session():  # also a writer is let in
            pass
    except (StorageError, SQLAlchemyError, OSError) as error:
        reason = str(error).splitlines()[0]
        return Finding("database", False, reason, "start ./alo185 run once, or mend ALO185_DATABASE_URL")
    finally:
        await db.close()
    return Finding("database", True, f"{db.dialect} answers")


def _asterisk() -> Asterisk | None:
    found = system_asterisk()
    if found is None or found.driver != "ari":
        found = private_asterisk(cache_folder() / "asterisk") or found
    return found


async def browser_phones(settings: Settings) -> Finding:
    """Calls from /phone and agents in browsers."""
    name, found = "browsers", _asterisk()
    if found is None:
        return Finding(name, False, "no Asterisk that is new enough", "./alo185 asterisk install")
    if settings.driver != "ari" or found.driver != "ari":
        return Finding(name, True, "off: phones in browsers need ALO185_DRIVER=ari and Asterisk 22.5 or newer")
    missing = [module for module in FOR_BROWSERS if not (found.modules / f"{module}.so").exists()]
    if missing:
        mend = "apt-get install asterisk-modules, or ./alo185 asterisk install"
        return Finding(name, False, f"Asterisk without {', '.join(missing)}", mend)
    opus = any((found.modules / f"{module}.so").exists() for module in OPUS)
    page = f"/phone is {'open' if settings.has_phone_page else 'closed'} by its setting, unless switched in the console"
    return Finding(name, True, f"{page}; browsers speak {'Opus and A-law' if opus else 'A-law, for want of Opus'}")


async def asterisk(settings: Settings) -> Finding:
    found = _asterisk()
    if found is None:
        return Finding("asterisk", False, "no Asterisk that is new enough", "./alo185 asterisk install")
    version = ".".join(map(str, found.version))
    missing = [name for name in MODULES if not (found.modules / f"{name}.so").exists()]
    if missing:
        return Finding("asterisk", False, f"{version} without {', '.join(missing)}", "apt-get install asterisk-modules")
    return Finding("asterisk", True, f"{version} over {found.driver}, {found.modules}")


async def libraries(settings: Settings) -> Finding:
    if vendor.built():
        return Finding("pages", True, "the pages' libraries are there")
    return Finding("pages", False, "the pages' libraries are missing", "./alo185 run fetches them from npm")


async def reports(settings: Settings) -> Finding:
    try:
        await pdf_of("<p>Alo 185</p>")
    except NoPaper as error:
        return Finding(
            "reports", False, str(error).split(":")[0], "./alo185 reports prepare, or read reports without PDF"
        )
    return Finding("reports", True, "PDF can be made")


async def ports(settings: Settings) -> Finding:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            ours = (await client.get(f"http://{settings.host}:{settings.port}/health")).json().get(
                "service"
            ) == "alo185"
    except (httpx.HTTPError, ValueError, AttributeError):
        ours = False
    if ours:
        return Finding("ports", True, f"Alo 185 is running on port {settings.port}")
    taken = [port for port in [*service_ports(settings), *asterisk_ports(settings, settings.driver)] if not port.free()]
    named = ", ".join(f"{port.kind} {port.number} ({port.purpose})" for port in taken)
    found = f"in use: {named}" if taken else "all free"
    return Finding("ports", not taken, found, f"free them or set {taken[0].setting}" if taken else "")


async def disk(settings: Settings) -> Finding:
    folder = next(p for p in (settings.state, *settings.state.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        found = f"{folder} cannot be written to"
        return Finding("disk", False, found, "run this as its owner, or choose another folder with ALO185_STATE")
    return Finding("disk", free > ENOUGH_DISK, f"{free / 1e9:.1f} GB free", "" if free > ENOUGH_DISK else "free 1 GB")


async def clock(settings: Settings) -> Finding:
    try:
        local = datetime.now(ZoneInfo(settings.timezone))
    except ZoneInfoNotFoundError:
        return Finding("clock", False, f"unknown time zone {settings.timezone}", "set ALO185_TIMEZONE, install tzdata")
    right = local > BUILT
    return Finding(
        "clock", right, f"{local:%Y-%m-%d %H:%M %Z}", "" if right else "set the clock: timedatectl set-ntp on"
    )


async def secrets(settings: Settings) -> Finding:
    folder = settings.state / "secrets"
    if not folder.exists():
        return Finding("secrets", True, "none yet; made at first start")
    loose = [file.name for file in folder.iterdir() if stat.S_IMODE(file.stat().st_mode) & 0o077]
    found = f"readable by others: {', '.join(loose)}" if loose else "readable by the owner only"
    return Finding("secrets", not loose, found, f"chmod 600 {folder}/*" if loose else "")


CHECKS: tuple[Check, ...] = (
    python,
    voices,
    catalogue,
    database,
    libraries,
    reports,
    asterisk,
    browser_phones,
    ports,
    disk,
    clock,
    secrets,
)


async def examine(settings: Settings) -> list[Finding]:
    return list(await asyncio.gather(*(_made(check, settings) for check in CHECKS)))


async def _made(check: Check, settings: Settings) -> Finding:
    """What the system forbids to look at is a finding too."""
    try:
        return await check(settings)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        mend = "run this as the owner of the state folder, or choose another with ALO185_STATE"
        return Finding(check.__name__, False, f"{where}{error.strerror or error}", mend)
