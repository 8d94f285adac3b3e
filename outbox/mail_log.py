"""The mail log: what was to be sent, what mail servers answered, and another try by a person's decision."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.errors import OutboxError
from outbox.mail_models import Mail, MailAttempt
from outbox.mailer import resend
from outbox.models import State
from outbox.webhooks import Record


async def mails(
    session: AsyncSession, *, state: State | None = None, words: str = "", before: int | None = None, limit: int = 50
) -> Sequence[Mail]:
    """The newest first. `words`: in the address or the subject."""
    query = select(Mail).order_by(Mail.id.desc()).limit(limit)
    if state:
        query = query.where(Mail.state == state)
    if words:
        query = query.where(
            or_(Mail.to.icontains(words, autoescape=True), Mail.subject.contains(words, autoescape=True))
        )
    if before:
        query = query.where(Mail.id < before)
    return (await session.scalars(query)).all()


async def tries(session: AsyncSession, mails: Sequence[Mail]) -> Mapping[int, Sequence[MailAttempt]]:
    """Of each mail, the newest first."""
    found: dict[int, list[MailAttempt]] = defaultdict(list)
    ids = [mail.id for mail in mails]
    made = select(MailAttempt).where(MailAttempt.mail_id.in_(ids)).order_by(MailAttempt.number.desc())
    for attempt in await session.scalars(made):
        found[attempt.mail_id].append(attempt)
    return found


async def retry(session: AsyncSession, now: Callable[[], datetime], who: str, mail_id: int, record: Record) -> None:
    """At once: what waits need not wait longer, what was given up is tried anew. Raises `unknown_mail`."""
    mail = await session.get(Mail, mail_id, with_for_update=True)
    if mail is None or mail.state is State.delivered:
        raise OutboxError("There is no such e-mail, or it was delivered.", "unknown_mail")
    if mail.state is State.dead:
        await resend(session, mail_id, now())
    else:
        mail.due = now()
    await record(session, now, who, "mail_retried", f"mail:{mail_id}")
