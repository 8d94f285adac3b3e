"""Subscribers are found by number, telephone and name, while the database alone tells nobody who they are."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from people import audit
from storage.database import Database
from subscribers.errors import SubscriberError
from subscribers.keys import name_tokens, number_key
from subscribers.models import SubscriberName, SubscriberPhone, SubscriberRow
from subscribers.record import Subscriber
from subscribers.service import Subscribers
from tests.outage_world import Clock
from tests.subscriber_world import AYSE, AYSE_PHONE, MEHMET, SECRET, SHARED_PHONE, add_subscribers, facts


def mehmet() -> object:
    return facts(MEHMET, name="Mehmet Şükrü Yılmaz", phones=(SHARED_PHONE,), meter_point=None)


async def named(db: Database, name: str) -> list[str]:
    async with db.reading() as session:
        return [found.number for found in await Subscribers(session, Clock(), SECRET).by_name(name)]


async def test_they_are_found_by_number_however_it_is_written(db: Database) -> None:
    await add_subscribers(db, facts(), facts(MEHMET))
    async with db.reading() as session:
        service = Subscribers(session, Clock(), SECRET)
        for written in (AYSE, f"00{AYSE}", "453 21-70", "453.2170"):
            found = await service.by_number(written)
            assert found is not None
            assert (found.number, found.name, found.phones) == (AYSE, "Ayşe Yılmaz", (AYSE_PHONE,))
            assert (found.address, found.meter_point) == ("Okul Cad. 3", "S-77")
        assert await service.by_number("9999999") is None


async def test_a_telephone_leads_to_all_whom_it_belongs_to(db: Database) -> None:
    await add_subscribers(db, facts(phones=(AYSE_PHONE, SHARED_PHONE)), facts(MEHMET, phones=(SHARED_PHONE,)))
    async with db.reading() as session:
        service = Subscribers(session, Clock(), SECRET)
        assert {found.number for found in await service.by_phone(SHARED_PHONE)} == {AYSE, MEHMET}
        assert [found.number for found in await service.by_phone(AYSE_PHONE)] == [AYSE]
        assert await service.by_phone("+905550000000") == []


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("ayşe yılmaz", [AYSE]),
        ("YILMAZ", [AYSE, MEHMET]),
        ("sukru", [MEHMET]),
        ("yilmaz mehmet", [MEHMET]),
        ("yıl", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_names_are_found_by_their_words(db: Database, typed: str, numbers: list[str]) -> None:
    await add_subscribers(db, facts(), mehmet())  # type: ignore[arg-type]
    assert await named(db, typed) == numbers


async def test_a_name_that_only_shares_a_token_is_not_found(db: Database) -> None:
    """Tokens are short: the name itself has the last word."""
    await add_subscribers(db)
    async with db.session() as session:
        ayse = (await session.scalars(select(SubscriberRow))).one()
        session.add(SubscriberName(token=name_tokens("zeynep", SECRET)[0], subscriber_id=ayse.id))
        await session.commit()
    assert await named(db, "zeynep") == []


async def test_the_database_alone_tells_nothing_personal(db: Database) -> None:
    await add_subscribers(db)
    async with db.reading() as session:
        held = []
        for table in ("subscribers", "subscriber_phones", "subscriber_names"):
            held += [str(value) for row in await session.execute(text(f"SELECT * FROM {table}")) for value in row]
    for personal in (AYSE, "Yılmaz", "5321234567", "Okul", "S-77"):
        assert not [value for value in held if personal in value]


async def test_look_ups_by_number_and_telephone_are_index_hits(db: Database) -> None:
    await add_subscribers(db)
    explain = "EXPLAIN QUERY PLAN" if db.dialect == "sqlite" else "EXPLAIN"
    async with db.reading() as session:
        if db.dialect == "postgresql":
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        for table in ("subscribers", "subscriber_phones"):
            rows = await session.execute(text(f"{explain} SELECT * FROM {table} WHERE number_hash = 'x'"))
            plan = " ".join(str(value) for row in rows for value in row)
            assert "INDEX" in plan.upper()
            assert "SCAN subscr" not in plan


async def test_consents_are_kept_as_they_were_said(db: Database) -> None:
    await add_subscribers(db)
    clock = Clock()
    async with db.session() as session:
        service = Subscribers(session, clock, SECRET)
        id_ = id_of(await service.by_number(AYSE))
        for given in (True, False):
            await service.consent(id_, "sms", "outages", given=given, source="paper", who="ayse")
            clock.forward(timedelta(minutes=1))
        await session.commit()
    async with db.reading() as session:
        service = Subscribers(session, clock, SECRET)
        history = await service.consent_history(id_)
        assert [(each.given, each.source, each.who) for each in history] == [
            (True, "paper", "ayse"),
            (False, "paper", "ayse"),
        ]
        assert [each.given for each in (await service.get(id_)).consents] == [False]
        assert [entry.what for entry in await audit.entries(session)] == ["consent_withdrawn", "consent_given"]


async def test_duplicates_become_one_and_the_old_number_leads_there(db: Database) -> None:
    await add_subscribers(db, facts(), facts(MEHMET, name="A. Yılmaz", phones=(SHARED_PHONE,)))
    async with db.session() as session:
        service = Subscribers(session, Clock(), SECRET)
        duplicate = id_of(await service.by_number(MEHMET))
        await service.consent(duplicate, "call", "survey", given=True, source="phone", who="ayse")
        await service.merge(duplicate, AYSE, "ayse")
        await session.commit()
    async with db.reading() as session:
        service = Subscribers(session, Clock(), SECRET)
        found = await service.by_number(MEHMET)
        assert found is not None
        assert (found.number, set(found.phones), len(found.consents)) == (AYSE, {AYSE_PHONE, SHARED_PHONE}, 1)
        assert await named(db, "A. Yılmaz") == []
        with pytest.raises(SubscriberError):
            await service.get(duplicate)
        entry = (await audit.entries(session))[0]
        assert (entry.what, entry.detail) == ("subscriber_merged", {"into": f"subscriber:{found.id}"})


@pytest.mark.parametrize("into", [AYSE, "12345", ""])
async def test_a_record_is_not_merged_into_itself_or_nothing(db: Database, into: str) -> None:
    await add_subscribers(db)
    async with db.session() as session:
        service = Subscribers(session, Clock(), SECRET)
        with pytest.raises(SubscriberError) as refused:
            await service.merge(id_of(await service.by_number(AYSE)), into, "ayse")
    assert refused.value.code == "bad_merge_number"


async def test_who_is_erased_leaves_nothing_but_the_wish_not_to_come_back(db: Database) -> None:
    await add_subscribers(db, facts(), facts(MEHMET))
    async with db.session() as session:
        service = Subscribers(session, Clock(), SECRET)
        await service.merge(id_of(await service.by_number(MEHMET)), AYSE, "ayse")
        await service.erase(id_of(await service.by_number(AYSE)), "ayse")
        await session.commit()
    async with db.reading() as session:
        for table in (SubscriberRow, SubscriberPhone, SubscriberName):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        erased = {row[0] for row in await session.execute(text("SELECT number_hash FROM subscriber_erasures"))}
    assert erased == {number_key(AYSE, SECRET), number_key(MEHMET, SECRET)}


async def test_the_audit_log_names_no_number(db: Database) -> None:
    await add_subscribers(db)
    async with db.session() as session:
        service = Subscribers(session, Clock(), SECRET)
        known = await service.by_number(AYSE)
        assert known
        await service.seen("ayse", known, "number")
        await service.seen("ayse", Subscriber(MEHMET, None, (), None), "call")
        await service.searched("ayse", "name", 3)
        await session.commit()
    async with db.reading() as session:
        entries = await audit.entries(session)
    assert [entry.what for entry in entries] == ["subscriber_searched", "subscriber_seen", "subscriber_seen"]
    assert not [entry for entry in entries if AYSE in f"{entry.subject} {entry.detail}" or MEHMET in entry.subject]


def id_of(subscriber: Subscriber | None) -> int:
    assert subscriber is not None
    assert subscriber.id is not None
    return subscriber.id
