"""Feeds: valid by their own validators, current, truthful about when they changed, and safe to read."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from icalendar import Calendar
from lxml import etree
from sqlalchemy import func, select

from city.borders import AFRESH
from outages.area_search import AreaSearch
from outages.importer import import_outages
from outages.models import Area, AreaBorder, Outage
from outages.rows import read_outages
from storage.database import Database
from tests.alert_schemas import Schemas
from tests.city_world import ADDRESS, CityWorld, city_world
from tests.outage_world import HOUR, START, fault

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
HOSTILE = "]]> <b>&amp; \ufffe 🚱 İ\u200b\ud7ff \u2028 <!-- -->"
SENT = "2026-11-25T12:00:00+03:00"
FEEDS = ["outages.atom", "outages.rss", "outages.ics", "outages.geojson", "kesintiler.json"]
EVERY = [f"/feeds/{name}" for name in FEEDS] + [f"/feeds/gebze/{name}" for name in FEEDS]
EVERY += [f"/en{path}" for path in EVERY] + ["/feeds/cap.xml"]


@pytest.fixture
async def world(db: Database) -> AsyncIterator[CityWorld]:
    async with city_world(db) as world:
        yield world


async def fill(world: CityWorld) -> dict[str, Outage]:
    """One of each kind, with everything that can be typed being as bad as it can be."""
    p = world.places
    texts = {"tanker_points": HOSTILE, "announcement_tr": HOSTILE, "announcement_en": HOSTILE}
    off = await world.record(replace(fault(p.yeni, p.baris), areas={p.yeni: HOSTILE, p.baris: None}, **texts))
    wide = await world.record(replace(fault(p.korfez, expected_end=None), subscribers=12_000, crew="working"))
    coming = await world.record(
        replace(
            fault(p.yeni, starts=START + 20 * HOUR, expected_end=START + 28 * HOUR), kind="planned", cause="renewal"
        )
    )
    back = await world.record(fault(p.baris, starts=START - 4 * HOUR, expected_end=None))
    await world.do("end", back.id, START - HOUR)
    cancelled = await world.record(fault(p.baris, starts=START + 5 * HOUR, expected_end=START + 9 * HOUR))
    await world.do("cancel", cancelled.id)
    demo = await world.record(fault(p.baris, p.korfez_yeni), source="demo")
    draft = await world.record(replace(fault(p.yeni), announcement_tr="gizli"), draft=True)
    dropped = await world.record(replace(fault(p.yeni), announcement_tr="gizli"), draft=True)
    await world.do("cancel", dropped.id)
    return {"off": off, "wide": wide, "coming": coming, "back": back, "cancelled": cancelled, "demo": demo, "_": draft}


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
async def test_news_readers_take_the_feeds(world: CityWorld, schemas: Schemas, filled: bool) -> None:
    if filled:
        await fill(world)
    for path in [path for path in EVERY if path.endswith((".atom", ".rss", "cap.xml"))]:
        answer = await world.web.get(path)
        if not path.endswith(".rss"):
            schemas.check("atom.xsd", answer.content)
        elif filled:  # this schema wants an item, RSS 2.0 itself does not
            schemas.check("rss-2_0.xsd", answer.content)
        read = feedparser.parse(answer.content)
        assert read.bozo == 0, read.get("bozo_exception")
        assert len(read.entries) == len({entry.id for entry in read.entries})
        assert bool(read.entries) == filled
        assert "gizli" not in answer.text
        assert "ayse" not in answer.text
        links = etree.fromstring(answer.content).xpath("//*[local-name()='link'][@rel='self']/@href")
        assert links == [f"{ADDRESS}{path}"]


async def test_a_news_reader_sees_each_outage_once_with_its_state(world: CityWorld) -> None:
    made = await fill(world)
    entries = feedparser.parse((await world.web.get("/feeds/outages.atom")).content).entries
    told = {entry.link.rsplit("/", 1)[1]: entry for entry in entries}
    assert set(told) == {str(outage.id) for name, outage in made.items() if name != "_"}
    state = {name: told[str(outage.id)].tags[0].term for name, outage in made.items() if name != "_"}
    assert state == {
        "off": "off", "wide": "off", "coming": "coming", "back": "back", "cancelled": "cancelled", "demo": "off",
    }  # fmt: skip
    assert "demonstration" in [tag.term for tag in told[str(made["demo"].id)].tags]
    assert "🚱" in told[str(made["off"].id)].summary
    gebze = feedparser.parse((await world.web.get("/feeds/gebze/outages.rss")).content)
    assert str(made["wide"].id) not in [entry.link.rsplit("/", 1)[1] for entry in gebze.entries]


# calendar


async def test_calendars_are_valid(world: CityWorld) -> None:
    await fill(world)
    for path in [path for path in EVERY if path.endswith(".ics")]:
        answer = await world.web.get(path)
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert "gizli" not in answer.text
        for line in answer.content.split(b"\r\n"):
            assert len(line) <= 75, "RFC 5545, 3.1: lines are folded"
        assert b"\n" not in answer.content.replace(b"\r\n", b"")
        calendar = Calendar.from_ical(answer.content)
        assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", "PUBLISH")
        uids = []
        for event in calendar.walk("VEVENT"):
            assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "STATUS", "LAST-MODIFIED"} <= set(event)
            assert event["DTSTART"].dt.tzinfo is not None
            assert not event.errors
            if "DTEND" in event:
                assert event["DTEND"].dt > event["DTSTART"].dt
            uids.append(str(event["UID"]))
        assert len(uids) == len(set(uids)) > 0


async def test_a_calendar_follows_an_outage_through_its_life(world: CityWorld) -> None:
    outage = await world.record(fault(world.places.yeni, starts=START + HOUR))

    async def event() -> Any:
        (found,) = Calendar.from_ical((await world.web.get("/feeds/gebze/outages.ics")).content).walk("VEVENT")
        return found

    first = await event()
    world.clock.forward(timedelta(minutes=1))
    await world.do("change", outage.id, expected_end=START + 9 * HOUR)
    second = await event()
    await world.do("cancel", outage.id)
    third = await event()
    assert len({str(each["UID"]) for each in (first, second, third)}) == 1
    assert [each["SEQUENCE"] for each in (first, second, third)] == [1, 2, 3]
    assert [str(each["STATUS"]) for each in (first, second, third)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert second["DTEND"].dt == START + 9 * HOUR
    assert first["LAST-MODIFIED"].dt < second["LAST-MODIFIED"].dt


# maps and the field style


async def test_maps_get_features_without_a_place_or_with_the_imported_one(world: CityWorld) -> None:
    made = await fill(world)
    collection = (await world.web.get("/feeds/outages.geojson")).json()
    assert set(collection) == {"type", "features"}
    assert collection["type"] == "FeatureCollection"
    for feature in collection["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert (feature["type"], feature["geometry"]) == ("Feature", None)
    ids = [feature["id"] for feature in collection["features"]]
    assert len(ids) == len(set(ids))
    assert f"{made['off'].id}-101" in ids


async def test_the_field_style_is_read_back_as_the_same_outages(world: CityWorld) -> None:
    made = await fill(world)
    world.clock.forward(HOUR / 2)
    feed = (await world.web.get("/feeds/kesintiler.json")).content
    rows = read_outages(feed, "kesintiler.json")
    assert rows.errors == ()
    by_id = {row.external_id: row for row in rows.rows}
    async with world.db.reading() as session:
        search = AreaSearch((await session.scalars(select(Area))).all())
    for name in ("off", "wide", "coming", "back", "cancelled", "demo"):
        outage, row = made[name], by_id[str(made[name].id)]
        assert (row.kind, row.cause, row.starts, row.expected_end) == (
            outage.kind, outage.cause, outage.starts, outage.expected_end,
        )  # fmt: skip
        assert {search.find(place.district, place.name).id for place in row.places} == {
            place.area_id for place in outage.places
        }
    assert by_id[str(made["back"].id)].ended == START - HOUR
    assert by_id[str(made["cancelled"].id)].state == "cancelled"
    async with world.db.session() as session:
        before = await session.scalar(select(func.count()).select_from(Outage))
    report = await import_outages(world.db, rows, actor="feed", now=world.clock)
    assert (report.errors, report.added) == ((), 5)
    async with world.db.session() as session:
        assert await session.scalar(select(func.count()).select_from(Outage)) == (before or 0) + 5
    again = await import_outages(world.db, rows, actor="feed", now=world.clock)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 6)


# when it changed


async def test_an_asker_who_has_it_is_told_so(world: CityWorld) -> None:
    await fill(world)
    for path in EVERY:
        first = await world.web.get(path, headers={"Accept-Encoding": "identity"})
        assert first.headers["Content-Length"] == str(len(first.content))
        assert "stale-while-revalidate" in first.headers["Cache-Control"]
        assert parsedate_to_datetime(first.headers["Last-Modified"]) <= world.clock()
        for held in (
            {"If-None-Match": first.headers["ETag"]},
            {"If-None-Match": f'"other", W/{first.headers["ETag"]}'},
            {"If-None-Match": "*"},
            {"If-Modified-Since": first.headers["Last-Modified"]},
        ):
            same = await world.web.get(path, headers=held | {"Accept-Encoding": "identity"})
            assert (same.status_code, same.content) == (304, b""), held
            assert same.headers["ETag"] == first.headers["ETag"]
        for held in (
            {"If-None-Match": '"other"'},
            {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]},
            {"If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"},
            {"If-Modified-Since": "nonsense"},
        ):
            assert (await world.web.get(path, headers=held)).status_code == 200, held
        head = await world.web.head(path, headers={"Accept-Encoding": "identity"})
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == first.headers["Content-Length"]


async def test_it_is_compressed_when_asked_and_the_same(world: CityWorld) -> None:
    await fill(world)
    for path in EVERY:
        plain = await world.web.get(path, headers={"Accept-Encoding": "identity"})
        for asked in ("gzip", "br, gzip;q=0.5", "deflate, *"):
            packed = await world.web.get(path, headers={"Accept-Encoding": asked})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert packed.content == plain.content
            assert packed.headers["ETag"] != plain.headers["ETag"], "a strong ETag is of the bytes that are sent"
            assert int(packed.headers["Content-Length"]) < len(plain.content)
            held = {"Accept-Encoding": asked, "If-None-Match": packed.headers["ETag"]}
            assert (await world.web.get(path, headers=held)).status_code == 304
        for asked in ("gzip;q=0", "br", "identity"):
            answer = await world.web.get(path, headers={"Accept-Encoding": asked})
            assert "Content-Encoding" not in answer.headers, asked
        assert plain.headers["Vary"] == "Accept-Encoding"


async def test_last_modified_moves_exactly_when_the_content_does(world: CityWorld) -> None:
    outage = await world.record(fault(world.places.yeni, starts=START + HOUR, expected_end=START + 2 * HOUR))
    path, seen = "/feeds/gebze/outages.atom", []

    async def look() -> tuple[str, datetime]:
        await world.look()
        answer = await world.web.get(path)
        return answer.headers["ETag"], parsedate_to_datetime(answer.headers["Last-Modified"])

    seen.append(await look())
    for _ in range(3):
        world.clock.forward(timedelta(minutes=5))
        assert await look() == seen[-1], "the board was loaded anew, and nothing was different"
    world.clock.moment = START + HOUR
    seen.append(await look())
    assert seen[-1][1] == START + HOUR, "the outage began"
    world.clock.moment = START + 2 * HOUR
    seen.append(await look())
    assert seen[-1][1] == START + 2 * HOUR, "its estimate passed"
    world.clock.forward(HOUR)
    await world.do("end", outage.id)
    seen.append(await look())
    assert seen[-1][1] == START + 3 * HOUR
    world.clock.forward(7 * HOUR)
    seen.append(await look())
    assert len({etag for etag, _ in seen}) == len(seen) == len({modified for _, modified in seen})
    assert [modified for _, modified in seen] == sorted(modified for _, modified in seen)


async def test_feeds_of_a_renamed_or_misspelt_district_lead_on(world: CityWorld) -> None:
    answer = await world.web.get("/feeds/Gebze/outages.ics")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/feeds/gebze/outages.ics")
    for path in ("/feeds/gebze/yeni-mahalle/outages.ics", "/feeds/atlantis/outages.ics", "/feeds/cap/alo185.1.1.xml"):
        assert (await world.web.get(path)).status_code == 404


# alerts


async def alerts(world: CityWorld, schemas: Schemas) -> list[etree._Element]:
    """The latest alert of each outage, found through the index as a program finds it."""
    index = feedparser.parse((await world.web.get("/feeds/cap.xml")).content)
    return [await alert(world, schemas, entry.links[0].href) for entry in index.entries]


async def alert(world: CityWorld, schemas: Schemas, link: str) -> etree._Element:
    answer = await world.web.get(link.removeprefix(ADDRESS))
    assert answer.headers["Content-Type"].startswith("application/cap+xml")
    assert "gizli" not in answer.text
    return schemas.check("CAP-v1.2.xsd", answer.content)


def said(root: etree._Element, *names: str) -> Any:
    """The texts of elements by name; of one name the text itself."""
    found = [root.findtext(f".//{CAP}{name}") for name in names]
    return found[0] if len(names) == 1 else found


async def test_every_alert_is_valid_and_bilingual(world: CityWorld, schemas: Schemas) -> None:
    made = await fill(world)
    found = {said(root, "identifier").split(".")[1]: root for root in await alerts(world, schemas)}
    assert set(found) == {str(outage.id) for name, outage in made.items() if name != "_"}
    for root in found.values():
        assert [each.text for each in root.iter(f"{CAP}language")] == ["tr-TR", "en-US"]
        assert said(root, "category", "scope") == ["Infra", "Public"]
    table = {
        name: said(found[str(made[name].id)], "msgType", "status", "urgency", "severity", "certainty", "responseType")
        for name in made
        if name != "_"
    }
    assert table == {
        "off": ["Alert", "Actual", "Immediate", "Minor", "Observed", "Monitor"],
        "wide": ["Alert", "Actual", "Immediate", "Moderate", "Observed", "Monitor"],
        "coming": ["Alert", "Actual", "Future", "Minor", "Likely", "Prepare"],
        "back": ["Update", "Actual", "Past", "Minor", "Observed", "AllClear"],
        "cancelled": ["Cancel", "Actual", "Past", "Minor", "Observed", "None"],
        "demo": ["Alert", "Test", "Immediate", "Minor", "Observed", "Monitor"],
    }
    off = found[str(made["off"].id)]
    assert "🚱" in said(off, "instruction")
    assert said(off, "onset") == "2026-11-25T11:00:00+03:00"
    assert said(off, "expires") == "2026-11-25T20:00:00+03:00"
    codes = [each.text for each in off.iter(f"{CAP}value")]
    assert codes == ["101", "102"] * 2


async def test_updates_and_the_cancel_refer_to_what_came_before(world: CityWorld, schemas: Schemas) -> None:
    outage = await world.record(fault(world.places.yeni), draft=True)
    await world.do("change", outage.id, crew="on_site")
    for what, given in (("publish", {}), ("change", {"expected_end": START + 9 * HOUR}), ("cancel", {})):
        world.clock.forward(timedelta(minutes=1))
        await world.do(what, outage.id, **given)
    (last,) = await alerts(world, schemas)
    chain = [last]
    references = said(last, "references").split()
    for reference in reversed(references):
        sender, identifier, sent = reference.split(",")
        before = await alert(world, schemas, f"/feeds/cap/{identifier}.xml")
        assert said(before, "sender", "identifier", "sent") == [sender, identifier, sent]
        chain.insert(0, before)
    assert [said(each, "msgType") for each in chain] == ["Alert", "Update", "Cancel"]
    assert [said(each, "identifier").rsplit(".", 1)[1] for each in chain] == ["3", "4", "5"], "drafts leave no message"
    assert said(chain[0], "references") is None
    assert said(chain[0], "expires") != said(chain[1], "expires"), "an old message says what it said"
    first = await world.web.get(f"/feeds/cap/alo185.{outage.id}.1.xml")
    assert first.status_code == 404


async def test_what_the_public_does_not_hear_makes_no_alert(world: CityWorld, schemas: Schemas) -> None:
    outage = await world.record(fault(world.places.yeni, starts=START + HOUR))
    world.clock.forward(HOUR)
    await world.do("start_due")
    (root,) = await alerts(world, schemas)
    assert said(root, "identifier", "msgType", "urgency") == [f"alo185.{outage.id}.2", "Update", "Immediate"]


async def test_borders_become_polygons(world: CityWorld, schemas: Schemas) -> None:
    ring = [[29.4, 40.8], [29.5, 40.8], [29.5, 40.9], [29.4, 40.8]]
    async with world.db.session() as session:
        session.add(AreaBorder(area_id=world.places.yeni, geometry={"type": "Polygon", "coordinates": [ring]}))
        await session.commit()
    world.clock.forward(AFRESH)
    await world.record(fault(world.places.yeni))
    (root,) = await alerts(world, schemas)
    assert said(root, "polygon") == "40.80000,29.40000 40.80000,29.50000 40.90000,29.50000 40.80000,29.40000"
    feature = (await world.web.get("/feeds/outages.geojson")).json()["features"][0]
    assert json.dumps(feature["geometry"]["coordinates"]) == json.dumps([ring])


async def test_what_was_published_by_mistake_is_taken_back_everywhere(world: CityWorld, schemas: Schemas) -> None:
    outage = await world.record(fault(world.places.yeni), draft=True)
    await world.do("publish", outage.id)
    await world.do("undo", outage.id, 2)
    (root,) = await alerts(world, schemas)
    assert said(root, "msgType", "references") == ["Cancel", f"alo185@su.example,alo185.{outage.id}.2,{SENT}"]
    (event,) = Calendar.from_ical((await world.web.get("/feeds/outages.ics")).content).walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"
    await world.do("change", outage.id, announcement_tr="gizli")
    assert "gizli" not in (await world.web.get("/feeds/outages.atom")).text, "from now on it is a draft like any other"
