"""All that follows tickets to their end, put together from the settings."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.calling.following import AskedByCall, AskedByPeople
from ivr.calling.noticing import Noticing
from ivr.calling.promising import Promises
from ivr.calling.restoring import Restoring
from ivr.calling.ruling import rules_of
from ivr.settings import Settings
from outbox.mailer import Mailer
from outbox.smtp import MailServer, SmtpPost
from storage.database import Database
from tickets.files import Files
from tickets.parts import TicketParts
from tickets.privacy import Forgetting
from tickets.service import TicketService
from tickets.telling import Teller
from tickets.watch import TicketWatch


class Following:
    """`secret`: of callers' pseudonyms."""

    def __init__(self, settings: Settings, db: Database, now: Callable[[], datetime], secret: str) -> None:
        self._settings, self._db, self._now = settings, db, now
        self.by_phone = TicketService(db, settings.tickets, now, secret)
        files = Files(settings.tickets)
        self._forgetting = Forgetting(db, now, files.voices)
        teller = Teller(
            now,
            ZoneInfo(settings.timezone),
            base_url=settings.public_address,
            mail=settings.smtp_host is not None,
            show_numbers=settings.ticket_numbers_in_messages,
            asking=AskedByCall(now, secret) if settings.call_backs else AskedByPeople(now, secret),
        )
        self.parts = TicketParts(teller, files, secret)
        self.promises = Promises(db, now, secret) if settings.call_backs else None
        self._restoring = Restoring(db, now, secret) if settings.call_backs else None
        before, rules = timedelta(hours=settings.notice_call_hours), rules_of(settings)
        self._noticing = Noticing(db, now, secret, rules, before) if settings.call_backs else None

    def workers(self) -> Iterator[Awaitable[None]]:
        """What runs as long as the service."""
        yield TicketWatch(self._db, self.parts.teller).run()
        if self._restoring:
            yield self._restoring.run()
        if self._noticing:
            yield self._noticing.run()
        if post := mail_server(self._settings):
            yield Mailer(self._db, self._now, post).run()

    async def purge(self) -> int:
        """Forget who reported what was closed long ago."""
        await self._forgetting.know_callers(self.parts.secret)
        return await self._forgetting.purge(timedelta(days=self._settings.ticket_days))


def mail_server(settings: Settings) -> SmtpPost | None:
    """None where none is set."""
    if settings.smtp_host is None:
        return None
    password = settings.given_secret("smtp-password")
    told = (settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_security, settings.smtp_user)
    return SmtpPost(MailServer(*told, password))
