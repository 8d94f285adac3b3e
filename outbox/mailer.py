"""Sends the e-mail that is in the outbox, within a second of the commit, until the mail server has it."""

import asyncio
import hashlib
import logging
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.backoff import GIVE_UP, given_up, pause
from outbox.mail import CHANNEL, Attachment
from outbox.mail_models import Mail, MailAttachment, MailAttempt
from outbox.models import State
from outbox.queue import KEEP, LEASE
from outbox.smtp import Sent
from storage.database import Database
from storage.errors import StorageError
from storage.notices import Notices

log = logging.getLogger(__name__)

AT_ONCE = 10
LONGEST_PAUSE, AFTER_TROUBLE = 5.0, 2.0


class Post(Protocol):
    async def send(
        self, to: str, subject: str, body: str, message_id: str, attachments: Sequence[Attachment] = ()
    ) -> Sent: ...


class Mailer:
    """One for each process; several share the work through leases in the database."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], post: Post, chance: Callable[[], float] = random.random
    ) -> None:
        self._db, self._now, self._post, self._chance = db, now, post, chance
        self._name = str(uuid.uuid4())

    async def run(self) -> None:
        """Until cancelled. A mail in flight is then sent again when its lease is over, with the same Message-ID."""
        async with Notices(self._db, CHANNEL) as notices:
            while True:
                try:
                    sent = await self.turn()
                except (StorageError, SQLAlchemyError, OSError) as error:
                    log.warning("mail waits for the database: %s", error)
                    await asyncio.sleep(AFTER_TROUBLE)
                else:
                    if not sent:
                        await notices.next(LONGEST_PAUSE)

    async def turn(self) -> int:
        """Try to send whatever is due; returns how many were tried."""
        claimed = await self._claim()
        await asyncio.gather(*(self._work(mail) for mail in claimed))
        return len(claimed)

    async def _claim(self) -> Sequence[Mail]:
        async with self._db.session() as session:
            now = self._now()
            free = or_(Mail.leased_until.is_(None), Mail.leased_until <= now)
            query = select(Mail).where(Mail.state == State.waiting, Mail.due <= now, free).order_by(Mail.due, Mail.id)
            mails = (await session.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True))).all()
            if not mails:
                return mails
            for mail in mails:
                mail.leased_by, mail.leased_until = self._name, now + LEASE
            await session.execute(delete(Mail).where(Mail.posted < now - KEEP, Mail.state != State.waiting))
            await session.commit()
            return mails

    async def _work(self, mail: Mail) -> None:
        name = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
        attached = await self._attached(mail.id)
        sent = await self._post.send(mail.to, mail.subject, mail.body, name, attached)
        async with self._db.session() as session:
            await self._record(session, mail.id, sent)
            await session.commit()
        if not sent.delivered:
            log.info("mail %d was not sent: %s %s", mail.id, sent.status, sent.answer)

    async def _attached(self, mail_id: int) -> Sequence[Attachment]:
        query = select(MailAttachment).where(MailAttachment.mail_id == mail_id).order_by(MailAttachment.id)
        async with self._db.reading() as session:
            return [Attachment(each.name, each.kind, each.data) for each in await session.scalars(query)]

    async def _record(self, session: AsyncSession, mail_id: int, sent: Sent) -> None:
        mail, now = await session.get(Mail, mail_id, with_for_update=True), self._now()
        if mail is None or mail.state is not State.waiting:
            return
        mail.attempts += 1
        last = await session.scalar(select(func.max(MailAttempt.number)).where(MailAttempt.mail_id == mail_id))
        log_row = MailAttempt(mail_id=mail_id, number=(last or 0) + 1, at=now, status=sent.status, ms=sent.ms)
        log_row.answer = sent.answer or None
        session.add(log_row)
        mail.leased_by = mail.leased_until = None
        if sent.delivered:
            mail.state, mail.settled, mail.note = State.delivered, now, None
        elif sent.hopeless:
            mail.state, mail.settled, mail.note = State.dead, now, f"The mail server refused it: {sent.status}."
        elif given_up(mail.posted, now):
            mail.state, mail.settled = State.dead, now
            mail.note = f"Given up after {mail.attempts} attempts in {GIVE_UP // timedelta(days=1)} days."
        else:
            mail.due = now + pause(mail.attempts, self._chance)


async def resend(session: AsyncSession, mail_id: int, now: datetime) -> None:
    """Try a mail that was given up once more."""
    await session.execute(
        update(Mail).where(Mail.id == mail_id).values(state=State.waiting, due=now, posted=now, attempts=0, note=None)
    )
