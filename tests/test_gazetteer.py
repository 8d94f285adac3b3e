"""The areas of Kocaeli from the public register, and the register's own failures."""

import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from outages.gazetteer import AreaSeed, load_city
from outages.keys import keypad
from outages.names import match_key, spoken_neighbourhood, tidy
from outages.register import RegisterUnavailable, UnknownCity

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "data" / "kocaeli_districts_neighbourhoods.json"


def archive(
    folder: Path, neighbourhoods: list[tuple[str, str, int]], villages: Sequence[tuple[str, str, int]] = ()
) -> Path:
    """A register as the package index would give it, with made-up places of province 41."""

    def rows(places: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
        return [{"provinceId": 41, "district": d, "name": n, "population": p} for d, n, p in places]

    districts = sorted({d for d, _, _ in [*neighbourhoods, *villages]})
    file = folder / "register.whl"
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr(
            "app/data/districts.json", json.dumps([{"provinceId": 41, "name": d, "population": 9} for d in districts])
        )
        parts.writestr("app/data/neighborhoods.json", json.dumps(rows(neighbourhoods)))
        parts.writestr("app/data/villages.json", json.dumps(rows(villages)))
    return file


@pytest.fixture(scope="module")
def kocaeli() -> list[AreaSeed]:
    try:
        return load_city("41", ROOT / "var")
    except RegisterUnavailable as unavailable:
        pytest.skip(f"no package index: {unavailable}")


@pytest.fixture(scope="module")
def reference() -> list[dict[str, Any]]:
    if not REFERENCE.exists():
        pytest.skip("the reference data ../shared/data is absent")
    districts: list[dict[str, Any]] = json.loads(REFERENCE.read_text())["districts"]
    return districts


def test_every_neighbourhood_of_kocaeli_is_there_and_no_other(
    kocaeli: list[AreaSeed], reference: list[dict[str, Any]]
) -> None:
    wanted = {(match_key(d["name"]), match_key(n["name"])) for d in reference for n in d["neighbourhoods"]}
    assert len(wanted) == 472
    assert {area.identity for area in kocaeli if area.kind == "neighbourhood"} == wanted
    assert [area.name for area in kocaeli if area.kind == "district"] == [d["name"] for d in reference]


def test_names_are_written_as_in_the_reference_but_for_what_people_write_otherwise(
    kocaeli: list[AreaSeed], reference: list[dict[str, Any]]
) -> None:
    wanted = {(d["name"], n["name"]) for d in reference for n in d["neighbourhoods"]}
    other = {(a.district, a.name) for a in kocaeli if a.kind == "neighbourhood"} - wanted
    assert {name for _, name in other} == {
        "Yeni Mahalle", "Halıdere Yeni Mahalle", "Yazlık Yeni Mahalle", "Yukarı Mahalle", "M. Ali Paşa",
    }  # fmt: skip


def test_counts_and_populations_of_kocaeli(kocaeli: list[AreaSeed], reference: list[dict[str, Any]]) -> None:
    counts = Counter(area.district for area in kocaeli if area.kind == "neighbourhood")
    assert counts == {d["name"]: len(d["neighbourhoods"]) for d in reference}
    people = {area.identity: area.population for area in kocaeli}
    for district in reference:
        for place in district["neighbourhoods"]:
            assert people[match_key(district["name"]), match_key(place["name"])] == place["population_2023"]


def test_industrial_zones_of_kocaeli_are_those_of_the_postal_list_and_said_in_full(
    kocaeli: list[AreaSeed], reference: list[dict[str, Any]]
) -> None:
    zones = [area for area in kocaeli if area.kind == "industrial_zone"]
    named = {(zone.district or "", name): zone for zone in zones for name in (zone.name, zone.formerly) if name}
    held = {(match_key(district), match_key(name)): zone for (district, name), zone in named.items()}
    wanted = {(match_key(d["name"]), match_key(name)) for d in reference for name in d["osb_zones"]}
    assert len(wanted) == 16
    assert wanted <= held.keys()
    others = {zone.name for zone in zones} - {held[place].name for place in wanted}
    assert others == {"Mermerciler OSB", "Kandıra Gıda OSB"}
    assert all("OSB" not in zone.spoken and not zone.spoken.endswith(" SB") for zone in zones)


def test_what_is_said_holds_words_only_and_can_be_keyed(kocaeli: list[AreaSeed]) -> None:
    for area in kocaeli:
        assert not any(character.isdigit() or character == "." for character in area.spoken), area
        assert area.keypad, area
        assert keypad(area.spoken).startswith(area.keypad), area
        assert area.spoken[0].isupper(), area


def test_numbers_are_unique_and_tell_the_district(kocaeli: list[AreaSeed]) -> None:
    assert len({area.number for area in kocaeli}) == len(kocaeli)
    districts = {area.name: area.number for area in kocaeli if area.district is None}
    assert list(districts.values()) == list(range(1, 13))
    assert districts["Gebze"] == 6
    for area in kocaeli:
        if area.district:
            assert area.number // 1000 == districts[area.district]


@pytest.mark.parametrize(
    ("written", "name", "spoken"),
    [
        ("Yeni", "Yeni Mahalle", "Yeni Mahalle"),
        ("YENİ MAHALLESİ", "Yeni Mahalle", "Yeni Mahalle"),
        ("Yenikent Mah", "Yenikent", "Yenikent Mahallesi"),
        ("İSTİKLAL MH.", "İstiklal", "İstiklal Mahallesi"),
        ("IŞIKLAR MAHALLESİ", "Işıklar", "Işıklar Mahallesi"),
        ("Abdi Ipekçi", "Abdi İpekçi", "Abdi İpekçi Mahallesi"),
        ("Hacı Ilyas", "Hacı İlyas", "Hacı İlyas Mahallesi"),
        ("Kıran Işıklar", "Kıran Işıklar", "Kıran Işıklar Mahallesi"),
        ("17 Ağustos", "17 Ağustos", "On yedi Ağustos Mahallesi"),
        ("7eylül", "7 Eylül", "Yedi Eylül Mahallesi"),
        ("100.yıl", "100. Yıl", "Yüzüncü Yıl Mahallesi"),
        ("2.inönü", "2. İnönü", "İkinci İnönü Mahallesi"),
        ("Kur’an", "Kur'an", "Kur'an Mahallesi"),
        ("Mahmutpaşa", "Mahmutpaşa", "Mahmutpaşa Mahallesi"),
    ],
)
def test_names_are_tidied_and_said(written: str, name: str, spoken: str) -> None:
    assert tidy(written) == name
    assert tidy(name) == name
    assert spoken_neighbourhood(name) == spoken
    assert match_key(written) == match_key(name) == match_key(f"{name.upper()} mh.".replace("i̇", "i"))


def test_villages_are_areas_and_twins_of_one_district_become_one(tmp_path: Path) -> None:
    file = archive(tmp_path, [("Gebze", "Merkez", 10), ("Gebze", "Merkez", 5)], villages=[("Gebze", "Avcı", 7)])
    areas = {area.name: area for area in load_city("41", None, lambda _: file) if area.district == "Gebze"}
    assert areas["Merkez"].population == 15
    assert areas["Avcı Köyü"].spoken == "Avcı Köyü"


def test_the_register_is_fetched_once_and_kept(tmp_path: Path) -> None:
    file = archive(tmp_path, [("Gebze", "Barış", 1)])
    first = load_city("41", tmp_path / "state", lambda _: file)

    def unreachable(_: Path) -> Path:
        raise RegisterUnavailable("no network")

    assert load_city("41", tmp_path / "state", unreachable) == first
    (tmp_path / "state" / "areas-41.json").write_text('{"torn')
    with pytest.raises(RegisterUnavailable):
        load_city("41", tmp_path / "state", unreachable)


@pytest.mark.parametrize("code", ["99", "x", "", "-1"])
def test_an_unknown_province_is_told_in_one_sentence(code: str, tmp_path: Path) -> None:
    file = archive(tmp_path, [("Gebze", "Barış", 1)])
    with pytest.raises(UnknownCity, match="1 to 81"):
        load_city(code, None, lambda _: file)
