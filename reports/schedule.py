"""Sends each department its reports: the day's after midnight, the week's on Monday, the month's on the first."""

import logging
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.mail import Attachment, post_mail
from prompts.catalogue import Catalogue
from reports.errors import ReportError
from reports.figures import Report, Scope
from reports.making import make
from reports.models import HOUSE, ReportRun, ReportSettings
from reports.paper import html_of, pdf_of
from reports.period import Length, Period, period_of
from reports.readers import addresses, scopes
from reports.view import address
from reports.words import Words
from storage.database import Database
from storage.errors import StorageError
from storage.keeping_on import keep_on
from web.pages import Pages
from web.texts import LANGUAGES, Language

log = logging.getLogger(__name__)

LOOK_EVERY = 30.0
LEASE = timedelta(minutes=5)
"""For making one report; a process that dies loses it by time."""
TRY_AGAIN = timedelta(minutes=10)
CAUGHT_UP = {Length.day: 7, Length.week: 4, Length.month: 3}
"""How many missed ones are still of use."""
Print = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Due:
    """One report that somebody is to get. `scope`: `house` or `unit:7`."""

    period: Period
    scope: str

    @property
    def of(self) -> Scope:
        return Scope(self.period, None if self.scope == HOUSE else int(self.scope.partition(":")[2]))

    @property
    def key(self) -> str:
        return f"report:{self.period.length}:{self.period.first}:{self.scope}"


@dataclass(frozen=True, slots=True)
class Letter:
    """What each reader of one report gets."""

    subject: str
    body: str
    file: Attachment


class ReportSchedule:
    """One for each process. A row is committed before a report is made: it is one process's work, and sent once."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        pages: Pages,
        catalogue: Catalogue,
        *,
        base_url: str = "",
        printed: Print = pdf_of,
    ) -> None:
        self._db, self._now, self._pages, self._catalogue = db, now, pages, catalogue
        self._base_url, self._printed = base_url, printed
        self._name = str(uuid.uuid4())

    async def run(self) -> None:
        """Until cancelled."""
        await keep_on(self.turn, LOOK_EVERY, log, "reports")

    async def turn(self) -> int:
        """Make and post all that is due now; how many mails that were."""
        return sum([await self._send(due) for due in await self._due() if await self._claim(due)])

    async def _due(self) -> list[Due]:
        """What is over, of use, and not settled yet; the oldest first."""
        now = self._now()
        async with self._db.session() as session:
            started = update(ReportSettings).where(ReportSettings.since.is_(None)).values(since=now)
            await session.execute(started)
            await session.commit()
            since = await session.scalar(select(ReportSettings.since)) or now
            of = await scopes(session)
            settled = select(ReportRun.length, ReportRun.first, ReportRun.scope).where(ReportRun.settled.is_not(None))
            oldest = period_of(Length.month, now.date(), self._pages.zone).first - timedelta(days=100)
            done = {tuple(row) for row in await session.execute(settled.where(ReportRun.first >= oldest))}
        found = [Due(period, scope) for period in self._over(since, now) for scope in of]
        return [due for due in found if (due.period.length, due.period.first, due.scope) not in done]

    def _over(self, since: datetime, now: datetime) -> Iterator[Period]:
        today = now.astimezone(self._pages.zone).date()
        for length, most in CAUGHT_UP.items():
            period = period_of(length, today, self._pages.zone).before()
            missed: list[Period] = []
            while len(missed) < most and period.end > since:
                missed.append(period)
                period = period.before()
            yield from reversed(missed)

    async def _claim(self, due: Due) -> bool:
        """Whether it is ours to make: nobody has it, or whoever had it has not been heard of in time."""
        now = self._now()
        async with self._db.session() as session:
            insert = sqlite.insert if self._db.dialect == "sqlite" else postgresql.insert
            mine = {"worker": self._name, "lease": now + LEASE}
            values = {"length": due.period.length.value, "first": due.period.first, "scope": due.scope, **mine}
            row = insert(ReportRun).values(**values, sent=0).on_conflict_do_nothing().returning(ReportRun.id)
            taken = (await session.execute(row)).first()
            if taken is None:
                free = (*_is(due), ReportRun.settled.is_(None), ReportRun.lease <= now)
                over = update(ReportRun).where(*free).values(**mine).returning(ReportRun.id)
                taken = (await session.execute(over)).first()
            await session.commit()
        return taken is not None

    async def _send(self, due: Due) -> int:
        try:
            return await self._make(due)
        except StorageError:
            raise
        except Exception as error:  # one that cannot be made must not keep the others from their readers
            expected = isinstance(error, ReportError)
            log.log(logging.WARNING if expected else logging.ERROR, "%s: %s", due.key, error, exc_info=not expected)
            async with self._db.session() as session:
                again = {"problem": str(error)[:500], "lease": self._now() + TRY_AGAIN}
                await session.execute(update(ReportRun).where(*_is(due)).values(**again))
                await session.commit()
            return 0

    async def _make(self, due: Due) -> int:
        async with self._db.reading() as session:
            readers = await addresses(session, due.period.length, due.of.unit_id)
            report = await make(session, due.of, self._now()) if readers else None
        letter = await self._letter(due, report) if report else None
        async with self._db.session() as session:
            run = await session.scalar(select(ReportRun).where(*_is(due)).with_for_update())
            if run is None or run.settled is not None or run.worker != self._name:
                return 0  # it took so long that another process has done it
            for reader in readers:
                await self._post(session, due, letter, reader)
            run.settled, run.sent, run.problem = self._now(), len(readers), None
            await session.commit()
        return len(readers)

    async def _letter(self, due: Due, report: Report) -> Letter:
        """Turkish, with English below; on paper Turkish."""
        pdf = await self._printed(html_of(report, self._words("tr"), self._pages, self._now(), self._base_url))
        link, told = address(due.of, self._base_url), []
        for language in LANGUAGES:
            words = self._words(language)
            name, period = words.say(due.period.length), words.period(due.period)
            told.append(words.say("mail_body", whose=words.whose(report), name=name, period=period, link=link))
        words = self._words("tr")
        name = words.say(due.period.length).lower()
        subject = words.say("mail_subject", name=name, period=words.period(due.period), whose=words.whose(report))
        file = Attachment(f"alo185-{due.period.length}-{due.period.first}.pdf", "application/pdf", pdf)
        return Letter(subject, "\n\n".join(told) + "\n", file)

    async def _post(self, session: AsyncSession, due: Due, letter: Letter | None, reader: str) -> None:
        if letter:
            key = f"{due.key}:{reader}"[:120]
            files = [letter.file]
            await post_mail(session, self._now, reader, letter.subject, letter.body, key=key, attachments=files)

    def _words(self, language: Language) -> Words:
        return Words(self._pages.texts, language, self._catalogue)


def _is(due: Due) -> tuple[ColumnElement[bool], ...]:
    return (
        ReportRun.length == due.period.length.value,
        ReportRun.first == due.period.first,
        ReportRun.scope == due.scope,
    )
