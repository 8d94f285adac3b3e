"""Whatever changes what callers hear stands in the audit log, or did not happen."""

from datetime import timedelta

import pytest

from outages.errors import OutageError
from outages.phone_pages import PhonePageService
from outages.service import OutageService
from people import audit
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, add_places, fault
from tests.people_world import tamper


async def log_of(db: Database) -> list[tuple[str, str, str]]:
    async with db.reading() as session:
        return [(e.who, e.what, e.subject) for e in reversed(await audit.entries(session))]


async def test_every_change_is_told_with_who_and_why(db: Database) -> None:
    places = await add_places(db)
    clock = Clock()
    async with db.session() as session:
        service = OutageService(session, clock, "ayse")
        outage = await service.create(fault(places.yeni))
        await service.change(outage.id, expected_end=START + 9 * HOUR, reason="parça bekleniyor")
        await service.end(outage.id)
        broadcast = await service.announce("Suyu kaynatmadan içmeyin.", START + HOUR)
        await service.silence(broadcast.id)
        await service.mass_call(True, START + HOUR)
        await PhonePageService(session, clock, "api:site").change_page("info.web", "tr", "Sitemize bakın.")
        await session.commit()
    assert await log_of(db) == [
        ("ayse", "outage_created", f"outage:{outage.id}"),
        ("ayse", "outage_changed", f"outage:{outage.id}"),
        ("ayse", "outage_restored", f"outage:{outage.id}"),
        ("ayse", "broadcast_made", f"broadcast:{broadcast.id}"),
        ("ayse", "broadcast_ended", f"broadcast:{broadcast.id}"),
        ("ayse", "mass_call_on", "mass-call"),
        ("api:site", "page_written", "page:info.web:tr"),
    ]
    async with db.reading() as session:
        changed = (await audit.search(session, what="outage_changed"))[0]
        assert changed.detail["reason"] == "parça bekleniyor"
        assert set(changed.detail["changes"]) == {"expected_end"}
        assert (await audit.verify(session)).ok


async def test_what_was_refused_or_given_up_leaves_no_entry(db: Database) -> None:
    places = await add_places(db)
    async with db.session() as session:
        service = OutageService(session, Clock(), "ayse")
        await service.create(fault(places.yeni))
        with pytest.raises(OutageError):
            await service.announce("Su yok.", START - timedelta(minutes=1))
    assert await log_of(db) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET who = 'veli' WHERE what = 'outage_created'",
        "UPDATE audit_log SET detail = '{}' WHERE what = 'outage_created'",
        "DELETE FROM audit_log WHERE what = 'outage_created'",
    ],
)
async def test_tampering_with_a_published_outages_entry_is_found(db: Database, statement: str) -> None:
    places = await add_places(db)
    async with db.session() as session:
        service = OutageService(session, Clock(), "ayse")
        outage = await service.create(fault(places.yeni))
        await service.end(outage.id)
        await session.commit()
    await tamper(db, statement)
    async with db.reading() as session:
        verdict = await audit.verify(session)
    assert (verdict.ok, verdict.entry) == (False, 1)
