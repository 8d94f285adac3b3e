"""Mail reaches a real mail server once, waits while there is none, and is given up when it is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import select

from outbox.errors import OutboxError
from outbox.mail import checked_address, post_mail
from outbox.mail_models import Mail, MailAttempt
from outbox.mailer import Mailer
from outbox.models import State
from outbox.smtp import MailServer, Sent, SmtpPost
from storage.database import Database
from storage.types import use_key
from tests.outage_world import Clock


class Inbox:
    """Keeps what comes; answers as it is told first."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answers: list[str] = []
        self.arrived = asyncio.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        self.received.append(message)
        self.arrived.set()
        return "250 taken"


@asynccontextmanager
async def mail_server(inbox: Inbox) -> AsyncIterator[SmtpPost]:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(inbox, enable_SMTPUTF8=True), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield SmtpPost(MailServer("127.0.0.1", port, "alo185@example.org", "none"), seconds=5)


@pytest.fixture
def clock() -> Clock:
    use_key("a key for tests, long enough")
    return Clock()


async def post(db: Database, clock: Clock, key: str = "1", to: str = "ekip@example.org") -> None:
    async with db.session() as session:
        await post_mail(session, clock, to, "Yeni kayıt: Çayırova\nBcc: x@example.org", "Şişe Sk.", key=key)
        await session.commit()


async def kept(db: Database) -> tuple[Mail, list[int | None]]:
    async with db.reading() as session:
        mail = (await session.scalars(select(Mail))).one()
        tries = await session.scalars(select(MailAttempt.status).order_by(MailAttempt.number))
        return mail, list(tries)


async def test_turkish_mail_arrives_once_and_is_logged(db: Database, clock: Clock) -> None:
    inbox = Inbox()
    async with mail_server(inbox) as server:
        mailer = Mailer(db, clock, server)
        await post(db, clock)
        await post(db, clock)  # the same again
        assert [await mailer.turn(), await mailer.turn()] == [1, 0]
    (message,) = inbox.received
    assert (message["To"], message["From"], message["Bcc"]) == ("ekip@example.org", "alo185@example.org", None)
    assert message["Subject"] == "Yeni kayıt: Çayırova Bcc: x@example.org"
    assert message.get_content().strip() == "Şişe Sk."
    mail, tries = await kept(db)
    assert (mail.state, tries, mail.leased_by) == (State.delivered, [250], None)


async def test_a_busy_server_is_tried_again_later_with_the_same_message_id(db: Database, clock: Clock) -> None:
    inbox = Inbox()
    inbox.answers = ["451 come back later"]
    async with mail_server(inbox) as server:
        mailer = Mailer(db, clock, server, chance=lambda: 0.5)
        await post(db, clock)
        assert [await mailer.turn(), await mailer.turn()] == [1, 0]
        clock.forward(timedelta(seconds=6))
        assert await mailer.turn() == 1
    assert (await kept(db))[1] == [451, 250]
    assert len(inbox.received) == 1


async def test_mail_waits_while_there_is_no_server_and_is_given_up_after_three_days(db: Database, clock: Clock) -> None:
    nowhere = SmtpPost(MailServer("127.0.0.1", 1, "alo185@example.org", "none"), seconds=1)
    mailer = Mailer(db, clock, nowhere)
    await post(db, clock)
    await mailer.turn()
    mail, tries = await kept(db)
    assert (mail.state, tries) == (State.waiting, [None])
    clock.forward(timedelta(days=3))
    await mailer.turn()
    assert (await kept(db))[0].state is State.dead


async def test_what_a_server_refuses_for_ever_is_not_tried_again(db: Database, clock: Clock) -> None:
    inbox = Inbox()
    inbox.answers = ["550 no such box"]
    async with mail_server(inbox) as server:
        mailer = Mailer(db, clock, server)
        await post(db, clock)
        await mailer.turn()
    mail, _ = await kept(db)
    assert (mail.state, mail.note) == (State.dead, "The mail server refused it: 550.")


class Dying:
    """A process that is killed while it sends."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def send(self, to: str, subject: str, body: str, message_id: str, attachments: object = ()) -> Sent:
        self.began.set()
        await asyncio.Event().wait()
        raise AssertionError


class Counting:
    def __init__(self) -> None:
        self.ids: list[str] = []

    async def send(self, to: str, subject: str, body: str, message_id: str, attachments: object = ()) -> Sent:
        self.ids.append(message_id)
        return Sent(250, 1)


async def test_the_mail_of_a_process_that_died_is_sent_by_another_when_its_lease_is_over(
    db: Database, clock: Clock
) -> None:
    dying, other = Dying(), Counting()
    await post(db, clock)
    first = asyncio.create_task(Mailer(db, clock, dying).turn())
    await dying.began.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = Mailer(db, clock, other)
    assert await second.turn() == 0
    clock.forward(timedelta(seconds=61))
    assert await second.turn() == 1
    assert len(other.ids) == 1


async def test_two_processes_send_each_mail_once(db: Database, clock: Clock) -> None:
    counting = Counting()
    for key in range(20):
        await post(db, clock, str(key))
    mailers = [Mailer(db, clock, counting) for _ in range(4)]
    await asyncio.gather(*(mailer.turn() for mailer in mailers))
    await asyncio.gather(*(mailer.turn() for mailer in mailers))
    assert len(counting.ids) == len(set(counting.ids)) == 20


@pytest.mark.parametrize(
    "typed", ["", "x", "a@b\nBcc: c@d", "a@b, c@d", "Ekip <a@b.org>", "a b@c.org", "a@" + "x" * 300, "a@b..org"]
)
def test_only_one_plain_address_is_taken(typed: str) -> None:
    with pytest.raises(OutboxError) as refused:
        checked_address(typed)
    assert refused.value.code == "bad_email"
