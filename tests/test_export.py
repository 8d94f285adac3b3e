"""Outages go out as tables that come in again unchanged, and that no spreadsheet program takes for formulas."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from outages import overview, repository
from outages.errors import OutageError
from outages.export import CAUSES, HEADER, as_csv, as_xlsx
from outages.importer import import_outages
from outages.life import Cause, OutageFacts
from outages.models import Outage
from outages.overview import HistoryQuery
from outages.rows import read_outages
from outages.service import OutageService
from outages.values import cause
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault

ISTANBUL, BERLIN = ZoneInfo("Europe/Istanbul"), ZoneInfo("Europe/Berlin")
NOW = START + 30 * 24 * HOUR


@pytest.fixture
async def places(db: Database) -> Places:
    return await add_places(db)


@pytest.fixture
async def service(db: Database, places: Places) -> AsyncIterator[OutageService]:
    async with db.session() as session:
        yield OutageService(session, Clock(NOW), "ayse", strict_texts=False)


_causes = list(enumerate(Cause))


def hard_cases(places: Places) -> list[OutageFacts]:
    """What is easily lost on the way: seconds, hours that come twice, signs, several districts, streets."""
    twice = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    return [
        fault(places.yeni),
        fault(places.gebze, places.korfez_yeni, expected_end=None),
        replace(
            fault(places.yeni, places.baris, places.korfez), areas={places.yeni: 'Okul; Sk. "3"', places.baris: None}
        ),
        fault(places.yeni, starts=START + timedelta(seconds=7, microseconds=123), expected_end=None),
        fault(places.yeni, starts=twice, expected_end=twice + HOUR),
        fault(places.yeni, starts=twice - HOUR, expected_end=twice),
        replace(fault(places.baris), announcement_tr="=1+1", announcement_en="-5 degrees", tanker_points="@park\n+iki"),
        replace(fault(places.baris), announcement_tr="'=cmd|' /C calc'!A0", subscribers=1250, kind="planned"),
        replace(fault(places.baris), actual_end=START + 9 * HOUR),
        *(
            replace(fault(places.baris, starts=START + n * HOUR, expected_end=None), cause=c)
            for n, c in enumerate(Cause)
        ),
    ]


async def everything(db: Database) -> list[Outage]:
    async with db.reading() as session:
        return list(await session.scalars(select(Outage).order_by(Outage.id)))


async def table(db: Database, form: str, zone: ZoneInfo) -> bytes:
    async with db.reading() as session:
        found = list(await session.scalars(select(Outage).order_by(Outage.id)))
        areas = await repository.areas_of(session, found)
    return (as_csv if form == "csv" else as_xlsx)(found, areas, zone)


@pytest.mark.parametrize("zone", [ISTANBUL, BERLIN])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_goes_out_comes_in_unchanged(
    db: Database, service: OutageService, places: Places, form: str, zone: ZoneInfo
) -> None:
    for number, facts in enumerate(hard_cases(places)):
        await service.create(facts, external_id=f"=K{number}" if number % 2 else None)
    await service.cancel((await service.create(fault(places.yeni))).id)
    await service.session.commit()
    made = await table(db, form, zone)
    rows = read_outages(made, zone=zone)
    assert rows.errors == ()
    report = await import_outages(db, rows, actor="scada", now=lambda: NOW)
    assert report.errors == ()
    assert (report.added, report.changed, report.unchanged) == (0, 0, len(hard_cases(places)) + 1)


async def test_no_cell_begins_as_a_formula(db: Database, service: OutageService, places: Places) -> None:
    for facts in hard_cases(places):
        await service.create(facts)
    await service.session.commit()
    text = (await table(db, "csv", ISTANBUL)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@|%\t\r")]
    sheet = load_workbook(io.BytesIO(await table(db, "xlsx", ISTANBUL))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


async def test_drafts_stay_at_home_and_columns_are_named(db: Database, service: OutageService, places: Places) -> None:
    await service.create(fault(places.yeni), draft=True)
    await service.session.commit()
    assert (await table(db, "csv", ISTANBUL)).decode("utf-8-sig").splitlines() == [";".join(HEADER)]


async def test_a_changed_cell_is_a_change(db: Database, service: OutageService, places: Places) -> None:
    made = await service.create(fault(places.yeni, expected_end=START + 8 * HOUR))
    await service.session.commit()
    text = (await table(db, "csv", ISTANBUL)).decode("utf-8-sig")
    assert "25.11.2026 20:00" in text
    changed = read_outages(text.replace("25.11.2026 20:00", "25.11.2026 21:00").encode())
    assert (await import_outages(db, changed, actor="scada", now=lambda: NOW)).changed == 1
    (after,) = await everything(db)
    assert (after.id, after.expected_end) == (made.id, START + 9 * HOUR)


def test_causes_are_read_back_as_they_were_written() -> None:
    assert {key: cause(written) for key, written in CAUSES.items()} == {key: key for key in CAUSES}


async def test_what_does_not_fit_into_one_table_is_refused_rather_than_cut(db: Database, places: Places) -> None:
    async with db.session() as session:
        work = OutageService(session, Clock(NOW), "ayse", strict_texts=False)
        for hour in range(3):
            await work.create(fault(places.yeni, starts=START + hour * HOUR, expected_end=None))
        await session.commit()
        assert len(await overview.matching(session, HistoryQuery(), 3)) == 3
        with pytest.raises(OutageError, match="narrow them by date") as refused:
            await overview.matching(session, HistoryQuery(), 2)
    assert refused.value.code == "too_many_to_export"
