"""What must be there before the first call: database, areas, demo outages, API key, pages' libraries, Asterisk's part,
speech.

Each step does nothing when it was done before, so that the next start takes seconds.
"""

import asyncio
from collections.abc import Callable

from sqlalchemy import func, select

from ivr.asterisk.configure import Folders, configure
from ivr.asterisk.install import Asterisk
from ivr.asterisk.sounds import sounds
from ivr.clock import now
from ivr.saying import library_of, standing_prompts
from ivr.settings import Settings
from outages.area_import import apply_areas
from outages.board import Board
from outages.demo import add_demo
from outages.gazetteer import load_city
from outages.models import Area
from outages.snapshot import load_board
from people import passwords
from people.apikeys import ensure_api_key
from people.audit import use_secret
from people.secrets import one_time_password
from people.service import PeopleService
from prompts.catalogue import Catalogue, load_catalogue
from prompts.library import PromptLibrary
from storage.database import Database
from storage.types import use_key
from web import vendor

INSTALLER = "installation"
"""Whom histories name for what is there from the start."""
Now = Callable[[str], None]
Count = Callable[[str, int, int], None]


async def install(settings: Settings, asterisk: Asterisk | None, now_doing: Now, count: Count) -> None:
    """Bring an installation to where it can take calls."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    db = _database(settings)
    try:
        now_doing("bringing the database up to date")
        await db.migrate()
        await _fill(db, settings, now_doing)
        await fetch_libraries(now_doing)
        async with db.reading() as session:
            board = await load_board(session, now())
    finally:
        await db.close()
    await _speak(settings, board, asterisk, now_doing, count)


async def _speak(settings: Settings, board: Board, asterisk: Asterisk | None, now_doing: Now, count: Count) -> None:
    """Rendered here, where progress is shown; what is said of outages is left to the service, which begins with it."""
    now_doing("rendering speech")
    catalogue, library = load_catalogue(settings.catalogue_override), library_of(settings)
    try:
        standing = standing_prompts(board, catalogue)
        await library.prepare(standing, lambda done, total: count("rendering speech", done, total))
        if asterisk:
            configure(settings, asterisk)
            await _export_sounds(library, catalogue, Folders(settings.asterisk.absolute()))
    finally:
        await library.close()


async def fetch_libraries(
    now_doing: Now, built: Callable[[], bool] = vendor.built, build: Callable[[], None] = vendor.build
) -> None:
    """What pages use out of npm. Without it they work, but do not move by themselves."""
    if built():
        return
    now_doing("fetching the pages' libraries")
    try:
        await asyncio.to_thread(build)
    except vendor.VendorUnavailable as error:
        now_doing(str(error))


async def first_administrator(settings: Settings) -> str | None:
    """The one-time password of the first administrator, while there is nobody who could sign in; never told again."""
    password = one_time_password()
    db = _database(settings)
    try:
        async with db.reading() as session:
            if await PeopleService(session, now, INSTALLER).anybody():
                return None
        kept = await passwords.kept(password)
        async with db.session() as session:
            made = await PeopleService(session, now, INSTALLER).first_administrator(kept)
            await session.commit()
    finally:
        await db.close()
    return password if made else None


def _database(settings: Settings) -> Database:
    use_key(settings.secret("database-key"))
    use_secret(settings.secret("audit"), settings.audit_anchor)
    return Database(settings.database)


async def _fill(db: Database, settings: Settings, now_doing: Now) -> None:
    await ensure_api_key(db, settings.secret("api-key"), now=now)
    async with db.reading() as session:
        empty = not await session.scalar(select(func.count()).select_from(Area))
    if empty:
        now_doing(f"loading the areas of province {settings.city_code}")
        seeds = await asyncio.to_thread(load_city, settings.city_code, settings.state)
        await apply_areas(db, seeds)
    if await add_demo(db, now, settings.timezone):
        now_doing("added demo outages, since the database held none (./alo185 outages list shows them)")


async def _export_sounds(library: PromptLibrary, catalogue: Catalogue, folders: Folders) -> None:
    """What Asterisk's queue says by itself, in our voice."""
    wanted = sounds(catalogue)
    await library.prepare(wanted.values())
    for name, prompt in wanted.items():
        await library.export(prompt, folders.sounds / name)
