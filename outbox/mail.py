"""E-mail goes into the outbox in the transaction that makes it true; a worker sends it afterwards."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outbox.errors import OutboxError
from outbox.mail_models import Mail, MailAttachment
from outbox.models import State
from outbox.service import Now
from storage.notices import tell

CHANNEL = "alo185_mail"
"""PostgreSQL notifies it with each commit that has something to send."""
LONGEST_ADDRESS, LONGEST_SUBJECT = 200, 200
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail. `kind`: its media type."""

    name: str
    kind: str
    data: bytes


async def post_mail(
    session: AsyncSession,
    now: Now,
    to: str,
    subject: str,
    body: str,
    *,
    key: str,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Send it once this is committed; the same key again sends nothing."""
    if await session.scalar(select(Mail.id).where(Mail.key == key)):
        return
    plain = " ".join("".join(c if c.isprintable() else " " for c in subject).split())[:LONGEST_SUBJECT]
    at = now()
    mail = Mail(key=key, to=checked_address(to), subject=plain, body=body, posted=at, due=at)
    mail.state, mail.attempts = State.waiting, 0
    session.add(mail)
    await session.flush()
    for each in attachments:
        session.add(MailAttachment(mail_id=mail.id, name=each.name, kind=each.kind, data=each.data))
    await tell(session, CHANNEL)


def checked_address(typed: str) -> str:
    """Raises `bad_email`. One plain address: no name, no list, nothing that could become another header."""
    address = typed.strip()
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise OutboxError("Write one e-mail address such as ekip@example.org.", "bad_email")
    return address
