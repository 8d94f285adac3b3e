"""The dialler's page, its emergency stop, the history of all calls, the numbers that are not called, the mail log."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from dialling.kinds import Outcome, Verdict, Why
from dialling.rules import Lines
from dialling.service import CallBacks, Wanted
from outbox.mail import post_mail
from outbox.mail_models import Mail
from outbox.mailer import Mailer
from outbox.models import State
from outbox.smtp import Sent
from people.models import AuditEntry
from people.roles import Role
from storage.database import Database
from tests.calling_world import CITIZEN, NEIGHBOUR, RULES, CallRoom
from tests.console_world import ConsoleWorld, console_world

DIALLER = "/console/dialler"
SHOWN = "0532 123 45 67"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
def room(world: ConsoleWorld) -> CallRoom:
    return CallRoom(world.office.db, world.clock)


class Centre:
    """As `ivr.calling.centre.CallingCentre` looks to pages."""

    rules = RULES
    lines = Lines(channels=30, reserved=0.5, at_once=10)
    per_second = 2.0

    def in_use(self) -> int:
        return 7


async def audited(world: ConsoleWorld, what: str) -> list[tuple[str, str]]:
    async with world.office.db.reading() as session:
        found = await session.scalars(select(AuditEntry).where(AuditEntry.what == what))
        return [(entry.who, entry.subject) for entry in found]


async def test_the_emergency_stop_holds_for_every_dialler_and_shows_on_every_page(
    world: ConsoleWorld, room: CallRoom
) -> None:
    await room.ask()
    async with world.browser(Role.operator, "ayse") as browser:
        stopped = await browser.submit(f"{DIALLER}/stop", note="Yanlış duyuru")
        assert stopped.headers["location"] == f"{DIALLER}?done=dialler_stopped"
        await browser.submit(f"{DIALLER}/stop", note="Bir daha")
        for path in ("/console", "/console/tickets", "/console/alerts"):
            page = (await browser.open(path)).text
            assert "bütün aramalar durduruldu" in page
            assert "Yanlış duyuru" in page
        assert (await browser.submit(f"{DIALLER}/resume")).status_code == 403
    assert await room.dialler().round() == 0
    assert room.trunk.rings == []
    async with world.browser(Role.publisher, "mehmet") as browser:
        await browser.submit(f"{DIALLER}/resume")
        assert "durduruldu" not in (await browser.open("/console")).text
    assert await room.dialler().round() == 1
    assert await audited(world, "dialler_stopped") == [("ayse", "dialler")]
    assert await audited(world, "dialler_resumed") == [("mehmet", "dialler")]


async def test_stopping_between_claim_and_dialling_rings_nobody(world: ConsoleWorld, room: CallRoom) -> None:
    first, second = await room.ask(), await room.ask("26-000002", NEIGHBOUR)

    class StopsAfterOne:
        """The trunk of a machine whose people press the button during the round."""

        name = "PJSIP/{number}@carrier"

        async def place(self, ring: object) -> None:
            room.trunk.rings.append(ring)  # type: ignore[arg-type]
            async with world.browser(Role.operator) as browser:
                await browser.submit(f"{DIALLER}/stop")

    dialler = room.dialler()
    dialler.__dict__["_trunk"] = StopsAfterOne()
    assert await dialler.round() == 1
    assert len(room.trunk.rings) == 1
    states = {(await room.call(call)).state for call in (first, second)}
    assert states == {"dialling", "claimed"}


async def test_the_page_tells_what_runs_and_what_may_run(world: ConsoleWorld, room: CallRoom) -> None:
    object.__setattr__(world.office, "calling", Centre())
    await room.ask()
    await room.ask("26-000002", NEIGHBOUR, Why.ticket_check)
    await room.dialler().round()
    await room.talk(room.trunk.rings[0].token, Verdict.solved)
    async with world.browser(Role.operator) as browser:
        page = (await browser.open(DIALLER)).text
        assert "8 dolu · 15 arayanlara ayrılmış · 30 toplam" in page
        assert "09:00–20:00" in page
        assert "26-000002" in page
        for word in ("Görüşüldü", "Arıza giderildi mi", "Toplam"):
            assert word in page
        object.__setattr__(world.office, "calling", None)
        assert "Kendiliğinden arama kapalı" in (await browser.open(DIALLER)).text


async def test_attempts_are_found_by_number_reason_outcome_and_day(world: ConsoleWorld) -> None:
    room = CallRoom(world.office.db, world.clock)
    secret = world.office.tickets.secret
    async with world.office.db.session() as session:
        for why, subject, number in (
            (Why.ticket_check, "26-000001", CITIZEN),
            (Why.restoration, "17", NEIGHBOUR),
        ):
            await CallBacks(session, world.clock, secret).ask(Wanted(why, subject, number))
        await session.commit()
    await room.dialler().round()
    await room.talk(room.trunk.rings[0].token, Verdict.solved)
    await room.report(room.trunk.rings[1].token, Outcome.busy, 17)
    history = f"{DIALLER}/history"
    async with world.browser(Role.operator) as browser:
        for query, ticket, outage in (
            ({}, True, True),
            ({"number": SHOWN}, True, False),
            ({"why": "restoration"}, False, True),
            ({"outcome": "busy"}, False, True),
            ({"since": "2026-11-25", "until": "2026-11-25"}, True, True),
            ({"since": "2026-11-26"}, False, False),
        ):
            page = (await browser.open(history, **query)).text
            assert ("/calls-back/26-000001" in page, "/console/outages/17" in page) == (ticket, outage), query
        assert "5321234567" not in page
        assert (await browser.open(history, number="abc")).status_code == 422


async def test_a_number_is_put_on_the_list_and_taken_off(world: ConsoleWorld) -> None:
    path = f"{DIALLER}/opt-outs"
    async with world.browser(Role.operator, "ayse") as browser:
        added = await browser.submit(path, number=SHOWN, note="Dilekçe 12")
        assert added.headers["location"] == f"{path}?done=opt_out_added"
        page = (await browser.open(path, number=SHOWN)).text
        assert "Dilekçe 12" in page
        assert "532" not in page.replace(SHOWN, "")
        mark = page.split("/opt-outs/")[1].split("/")[0]
        assert "Listede numara yok" in (await browser.open(path, number="0533 999 88 77")).text
        assert (await browser.submit(path, number="+49 151 12345678")).status_code == 422
        await browser.submit(f"{path}/{mark}/remove")
        assert "Listede numara yok" in (await browser.open(path)).text
        assert (await browser.submit(f"{path}/{mark}/remove")).status_code == 422
    assert await audited(world, "opt_out_added") == [("ayse", "number:67")]
    assert await audited(world, "opt_out_removed") == [("ayse", f"number:{mark[:8]}")]


class Refusing:
    """A mail server that knows nobody."""

    answer = Sent(550, 12, "no such mailbox")

    async def send(self, to: str, subject: str, body: str, message_id: str, attachments: object = ()) -> Sent:
        return self.answer


async def test_mail_that_was_refused_is_shown_and_tried_again(world: ConsoleWorld) -> None:
    async with world.office.db.session() as session:
        await post_mail(session, world.clock, "ekip@example.org", "Yeni kayıt", "https://x/onay?t=secret", key="k")
        await session.commit()
    post = Refusing()
    mailer = Mailer(world.office.db, world.clock, post)
    await mailer.turn()
    path = "/console/system/mail"
    async with world.browser(Role.administrator, "yonetici") as browser:
        page = (await browser.open(path, state="dead", q="EKIP@")).text
        for shown in ("ekip@example.org", "Yeni kayıt", "vazgeçildi", "550", "no such mailbox"):
            assert shown in page
        assert "secret" not in page
        assert "ekip@" not in (await browser.open(path, state="waiting")).text
        assert "ekip@" not in (await browser.open(path, q="yok")).text
        again = await browser.submit(f"{path}/1/again")
        assert again.headers["location"] == f"{path}?done=mail_again"
        post.answer = replace(post.answer, status=250)
        await mailer.turn()
        assert "ulaştı" in (await browser.open(path)).text
        assert (await browser.submit(f"{path}/1/again")).status_code == 422
        assert (await browser.submit(f"{path}/77/again")).status_code == 422
    async with world.office.db.reading() as session:
        assert await session.scalar(select(Mail.state)) is State.delivered
    assert await audited(world, "mail_retried") == [("yonetici", "mail:1")]
