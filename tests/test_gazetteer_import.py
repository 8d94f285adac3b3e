"""Lists of areas into the database."""

import pytest
from sqlalchemy import select

from outages.area_import import apply_areas
from outages.area_list import BadAreaList
from outages.gazetteer import AreaSeed, read_areas_csv
from outages.models import Area, BoardState
from outages.snapshot import load_areas
from outages.typing_ahead import suggest
from storage.database import Database
from tests.outage_world import START

HEADER = "ilçe;mahalle;tür;nüfus;eski adı;birleştiği\n"


def listed(*rows: str) -> list[AreaSeed]:
    return read_areas_csv((HEADER + "\n".join(rows)).encode())


async def areas(db: Database) -> dict[str, Area]:
    async with db.reading() as session:
        return {area.name: area for area in (await session.scalars(select(Area).order_by(Area.active))).all()}


async def version(db: Database) -> int:
    async with db.reading() as session:
        return (await session.scalars(select(BoardState.version))).one()


async def test_a_list_is_applied_once(db: Database) -> None:
    seeds = listed("Gebze;Yenikent;;1.250;;", "Gebze;Barış;;;;", "Gebze;Gebze OSB;;;;", "Darıca;Barış;;;;")
    before = await version(db)
    assert len((await apply_areas(db, seeds)).added) == 6
    assert await version(db) == before + 1
    again = await apply_areas(db, seeds)
    assert (bool(again), again.unchanged, await version(db)) == (False, 6, before + 1)
    kept = await areas(db)
    assert (kept["Yenikent"].population, kept["Gebze OSB"].kind) == (1250, "industrial_zone")
    assert kept["Yenikent"].number // 1000 == kept["Gebze"].number


async def test_a_renamed_area_keeps_its_id_and_number(db: Database) -> None:
    await apply_areas(db, listed("Gebze;Eskikent;;;;", "Gebze;Barış;;;;"))
    old = (await areas(db))["Eskikent"]
    seeds = listed("Gebze;Yenikent;;;Eskikent;", "Gebze;Barış;;;;")
    assert (await apply_areas(db, seeds)).changed == ["Yenikent"]
    new = (await areas(db))["Yenikent"]
    assert (new.id, new.number, new.spoken) == (old.id, old.number, "Yenikent Mahallesi")
    assert not await apply_areas(db, seeds)


async def test_a_renamed_district_takes_its_neighbourhoods_along(db: Database) -> None:
    await apply_areas(db, listed("Eskiilçe;Barış;;;;"))
    old = await areas(db)
    changes = await apply_areas(db, listed("Yeniilçe;;ilçe;;Eskiilçe;", "Yeniilçe;Barış;;;;"))
    new = await areas(db)
    assert (new["Yeniilçe"].id, new["Barış"].id) == (old["Eskiilçe"].id, old["Barış"].id)
    assert not changes.added


async def test_a_merged_area_points_to_what_took_it_in(db: Database) -> None:
    await apply_areas(db, listed("Gebze;Küçükyer;;;;", "Gebze;Barış;;;;"))
    seeds = listed("Gebze;Küçükyer;;;;Barış", "Gebze;Barış;;;;")
    assert (await apply_areas(db, seeds)).merged == ["Küçükyer"]
    kept = await areas(db)
    assert (kept["Küçükyer"].active, kept["Küçükyer"].merged_into) == (False, kept["Barış"].id)
    assert not await apply_areas(db, seeds)


async def test_old_names_are_still_typed(db: Database) -> None:
    await apply_areas(db, listed("Gebze;Barış;;;;", "Gebze;Küçükyer;;;;", "Gebze;Yenikent;;;;"))
    await apply_areas(db, listed("Gebze;Güneşkent;;;Barış;", "Gebze;Küçükyer;;;;Yenikent", "Gebze;Yenikent;;;;"))
    async with db.reading() as session:
        known = await load_areas(session, START)

    def found(text: str) -> tuple[str, str | None]:
        first = suggest(known, text)[0]
        return first.area.name, first.former

    assert found("gebze barış") == ("Güneşkent", "Barış")
    assert found("kucukyer") == ("Yenikent", "Küçükyer")
    assert found("güneş") == ("Güneşkent", None)


async def test_a_vanished_area_is_closed_and_comes_back_with_its_id(db: Database) -> None:
    both = listed("Gebze;Yenikent;;;;", "Gebze;Barış;;;;")
    await apply_areas(db, both)
    known = (await areas(db))["Yenikent"]
    assert (await apply_areas(db, listed("Gebze;Barış;;;;"))).deactivated == ["Yenikent"]
    assert not (await areas(db))["Yenikent"].active
    await apply_areas(db, both)
    again = (await areas(db))["Yenikent"]
    assert (again.active, again.id, again.number) == (True, known.id, known.number)


async def test_a_list_that_is_not_complete_closes_nothing(db: Database) -> None:
    await apply_areas(db, listed("Gebze;Yenikent;;;;", "Gebze;Barış;;;;"))
    changes = await apply_areas(db, listed("Gebze;Güneş;;;;"), complete=False)
    assert (changes.added, changes.deactivated) == (["Güneş"], [])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["Gebze;Barış;;;;", "GEBZE;BARIŞ MAH.;;;;"], "occurs twice in Gebze"),
        (["Gebze;Barış;;;;", "Gebze;Yenikent;;;;Nirgend"], "no other living area"),
    ],
)
async def test_an_impossible_list_changes_nothing(db: Database, rows: list[str], told: str) -> None:
    await apply_areas(db, listed("Gebze;Barış;;;;"))
    before = await version(db)
    with pytest.raises(BadAreaList, match=told):
        await apply_areas(db, listed("Gebze;Yenikent;;;;", *rows))
    assert set(await areas(db)) == {"Gebze", "Barış"}
    assert await version(db) == before


async def test_an_empty_list_is_refused(db: Database) -> None:
    with pytest.raises(BadAreaList, match="names no area"):
        await apply_areas(db, [])


def test_every_faulty_row_is_told() -> None:
    with pytest.raises(BadAreaList, match=r"line 2: .*line 3: .*line 4: "):
        listed("Gebze;Barış;;viele;;", ";Barış;;;;", "Gebze;Barış;kraliyet;;;")
