"""Reports put together from the settings."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.settings import Settings
from prompts.catalogue import Catalogue
from reports.paper import FOLDER
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


def report_pages(settings: Settings) -> Pages:
    """Only the words and the layout of reports."""
    return Pages([FOLDER], ZoneInfo(settings.timezone), Assets())
