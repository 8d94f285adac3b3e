"""Reports put together from the settings."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.packages import PackagesMissing, install_packages
from ivr.settings import Settings
from prompts.catalogue import Catalogue
from reports.errors import NoPaper
from reports.paper import FOLDER, PACKAGES, pdf_of
from reports.schedule import ReportSchedule
from storage.database import Database
from web.assets import Assets
from web.pages import Pages


def report_workers(
    settings: Settings, db: Database, now: Callable[[], datetime], catalogue: Catalogue
) -> Iterator[Awaitable[None]]:
    """Without a mail server nothing is sent."""
    if settings.smtp_host:
        base = settings.public_address
        yield ReportSchedule(db, now, report_pages(settings), catalogue, base_url=base).run()


async def printed(html: str) -> bytes:
    """The PDF; what it needs of the system is installed where it is missing. Raises PackagesMissing."""
    try:
        return await pdf_of(html)
    except NoPaper as missing:
        if missing.code != "no_paper":
            raise
        await asyncio.to_thread(install_packages, *PACKAGES)
        return await pdf_of(html)


async def ready_to_print(now_doing: Callable[[str], None]) -> None:
    """Before reports are sent at night, when nobody is there to install anything."""
    now_doing("making sure of what PDF reports need")
    try:
        await printed("<p>Alo 185</p>")
    except (NoPaper, PackagesMissing) as error:
        now_doing(f"{error} Until then no reports are sent.")


def report_pages(settings: Settings) -> Pages:
    """Only the words and the layout of reports."""
    return Pages([FOLDER], ZoneInfo(settings.timezone), Assets())
