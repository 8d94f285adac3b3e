"""Outages of files into the database: all or nothing, and a second time nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from outages.area_import import apply_areas
from outages.gazetteer import read_areas_csv
from outages.importer import MOST_WRITTEN, ChangedMeanwhile, ImportReport, TooMuchAtOnce, import_outages, read_outages
from outages.models import Area, BoardState, Outage, OutageRevision
from outages.service import OutageService
from storage.database import Database

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
"""13:00 in Istanbul."""
HEADER = "id;ilçe;mahalle;tür;başlangıç;öngörü;durum;giderilme;güncelleme"
AREAS = """ilçe;mahalle;eski adı;birleştiği
Gebze;Barış;;
Gebze;Yenikent;;
Gebze;Cumhuriyet;;
Darıca;Cumhuriyet;;
Darıca;Emek;;
Darıca;Yeni;;
"""
BURST = "7;Gebze;Barış;arıza;25.11.2026 09:00;17:00;;;"
WORK = "8;Darıca;;planlı;26.11.2026 09:00;3 saat;;;"


@pytest.fixture(autouse=True)
async def known_areas(db: Database) -> None:
    await apply_areas(db, read_areas_csv(AREAS.encode()))


async def bring(db: Database, *rows: str, now: datetime = NOW) -> ImportReport:
    parsed = read_outages("\n".join([HEADER, *rows]).encode())
    return await import_outages(db, parsed, actor="scada", now=lambda: now)


async def outage(db: Database, external_id: str) -> Outage:
    async with db.reading() as session:
        return (await session.scalars(select(Outage).where(Outage.external_id == external_id))).one()


async def history(db: Database, external_id: str) -> list[str]:
    async with db.reading() as session:
        query = select(OutageRevision.what).join(Outage, Outage.id == OutageRevision.outage_id)
        return list(
            await session.scalars(query.where(Outage.external_id == external_id).order_by(OutageRevision.number))
        )


async def version(db: Database) -> int:
    async with db.reading() as session:
        return (await session.scalars(select(BoardState.version))).one()


def counts(report: ImportReport) -> tuple[int, int, int]:
    assert not report.errors
    return report.added, report.changed, report.unchanged


async def test_a_file_is_imported_once_and_a_re_run_changes_nothing(db: Database) -> None:
    assert counts(await bring(db, BURST, WORK)) == (2, 0, 0)
    told = await version(db)
    assert counts(await bring(db, WORK, BURST, now=NOW + timedelta(hours=1))) == (0, 0, 2)
    assert await version(db) == told
    burst, work = await outage(db, "7"), await outage(db, "8")
    assert (burst.life, burst.source, burst.cause) == ("active", "import", "unknown")
    assert (work.life, work.kind, work.cause) == ("scheduled", "planned", "maintenance")
    assert burst.expected_end == datetime(2026, 11, 25, 14, tzinfo=UTC)


async def test_news_become_revisions(db: Database) -> None:
    await bring(db, BURST, WORK)
    assert counts(await bring(db, BURST.replace("17:00", "19:00").replace("Barış", "Barış|Yenikent"), WORK)) == (
        0,
        1,
        1,
    )
    assert await history(db, "7") == ["created", "changed"]
    assert len((await outage(db, "7")).places) == 2


async def test_restored_and_cancelled_rows_close_their_outages(db: Database) -> None:
    await bring(db, BURST, WORK)
    closing = [BURST.replace("17:00;;", "17:00;giderildi;25.11.2026 12:00"), WORK.replace("saat;;", "saat;iptal;")]
    assert counts(await bring(db, *closing)) == (0, 2, 0)
    burst, work = await outage(db, "7"), await outage(db, "8")
    assert (burst.life, burst.actual_end) == ("restored", datetime(2026, 11, 25, 9, tzinfo=UTC))
    assert work.life == "cancelled"
    assert counts(await bring(db, *closing)) == (0, 0, 2)


async def test_a_restored_row_without_its_hour_closes_now_and_stays(db: Database) -> None:
    await bring(db, BURST)
    closing = BURST.replace("17:00;", "17:00;giderildi")
    assert counts(await bring(db, closing)) == (0, 1, 0)
    assert counts(await bring(db, closing, now=NOW + timedelta(hours=1))) == (0, 0, 1)
    assert (await outage(db, "7")).actual_end == NOW


async def test_what_operators_ended_or_cancelled_is_not_reopened_by_an_old_row(db: Database) -> None:
    await bring(db, BURST, WORK)
    async with db.session() as session:
        operator = OutageService(session, lambda: NOW, "operator")
        await operator.end((await outage(db, "7")).id)
        await operator.cancel((await outage(db, "8")).id)
        await session.commit()
    assert counts(await bring(db, BURST, WORK, now=NOW + timedelta(hours=1))) == (0, 0, 2)
    later = BURST[:-1] + ";25.11.2026 13:30"
    assert counts(await bring(db, later, now=NOW + timedelta(hours=1))) == (0, 1, 0)
    assert (await outage(db, "7")).life == "active"


@pytest.mark.parametrize(
    ("row", "column", "told", "turkish"),
    [
        ("1;Gebze;Yeniket;;25.11.2026 09:00;;;;", "mahalle", "Did you mean Yenikent?", "Yenikent mi demek istediniz?"),
        ("1;Gebz;;;25.11.2026 09:00;;;;", "ilçe", "Did you mean Gebze?", "Gebze mi demek istediniz?"),
        ("1;Gebze;Emek;;25.11.2026 09:00;;;;", "mahalle", "There is one in Darıca.", "mahallesi olan ilçe: Darıca."),
        ("1;;Cumhuriyet;;25.11.2026 09:00;;;;", "ilçe", "lies in Darıca, Gebze: name the district", "ilçesini yazın."),
        ("1;;Emekk;;25.11.2026 09:00;;;;", "mahalle", "Did you mean Emek?", "'Emekk' adlı bir mahalle yok."),
        ("1;Gebze;Barış;;25.11.2026 09:00;25.11.2026 08:00;;;", "", "must be later than the start", "sonra olmalı."),
        ("1;Gebze;Barış;;26.11.2026 09:00;;giderildi;;", "", "before it went off", "kesilmeden önce verilmiş olamaz."),
        ("1;Gebze;Barış;;bad;;;;", "başlangıç", "is no date and time", "tarih ve saat değil"),
    ],
)
async def test_one_bad_row_leaves_everything_as_it_was(
    db: Database, row: str, column: str, told: str, turkish: str
) -> None:
    await bring(db, BURST)
    before = await version(db)
    report = await bring(db, BURST.replace("17:00", "19:00"), WORK, row)
    (error,) = report.errors
    assert (error.line, error.column) == (4, column)
    assert told in error.reason
    assert turkish in error.turkish
    assert (report.added, report.changed, await version(db)) == (0, 0, before)
    assert await history(db, "7") == ["created"]


async def test_names_are_found_however_they_are_written(db: Database) -> None:
    written = [
        "GEBZE;BARIŞ MAH.",
        "gebze;baris mahallesi",
        "Gebze İlçesi;Barış",
        "DARICA;Yeni",
        "darica;YENİ MAHALLE",
        ";Emek",
    ]
    rows = [f"{number};{place};;25.11.2026 09:00;;;;" for number, place in enumerate(written)]
    assert counts(await bring(db, *rows)) == (6, 0, 0)


async def test_outages_of_a_merged_area_go_where_it_went(db: Database) -> None:
    await apply_areas(db, read_areas_csv(b"ilce;mahalle;birlestigi\nGebze;Yenikent;Cumhuriyet\n"), complete=False)
    await bring(db, BURST.replace("Barış", "Yenikent"))
    async with db.reading() as session:
        reached = await session.get(Area, (await outage(db, "7")).places[0].area_id)
    assert reached is not None
    assert reached.name == "Cumhuriyet"


async def test_more_than_tickets_can_wait_for_is_refused_whole(db: Database) -> None:
    rows = [f"x{number};Gebze;Barış;;25.11.2026 09:00;;;;" for number in range(MOST_WRITTEN + 1)]
    if db.dialect == "postgresql":
        assert counts(await bring(db, *rows)) == (len(rows), 0, 0)
        return
    with pytest.raises(TooMuchAtOnce, match="split the file"):
        await bring(db, *rows)
    async with db.reading() as session:
        assert (await session.scalars(select(Outage))).all() == []


async def test_two_imports_at_once_never_make_two_of_one_outage(db: Database) -> None:
    rows = [f"x{number};Gebze;Barış;;25.11.2026 09:00;;;;" for number in range(20)]
    both = await asyncio.gather(bring(db, *rows), bring(db, *rows), return_exceptions=True)
    assert all(isinstance(one, ImportReport | ChangedMeanwhile) for one in both), both
    assert counts(await bring(db, *rows)) == (0, 0, 20)
