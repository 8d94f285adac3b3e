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
from ivr.service import Service
from ivr.settings import Settings
from outages.area_import import apply_areas
from outages.demo import add_demo
from outages.gazetteer import load_city
from outages.models import Area
from people import passwords
from people.apikeys import ensure_api_key
from people.secrets import one_time_password
from people.service import PeopleService
from web import vendor

Now = Callable[[str], None]
Count = Callable[[str, int, int], None]


async def install(settings: Settings, asterisk: Asterisk | None, now_doing: Now, count: Count) -> None:
    """Bring an installation to where it can take calls."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    service = Service(settings)
    try:
        now_doing("bringing the database up to date")
        await service.db.migrate()
        await _fill(service, now_doing)
        await fetch_libraries(now_doing)
        now_doing("rendering speech")
        await service.keeper.start()
        standing = service.standing_prompts(service.keeper.board)
        await service.library.prepare(standing, lambda done, total: count("rendering speech", done, total))
        if asterisk:
            configure(settings, asterisk)
            await _export_sounds(service, Folders(settings.asterisk.absolute()))
    finally:
        await service.stop()


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
    kept = await passwords.kept(password)
    service = Service(settings)
    try:
        async with service.db.session() as session:
            made = await PeopleService(session, now, "installation").first_administrator(kept)
            await session.commit()
    finally:
        await service.db.close()
    return password if made else None


async def _fill(service: Service, now_doing: Now) -> None:
    settings = service.settings
    await ensure_api_key(service.db, settings.secret("api-key"), now=now)
    async with service.db.reading() as session:
        empty = not await session.scalar(select(func.count()).select_from(Area))
    if empty:
        now_doing(f"loading the areas of province {settings.city_code}")
        seeds = await asyncio.to_thread(load_city, settings.city_code, settings.state)
        await apply_areas(service.db, seeds)
    if await add_demo(service.db, now, settings.timezone):
        now_doing("added demo outages, since the database held none (./alo185 outages list shows them)")


async def _export_sounds(service: Service, folders: Folders) -> None:
    """What Asterisk's queue says by itself, in our voice."""
    wanted = sounds(service.catalogue)
    await service.library.prepare(wanted.values())
    for name, prompt in wanted.items():
        await service.library.export(prompt, folders.sounds / name)
