"""What is written again and again is written once: templates, and copies of earlier outages."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from outages.errors import OutageError
from outages.service import OutageService
from outages.templates import Pattern, TemplateService, copy_of
from storage.database import Database
from tests.outage_world import HOUR, START, Clock, Places, add_places, fault


@pytest.fixture
async def places(db: Database) -> Places:
    return await add_places(db)


@pytest.fixture
async def templates(db: Database, places: Places) -> AsyncIterator[TemplateService]:
    async with db.session() as session:
        yield TemplateService(session, Clock(), "ayse")


def cleaning(*areas: int, minutes: int | None = 480) -> Pattern:
    streets = dict.fromkeys(areas, "Okul Sokağı")
    return Pattern("planned", "tank_cleaning", streets, minutes, tanker_points="Park önü")


async def test_a_template_is_written_from(templates: TemplateService, places: Places) -> None:
    saved = await templates.save("  Depo   temizliği ", cleaning(places.yeni))
    assert (saved.name, saved.who, saved.uses) == ("Depo temizliği", "ayse", 0)
    facts = (await templates.use(saved.id)).facts(START)
    assert (facts.cause, facts.areas, facts.expected_end) == (
        "tank_cleaning",
        {places.yeni: "Okul Sokağı"},
        START + 8 * HOUR,
    )
    assert (saved.uses, saved.last_used) == (1, START)
    outage = await OutageService(templates.session, Clock(), "ayse").create(facts)
    assert outage.tanker_points == "Park önü"


async def test_the_same_name_is_the_same_template(templates: TemplateService, places: Places) -> None:
    first = await templates.save("Depo", cleaning(places.yeni))
    again = await templates.save("Depo", cleaning(places.baris, minutes=None))
    assert first.id == again.id
    assert (await templates.use(first.id)).facts(START).expected_end is None


async def test_the_most_used_comes_first(templates: TemplateService, places: Places) -> None:
    rare, often = [await templates.save(name, cleaning(places.yeni)) for name in ("A", "B")]
    await templates.use(often.id)
    assert list(await templates.all()) == [often, rare]
    await templates.remove(often.id)
    assert list(await templates.all()) == [rare]
    with pytest.raises(OutageError) as refused:
        await templates.use(often.id)
    assert refused.value.code == "unknown_template"


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        (" ", {}, "bad_template_name"),
        ("x" * 121, {}, "bad_template_name"),
        ("a\0b", {}, "bad_text"),
        ("Depo", {"cause": "aliens"}, "unknown_cause"),
        ("Depo", {"areas": {}}, "no_area"),
        ("Depo", {"areas": {999: None}}, "unknown_area"),
        ("Depo", {"minutes": 0}, "bad_duration"),
    ],
)
async def test_what_cannot_be_is_refused(
    templates: TemplateService, places: Places, name: str, change: dict[str, object], code: str
) -> None:
    with pytest.raises(OutageError) as refused:
        await templates.save(name, replace(cleaning(places.yeni), **change))  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_a_copy_carries_over_what_holds_again(templates: TemplateService, places: Places) -> None:
    service = OutageService(templates.session, Clock(), "ayse")
    first = await service.create(replace(fault(places.yeni), crew="working", announcement_tr="Geçmiş olsun."))
    await service.end(first.id)
    facts = copy_of(first).facts(START + 24 * HOUR)
    assert (facts.areas, facts.announcement_tr) == ({places.yeni: None}, "Geçmiş olsun.")
    assert (facts.crew, facts.actual_end) == (None, None)
    assert facts.expected_end == START + 24 * HOUR + 9 * HOUR
