"""What pages are made of: texts in two languages, times as people write them, assets and libraries."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from starlette.applications import Starlette

from ivr import doctor
from ivr.settings import Settings
from web import vendor
from web.assets import Assets
from web.moments import Moments
from web.pages import Pages
from web.texts import TextError, Texts

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


def in_turkish() -> Moments:
    return Moments("tr", ISTANBUL, NOW)


@pytest.mark.parametrize(
    ("away", "written"),
    [
        (timedelta(hours=5), "bugün 14:00"),
        (timedelta(days=1), "yarın 09:00"),
        (timedelta(days=-1), "dün 09:00"),
        (timedelta(days=5), "30 Kas Pzt 09:00"),
        (timedelta(days=60), "24 Oca 2027 09:00"),
    ],
)
def test_moments_are_written_as_turkish_readers_write_them(away: timedelta, written: str) -> None:
    assert in_turkish().moment(NOW + away) == written


def test_a_span_names_the_second_day_only_when_it_is_another() -> None:
    starts = NOW + timedelta(hours=5)
    assert in_turkish().span(starts, starts + timedelta(hours=4)) == "bugün 14:00 – 18:00"
    assert in_turkish().span(starts, starts + timedelta(hours=14)) == "bugün 14:00 – yarın 04:00"
    assert in_turkish().span(starts, None) == "bugün 14:00 –"


def test_figures_and_distances_follow_the_language() -> None:
    assert in_turkish().number(970454) == "970.454"
    assert in_turkish().ago(NOW - timedelta(minutes=5)) == "5 dakika önce"
    english = Moments("en", ISTANBUL, NOW)
    assert english.number(970454) == "970,454"
    assert english.ago(NOW - timedelta(minutes=5)) == "5 minutes ago"
    assert english.moment(NOW + timedelta(hours=5)) == "today 14:00"


def test_english_has_a_singular(tmp_path: Path) -> None:
    (tmp_path / "wall.toml").write_text('calls = { tr = "{n} arama", en = "{n} calls", en_one = "one call" }')
    texts = Texts([tmp_path])
    assert texts.say("wall.calls", "en", n=1) == "one call"
    assert texts.say("wall.calls", "en", n=2) == "2 calls"
    assert texts.say("wall.calls", "tr", n=1) == "1 arama"
    with pytest.raises(TextError):
        texts.say("wall.calls", "tr", m=1)
    with pytest.raises(TextError):
        texts.say("wall.gone", "tr")


def test_a_text_without_a_language_is_found(tmp_path: Path) -> None:
    (tmp_path / "wall.toml").write_text('calls = { tr = "arama", en = " " }')
    assert Texts([tmp_path]).problems() == ["wall.calls lacks en."]


def test_what_people_type_is_never_markup(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "templates" / "said.html").write_text('<p title="{{ given }}">{{ given }}</p>')
    pages = Pages([tmp_path], ISTANBUL, Assets([]))
    answer = pages.page("said.html", "tr", NOW, given='"><script>alert(1)</script>')
    body = bytes(answer.body).decode()
    assert "<script" not in body
    assert body.count('"') == 2
    assert "'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_assets_are_kept_for_good_under_their_digest_and_only_there(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("p{}")
    (tmp_path / ".secret").write_text("x")
    assets = Assets([tmp_path])
    served = httpx.ASGITransport(Starlette(routes=[assets.route]))
    async with httpx.AsyncClient(transport=served, base_url="http://alo185") as client:
        assert "immutable" in (await client.get(assets.url("a.css"))).headers["Cache-Control"]
        assert (await client.get("/static/a.css?v=old")).headers["Cache-Control"] == "no-cache"
        for path in ("/static/.secret", "/static/../a.css", "/static/%2e%2e/pyproject.toml", "/static/none"):
            assert (await client.get(path)).status_code == 404
    assert assets.url("none.js") == ""


def test_libraries_are_fetched_by_lock_file_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    asked = []

    def npm(folder: Path) -> None:
        asked.append((folder / "package-lock.json").read_text())
        for source in (vendor.SERVED | vendor.FOR_TESTS).values():
            (folder / "node_modules" / source).parent.mkdir(parents=True, exist_ok=True)
            (folder / "node_modules" / source).write_text(source)

    vendor.build(npm)
    vendor.build(npm)
    assert asked == [vendor.LOCK.read_text()]
    assert (tmp_path / "vendor" / "htmx.js").read_text() == "htmx.org/dist/htmx.min.js"


def test_without_npm_and_network_one_sentence_says_so_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "vendor"
    kept.mkdir()
    (kept / "htmx.js").write_text("older")
    monkeypatch.setattr(vendor, "VENDOR", kept)

    def npm(folder: Path) -> None:
        raise vendor.VendorUnavailable("no network")

    with pytest.raises(vendor.VendorUnavailable):
        vendor.build(npm)
    assert (kept / "htmx.js").read_text() == "older"


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in vendor.LOCK.read_text()
    assert "http" not in vendor.NODE.read_text()


def test_npm_brings_every_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    vendor.build()
    assert {file.name for file in vendor.VENDOR.iterdir()} == {*vendor.SERVED, *vendor.FOR_TESTS, ".made"}


async def test_the_doctor_says_that_the_libraries_are_missing_and_what_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    settings = Settings(state=tmp_path)
    missing = await doctor.libraries(settings)
    assert (missing.ok, missing.mend) == (False, "./alo185 run fetches them from npm")

    def npm(folder: Path) -> None:
        for source in (vendor.SERVED | vendor.FOR_TESTS).values():
            file = folder / "node_modules" / source
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source)

    vendor.build(npm)
    there = await doctor.libraries(settings)
    assert (there.ok, there.mend) == (True, "")
    assert doctor.libraries in doctor.CHECKS
