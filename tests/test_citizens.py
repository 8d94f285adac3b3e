"""One person over all rooms: every contact on one line, all that is held given out, and all of it forgotten."""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from agents.keeping import Keeping
from agents.models import CallRecording, Contact
from calls.journal import Heard, Journal, Outcome, Pressed
from calls.memory import CallerMemory
from calls.records import CallRecords
from citizens import export
from citizens.erasure import Erased, Eraser
from citizens.timeline import timeline
from citizens.whose import Citizen, Secrets, whose
from dialling.kinds import Why
from dialling.models import CallAttempt, OutboundCall
from dialling.service import CallBacks, Wanted
from notices.service import NoticeService
from people import audit
from storage.base import Base
from storage.database import Database
from storage.types import use_key
from subscribers.directory import Directory
from subscribers.errors import SubscriberError
from subscribers.service import Subscribers
from tests.outage_world import Clock, add_places
from tests.people_world import add_person
from tests.subscriber_world import AYSE, AYSE_PHONE, SECRET, add_subscribers, facts
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.privacy import Forgetting, pseudonym
from tickets.voices import Voices

NOTICES = "another secret of the tests"
SECRETS = Secrets(SECRET, NOTICES)
OTHER = "+905329999999"


@dataclass
class World:
    db: Database
    clock: Clock
    folder: Path
    records: CallRecords

    async def citizen(self, written: str = AYSE) -> Citizen:
        async with self.db.reading() as session:
            return await whose(Subscribers(session, self.clock, SECRET), written)

    async def held(self, citizen: Citizen) -> export.Held:
        async with self.db.reading() as session:
            return await export.held(session, citizen, SECRETS, Subscribers(session, self.clock, SECRET))

    @property
    def eraser(self) -> Eraser:
        forgetting = Forgetting(self.db, self.clock, Voices(self.folder))
        talks = Keeping(self.db, self.clock, self.folder)
        return Eraser(self.db, self.clock, SECRETS, self.records, forgetting, talks)


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> World:
    """Somebody who has met the utility in every way, and somebody else who has too."""
    use_key("a key of the tests")
    clock = Clock()
    places = await add_places(db)
    made = World(db, clock, tmp_path, CallRecords(db, clock, secret=SECRET))
    await add_subscribers(
        db, facts(area_id=places.yeni), facts("9999999", name="Başka Biri", phones=(OTHER,), meter_point=None)
    )
    for phone in (AYSE_PHONE, OTHER):
        await _meets(made, phone, places.yeni)
    async with db.session() as session:
        service = Subscribers(session, clock, SECRET)
        await service.consent(1, "sms", "outages", given=True, source="paper", who="ayse")
        known = await service.get(1)
        await service.seen("mehmet", known, "number")
        await session.commit()
    return made


async def _meets(world: World, phone: str, area: int) -> None:
    journal = Journal(f"call-{phone[-4:]}", phone, world.clock(), "ari", outcome=Outcome.served, area_id=area)
    journal.heard.append(Heard(world.clock(), "welcome.short", "Hoş geldiniz."))
    journal.pressed.append(Pressed(world.clock(), "1"))
    journal.ended = world.clock()
    await world.records.save(journal)
    await CallerMemory(world.db, SECRET, world.clock).remember(phone, area)
    voice = f"{phone[-4:]}.wav"
    (world.folder / voice).write_bytes(b"RIFF a voice")
    async with world.db.session() as session:
        words = {"address": "Okul Cad. 3", "told": "=Su akıyor", "caller_name": "Ayşe Yılmaz"}
        submission = Submission(
            Channel.web, f"form-{phone[-4:]}", Category.leak, area_id=area, callback_number=phone, voice=voice, **words
        )
        await take(session, world.clock(), submission, who="web", secret=SECRET)
        await CallBacks(session, world.clock, SECRET).ask(Wanted(Why.restoration, "1", phone))
        notices = NoticeService(session, world.clock, NOTICES)
        await notices.ask(phone, area, way="sms", language="tr", source="web")
        await session.commit()
    await _talks_with_an_agent(world, phone)
    async with world.db.session() as session:
        calls = await session.scalars(select(OutboundCall).order_by(OutboundCall.id.desc()).limit(1))
        call = calls.one()
        attempt = CallAttempt(outbound_id=call.id, token=phone[-4:], number_hash=call.number_hash, why=call.why)
        attempt.worker, attempt.trunk, attempt.at, attempt.outcome = "w", "t", world.clock(), "busy"
        attempt.heard, attempt.keys = "[]", "[]"
        session.add(attempt)
        await session.commit()
    world.clock.forward(timedelta(minutes=1))


async def _talks_with_an_agent(world: World, phone: str) -> None:
    """Recorded on a supervisor's request."""
    sound = f"1-{phone[-4:]:0>16}.wav"
    (world.folder / sound).write_bytes(b"RIFF a talk")
    agent = await add_person(world.db, f"agent{phone[-4:]}")
    async with world.db.session() as session:
        talk = Contact(leg=phone[-4:], user_id=agent.id, queue="q", caller="c", language="tr", waited=3.0)
        talk.number, talk.number_hash, talk.note = phone, pseudonym(phone, SECRET), "Ayşe Yılmaz aradı"
        talk.rang = world.clock()
        session.add(talk)
        await session.flush()
        session.add(CallRecording(contact_id=talk.id, asked_by="amir", at=world.clock(), stored=sound))
        await session.commit()


async def test_every_contact_is_on_one_line_the_newest_first(world: World) -> None:
    citizen = await world.citizen()
    async with world.db.reading() as session:
        consents = await Subscribers(session, world.clock, SECRET).consent_history(1)
        line = await timeline(session, citizen, SECRETS, consents)
    assert {contact.kind for contact in line} == {
        "call",
        "talk",
        "ticket_opened",
        "called",
        "will_be_called",
        "notice",
        "remembered",
        "consent_given",
    }
    assert [contact.at for contact in line] == sorted((contact.at for contact in line), reverse=True)
    assert next(contact for contact in line if contact.kind == "call").about["outcome"] == "served"


async def test_all_that_is_held_is_given_out(world: World) -> None:
    found = await world.held(await world.citizen())
    counts = {section: len(rows) for section, rows in found.items()}
    assert counts | {"ticket_history": 1} == {
        "subscriber": 1,
        "consents": 1,
        "calls": 1,
        "talks": 1,
        "recorded_talks": 1,
        "tickets": 1,
        "ticket_history": 1,
        "ticket_notes": 0,
        "recordings": 1,
        "calls_to_them": 1,
        "attempts_to_call": 1,
        "notices": 1,
        "remembered_area": 1,
        "wants_no_calls": 0,
        "who_looked": 2,
    }
    told = json.loads(export.as_json(found))
    assert told["subscriber"][0]["name"] == "Ayşe Yılmaz"
    assert told["calls"][0]["heard"] == [[0.0, "welcome.short", "Hoş geldiniz.", False]]
    assert told["tickets"][0]["callback_number"] == AYSE_PHONE
    assert {look["who"] for look in told["who_looked"]} == {"mehmet", "ayse"}
    assert OTHER not in export.as_json(found).decode()


async def test_the_archive_holds_tables_and_voices(world: World) -> None:
    packed = export.as_zip(await world.held(await world.citizen()), world.folder)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        assert {"everything.json", "tickets.csv", "calls.csv", "recordings/4567.wav"} <= names
        assert archive.read("recordings/4567.wav") == b"RIFF a voice"
        tickets = archive.read("tickets.csv").decode("utf-8-sig")
    assert "'=Su akıyor" in tickets, "no cell calculates"


async def test_giving_out_is_kept_without_what_was_given(world: World) -> None:
    citizen = await world.citizen()
    found = await world.held(citizen)
    async with world.db.session() as session:
        await export.note(session, world.clock, "ayse", citizen.subject(SECRETS), found)
        await session.commit()
    async with world.db.reading() as session:
        entry = (await audit.entries(session))[0]
    assert (entry.what, entry.subject) == ("person_exported", "subscriber:1")
    assert entry.detail["counts"]["calls"] == 1


async def everything(db: Database) -> str:
    """All that the database holds, with what is sealed opened."""
    told = []
    async with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            told += [repr(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(told)


async def test_who_is_erased_is_nowhere_any_more(world: World) -> None:
    done = await world.eraser.erase(await world.citizen(), "ayse")
    assert done == Erased(1, 1, 1, 1, 1, 1, 1)
    left = await everything(world.db)
    personal = (AYSE, AYSE_PHONE, AYSE_PHONE[3:], "S-77", *Citizen((AYSE_PHONE,)).callers(SECRETS))
    assert [each for each in personal if each in left.replace("9999999", "")] == []
    assert left.count("Ayşe Yılmaz") == 2, "the other person's ticket and talk name the same caller"
    assert not (world.folder / "4567.wav").exists()
    assert not (world.folder / "1-0000000000004567.wav").exists()
    assert (world.folder / "1-0000000000009999.wav").exists()
    assert (world.folder / "9999.wav").exists()
    with pytest.raises(SubscriberError):
        await world.citizen()


async def test_other_people_keep_what_is_theirs(world: World) -> None:
    before = await world.held(await world.citizen("9999999"))
    await world.eraser.erase(await world.citizen(), "ayse")
    after = await world.held(await world.citizen("9999999"))
    assert after == before


async def test_erasing_again_finds_nothing_and_a_caller_without_a_record_can_be_erased(world: World) -> None:
    await world.eraser.erase(await world.citizen(), "ayse")
    by_phone = await world.citizen("0532 123 45 67")
    assert by_phone.subscriber is None
    again = await world.eraser.erase(by_phone, "ayse")
    assert again == Erased()
    async with world.db.reading() as session:
        entries = [entry for entry in await audit.entries(session) if entry.what == "person_erased"]
    assert [entry.subject[:7] for entry in entries] == ["caller:", "subscri"]
    assert "532" not in entries[0].subject[:10]


async def test_a_call_that_was_promised_is_not_made(world: World) -> None:
    await world.eraser.erase(await world.citizen(), "ayse")
    async with world.db.reading() as session:
        states = (await session.execute(text("SELECT state FROM outbound_calls ORDER BY id"))).scalars().all()
    assert states == ["cancelled", "waiting"]


async def test_the_line_does_not_know_them_any_more(world: World) -> None:
    directory = Directory(world.db, world.clock, SECRET)
    assert await directory.area_of_phone(AYSE_PHONE) is not None
    await world.eraser.erase(await world.citizen(), "ayse")
    assert await directory.area_of_phone(AYSE_PHONE) is None
    assert await directory.area_of_number(AYSE, None) is None


@pytest.mark.parametrize("written", ["", "abc", "12", "1234567"])
async def test_nobody_is_nobody(world: World, written: str) -> None:
    with pytest.raises(SubscriberError):
        await world.citizen(written)
