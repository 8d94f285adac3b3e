"""A file is looked at row by row before anything is saved, and just what was looked at is saved."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from outages.area_import import apply_areas
from outages.gazetteer import read_areas_csv
from outages.importer import ChangedMeanwhile, ImportPreview, ImportReport, import_outages, preview
from outages.life import Life
from outages.models import Outage
from outages.rows import read_outages
from outages.service import OutageService
from storage.database import Database

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
HEADER = "id;ilçe;mahalle;tür;başlangıç;öngörü;durum;sokaklar;duyuru"
AREAS = "ilçe;mahalle\nGebze;Barış\nGebze;Yenikent\nDarıca;Emek\n"
BURST = "7;Gebze;Barış;arıza;25.11.2026 09:00;17:00;;;"
WORK = "8;Darıca;;planlı;26.11.2026 09:00;3 saat;;;"


@pytest.fixture(autouse=True)
async def known_areas(db: Database) -> None:
    await apply_areas(db, read_areas_csv(AREAS.encode()))


def file(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


async def look(db: Database, *rows: str) -> ImportPreview:
    return await preview(db, read_outages(file(*rows)), now=lambda: NOW)


async def bring(db: Database, *rows: str, expect: str | None = None, review: bool = False) -> ImportReport:
    return await import_outages(
        db, read_outages(file(*rows)), actor="scada", now=lambda: NOW, expect=expect, review_planned=review
    )


async def count(db: Database) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(Outage)) or 0


async def test_every_row_is_told_new_changed_same_or_bad(db: Database) -> None:
    await bring(db, BURST, WORK)
    seen = await look(
        db,
        BURST,
        WORK.replace("3 saat", "5 saat"),
        "9;Gebze;Yenikent;arıza;25.11.2026 09:00;;;;",
        "10;Gebze;Yokköy;arıza;25.11.2026 09:00;;;;",
        "11;Gebze;Barış;şaka;dün;;;;",
        "12;Gebze;Barış;arıza;25.11.2026 09:00;25.11.2026 08:00;;;",
    )
    assert [(row.line, row.what) for row in seen.rows] == [
        (2, "same"),
        (3, "changed"),
        (4, "new"),
        (5, "bad"),
        (6, "bad"),
        (7, "bad"),
    ]
    changed = seen.rows[1].differences
    assert changed == {"expected_end": ["2026-11-26T09:00:00+00:00", "2026-11-26T11:00:00+00:00"]}
    assert [len(row.errors) for row in seen.rows] == [0, 0, 0, 1, 2, 1]
    assert "Yokköy" in seen.rows[3].errors[0].reason
    assert [seen.count(what) for what in ("new", "changed", "same", "bad")] == [1, 1, 1, 3]
    assert await count(db) == 2


async def test_what_was_looked_at_is_what_is_saved(db: Database) -> None:
    seen = await look(db, BURST, WORK)
    assert await count(db) == 0
    report = await bring(db, BURST, WORK, expect=seen.digest)
    assert (report.added, report.changed, report.errors) == (2, 0, ())
    again = await look(db, BURST, WORK)
    assert (await bring(db, BURST, WORK, expect=again.digest)).unchanged == 2


async def test_another_file_is_not_what_was_looked_at(db: Database) -> None:
    seen = await look(db, BURST)
    for other in ((WORK,), (BURST, WORK), (BURST.replace("17:00", "18:00"),)):
        with pytest.raises(ChangedMeanwhile):
            await bring(db, *other, expect=seen.digest)
    assert await count(db) == 0


async def test_an_outage_that_changed_since_is_not_what_was_looked_at(db: Database) -> None:
    await bring(db, BURST)
    seen = await look(db, BURST.replace("17:00", "18:00"))
    async with db.session() as session:
        service = OutageService(session, lambda: NOW, "ayse")
        (held,) = await session.scalars(select(Outage))
        await service.change(held.id, crew="on_site")
        await session.commit()
    with pytest.raises(ChangedMeanwhile):
        await bring(db, BURST.replace("17:00", "18:00"), expect=seen.digest)


async def test_time_that_passes_changes_nothing_of_what_was_looked_at(db: Database) -> None:
    await bring(db, BURST)
    restored = BURST.replace("17:00;;", "17:00;giderildi;")
    seen = await look(db, restored)
    later = read_outages(file(restored))
    report = await import_outages(db, later, actor="scada", now=lambda: NOW + timedelta(minutes=5), expect=seen.digest)
    assert report.changed == 1


async def test_rows_of_one_outage_may_name_other_streets(db: Database) -> None:
    rows = (
        "7;Gebze;Barış;arıza;25.11.2026 09:00;17:00;;Okul Sk.;",
        "7;Gebze;Yenikent;arıza;25.11.2026 09:00;17:00;;Gül Sk.;",
    )
    assert (await bring(db, *rows)).added == 1
    async with db.reading() as session:
        (held,) = await session.scalars(select(Outage))
    assert sorted(place.streets or "" for place in held.places) == ["Gül Sk.", "Okul Sk."]
    assert (await bring(db, *rows)).unchanged == 1


async def test_where_planned_work_is_reviewed_a_file_is_no_way_around(db: Database) -> None:
    report = await bring(db, BURST, WORK, review=True)
    assert report.added == 2
    async with db.reading() as session:
        held = {outage.external_id: outage for outage in await session.scalars(select(Outage))}
    assert (held["7"].life, held["8"].life, held["8"].submitted_by) == (Life.active, Life.draft, "scada")
    assert (await bring(db, BURST, WORK, review=True)).unchanged == 2
