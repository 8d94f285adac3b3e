import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.grammar import Case, grammar
from prompts.turkish_words import capitalise, clock, inflect, lower, number, ordinal, upper

KOCAELI = Path(__file__).parents[2] / "shared/data/kocaeli_districts_neighbourhoods.json"
ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 24, 14, 3, tzinfo=ISTANBUL)
turkish = grammar("tr")

# Written down by hand, one by one, rather than derived: this is what the rules are held to.
DATIVE = (
    "bire ikiye üçe dörde beşe altıya yediye sekize dokuza ona|on bire|on ikiye|on üçe|on dörde|on beşe|on altıya"
    "|on yediye|on sekize|on dokuza|yirmiye|yirmi bire|yirmi ikiye|yirmi üçe"
)
ABLATIVE = (
    "birden ikiden üçten dörtten beşten altıdan yediden sekizden dokuzdan ondan|on birden|on ikiden|on üçten|on dörtten"
    "|on beşten|on altıdan|on yediden|on sekizden|on dokuzdan|yirmiden|yirmi birden|yirmi ikiden|yirmi üçten"
)
LOCATIVE = (
    "birde ikide üçte dörtte beşte altıda yedide sekizde dokuzda onda|on birde|on ikide|on üçte|on dörtte|on beşte"
    "|on altıda|on yedide|on sekizde|on dokuzda|yirmide|yirmi birde|yirmi ikide|yirmi üçte"
)
HOURS = (
    "bir iki üç dört beş altı yedi sekiz dokuz on|on bir|on iki|on üç|on dört|on beş|on altı|on yedi|on sekiz|on dokuz"
    "|yirmi|yirmi bir|yirmi iki|yirmi üç"
)
# bare, dative, ablative, locative
MINUTES = {
    5: "sıfır beş|sıfır beşe|sıfır beşten|sıfır beşte",
    10: "on|ona|ondan|onda",
    15: "on beş|on beşe|on beşten|on beşte",
    20: "yirmi|yirmiye|yirmiden|yirmide",
    25: "yirmi beş|yirmi beşe|yirmi beşten|yirmi beşte",
    30: "buçuk|buçuğa|buçuktan|buçukta",
    35: "otuz beş|otuz beşe|otuz beşten|otuz beşte",
    40: "kırk|kırka|kırktan|kırkta",
    45: "kırk beş|kırk beşe|kırk beşten|kırk beşte",
    50: "elli|elliye|elliden|ellide",
    55: "elli beş|elli beşe|elli beşten|elli beşte",
}
AFTER_MIDNIGHT = MINUTES | {30: "otuz|otuza|otuzdan|otuzda"}
ONES = "sıfır bir iki üç dört beş altı yedi sekiz dokuz"
TENS = "on yirmi otuz kırk elli altmış yetmiş seksen doksan"
COMPOUNDS = (
    "Ayvazpınarı|Bağlarbaşı|Bayramoğlu|Beylerbeyi|Beylikbağı|Biberoğlu|Camidüzü|Diliskelesi|Dilovası|Kabaoğlu|Kurtyeri"
    "|Kışladüzü|Pazarçayırı|Pelitpınarı|Pınardüzü|Terzibayırı|Vezirçiftliği|Zeytinburnu|Çamdibi|Çavuşoğlu|İpek Yolu"
)
CASES: tuple[Case, ...] = ("bare", "dative", "ablative", "locative")


def listed(words: str) -> list[str]:
    first, *rest = words.split("|")
    ones = first.split()
    return [*ones, *rest]


@pytest.mark.parametrize(
    ("case", "expected"), [("bare", HOURS), ("dative", DATIVE), ("ablative", ABLATIVE), ("locative", LOCATIVE)]
)
def test_every_full_hour(case: Case, expected: str) -> None:
    assert [clock(hour, 0, case) for hour in range(1, 24)] == listed(expected)


def test_midnight_is_a_compound_whichever_way_it_is_written() -> None:
    expected = ["gece yarısı", "gece yarısına", "gece yarısından", "gece yarısında"]
    assert [clock(0, 0, case) for case in CASES] == expected
    assert [clock(24, 0, case) for case in CASES] == expected


@pytest.mark.parametrize("minute", MINUTES)
def test_every_five_minutes_of_every_hour(minute: int) -> None:
    for hour, spoken in enumerate(listed(HOURS), start=1):
        expected = [f"{spoken} {minutes}" for minutes in MINUTES[minute].split("|")]
        assert [clock(hour, minute, case) for case in CASES] == expected
    after_midnight = [f"sıfır sıfır {minutes}" for minutes in AFTER_MIDNIGHT[minute].split("|")]
    assert [clock(0, minute, case) for case in CASES] == after_midnight


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (0, "sıfır"),
        (7, "yedi"),
        (40, "kırk"),
        (100, "yüz"),
        (101, "yüz bir"),
        (185, "yüz seksen beş"),
        (999, "dokuz yüz doksan dokuz"),
        (1000, "bin"),
        (1001, "bin bir"),
        (1250, "bin iki yüz elli"),
        (21000, "yirmi bir bin"),
        (100_000, "yüz bin"),
        (970_454, "dokuz yüz yetmiş bin dört yüz elli dört"),
        (10**6, "bir milyon"),
        (1_001_000, "bir milyon bin"),
        (10**9, "bir milyar"),
        (-3, "eksi üç"),
    ],
)
def test_numbers(value: int, spoken: str) -> None:
    assert number(value) == spoken


def test_ordinals() -> None:
    expected = "birinci ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu"
    assert [ordinal(value) for value in range(1, 11)] == expected.split()
    assert [ordinal(value) for value in (20, 30, 40, 100, 1204)] == [
        "yirminci",
        "otuzuncu",
        "kırkıncı",
        "yüzüncü",
        "bin iki yüz dördüncü",
    ]


def understood(words: str) -> int:
    """What a listener makes of a number."""
    small = {word: value for value, word in enumerate(ONES.split())}
    small |= {word: 10 * value for value, word in enumerate(TENS.split(), start=1)}
    large = {"bin": 10**3, "milyon": 10**6, "milyar": 10**9, "trilyon": 10**12}
    total = group = 0
    for word in words.split():
        if word == "yüz":
            group = (group or 1) * 100
        elif word in large:
            total, group = total + (group or 1) * large[word], 0
        else:
            group += small[word]
    return total + group


@settings(deadline=None)
@given(st.integers(0, 10**15 - 1) | st.integers(0, 3000))
def test_numbers_are_understood_and_a_thousand_is_never_one_thousand(value: int) -> None:
    assert understood(number(value)) == value
    assert not re.search(r"(^|ilyon |ilyar )bir bin", number(value))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(CASES[1:]))
def test_suffixes_are_in_harmony_with_the_last_vowel(value: int, case: Case) -> None:
    bare = number(value)
    last_vowel = re.findall("[aeıioöuü]", bare)[-1]
    suffix_vowel = re.findall("[aeıioöuü]", inflect(bare, case))[-1]
    assert suffix_vowel == ("a" if last_vowel in "aıou" else "e")


def test_letter_case_keeps_the_dot_where_it_was() -> None:
    assert (lower("ISITMA İZMİT"), upper("ısıtma izmit")) == ("ısıtma izmit", "ISITMA İZMİT")
    assert (capitalise("izmit"), capitalise("ılıca")) == ("İzmit", "Ilıca")


@settings(deadline=None)
@given(st.text("abcçdefgğhıijklmnoöprsştuüvyz", max_size=20))
def test_letter_case_goes_there_and_back(word: str) -> None:
    assert lower(upper(word)) == word
    assert len(upper(word)) == len(word)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ISTANBUL)


@pytest.mark.parametrize(
    ("moment", "case", "spoken"),
    [
        (at(24, 17), "bare", "bugün saat on yedi"),
        (at(24, 17), "locative", "bugün saat on yedide"),
        (at(24, 16, 52), "dative", "bugün saat on altı elli beşe"),
        (at(24, 16, 57), "dative", "bugün saat on yediye"),
        (at(24, 9), "ablative", "bugün saat dokuzdan"),
        (at(23, 22, 30), "ablative", "dün saat yirmi iki buçuktan"),
        (at(25, 9), "locative", "yarın saat dokuzda"),
        (at(26, 9), "bare", "yirmi altı Kasım Perşembe günü saat dokuz"),
        (at(24, 23, 58), "locative", "bu gece yarısında"),
        (at(25, 0), "dative", "bu gece yarısına"),
        (at(24, 0), "ablative", "dün gece yarısından"),
        (at(25, 2), "locative", "bu gece saat ikide"),
        (at(24, 3), "ablative", "dün gece saat üçten"),
        (at(26, 4, 30), "dative", "yarın gece saat dört buçuğa"),
        (at(27, 2), "locative", "yirmi altı Kasım Perşembeyi Cumaya bağlayan gece saat ikide"),
        (at(30, 0), "dative", "yirmi dokuz Kasım Pazarı Pazartesiye bağlayan gece yarısına"),
    ],
)
def test_moments_are_said_from_where_the_caller_stands(moment: datetime, case: Case, spoken: str) -> None:
    assert turkish.moment(moment, NOW, case) == spoken


def test_a_caller_awake_at_two_hears_of_this_night_and_of_the_coming_day() -> None:
    assert turkish.moment(at(25, 4), at(25, 2), "dative") == "bu gece saat dörde"
    assert turkish.moment(at(25, 17), at(25, 2), "dative") == "bugün saat on yediye"
    assert turkish.moment(at(25, 0), at(25, 2), "ablative") == "bu gece yarısından"


def test_the_weekday_form_of_the_design() -> None:
    spoken = turkish.moment(at(25, 9), at(20, 12))
    assert spoken == "yirmi beş Kasım Çarşamba günü saat dokuz"


@pytest.mark.parametrize(
    ("start", "end", "spoken"),
    [
        (at(24, 9), at(24, 17), "bugün saat dokuzdan on yediye kadar"),
        (at(24, 8, 30), at(24, 12, 30), "bugün saat sekiz buçuktan on iki buçuğa kadar"),
        (at(24, 22), at(25, 6), "bugün saat yirmi ikiden yarın saat altıya kadar"),
        (at(24, 22), at(25, 2), "bugün saat yirmi ikiden gece saat ikiye kadar"),
        (at(24, 9), at(25, 0), "bugün saat dokuzdan gece yarısına kadar"),
        (at(25, 0), at(25, 4), "bu gece yarısından saat dörde kadar"),
        (at(25, 1), at(25, 4), "bu gece saat birden dörde kadar"),
        (at(25, 9), at(25, 17), "yarın saat dokuzdan on yediye kadar"),
        (at(26, 9), at(26, 17), "yirmi altı Kasım Perşembe günü saat dokuzdan on yediye kadar"),
        (
            at(26, 20),
            at(27, 8),
            "yirmi altı Kasım Perşembe günü saat yirmiden yirmi yedi Kasım Cuma günü saat sekize kadar",
        ),
    ],
)
def test_spans_say_the_day_once_where_it_is_one_day(start: datetime, end: datetime, spoken: str) -> None:
    assert turkish.span(start, end, NOW) == spoken


@settings(deadline=None)
@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_no_day_or_hour_is_ever_said_in_figures(ahead: timedelta, length: timedelta) -> None:
    start = NOW + ahead
    spoken = [turkish.span(start, start + length, NOW), *(turkish.moment(start, NOW, case) for case in CASES)]
    assert not re.search(r"\d|  |gece gece", " ".join(spoken))


def test_counts_and_rows_of_digits_are_said_as_turks_dictate_them() -> None:
    assert turkish.count(1250, "abone") == "bin iki yüz elli abone"
    assert turkish.ticket("26-004217") == "yirmi altı, sıfır sıfır dört, iki yüz on yedi"
    assert turkish.digits("05321234567") == "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"
    assert turkish.digits("+905321234567") == turkish.digits("05321234567")
    assert turkish.digits("4441185") == "dört yüz kırk dört, on bir, seksen beş"
    assert turkish.digits("02620050040") == "sıfır iki yüz altmış iki, sıfır sıfır beş, sıfır sıfır, kırk"


@pytest.mark.parametrize(
    ("name", "locative", "dative", "ablative"),
    [
        ("Dilovası", "Dilovası'nda", "Dilovası'na", "Dilovası'ndan"),
        ("Gölcük", "Gölcük'te", "Gölcük'e", "Gölcük'ten"),
        ("İzmit", "İzmit'te", "İzmit'e", "İzmit'ten"),
        ("Gebze", "Gebze'de", "Gebze'ye", "Gebze'den"),
        ("Kandıra", "Kandıra'da", "Kandıra'ya", "Kandıra'dan"),
        ("Karamürsel", "Karamürsel'de", "Karamürsel'e", "Karamürsel'den"),
        ("Körfez", "Körfez'de", "Körfez'e", "Körfez'den"),
        ("Yeni Mahalle", "Yeni Mahalle'de", "Yeni Mahalle'ye", "Yeni Mahalle'den"),
        ("Cami Mahallesi", "Cami Mahallesi'nde", "Cami Mahallesi'ne", "Cami Mahallesi'nden"),
        ("Zeytinburnu", "Zeytinburnu'nda", "Zeytinburnu'na", "Zeytinburnu'ndan"),
        ("İpek Yolu", "İpek Yolu'nda", "İpek Yolu'na", "İpek Yolu'ndan"),
        ("Bayramoğlu", "Bayramoğlu'nda", "Bayramoğlu'na", "Bayramoğlu'ndan"),
        ("İnönü", "İnönü'de", "İnönü'ye", "İnönü'den"),
        ("Acısu", "Acısu'da", "Acısu'ya", "Acısu'dan"),
        ("Çarşı", "Çarşı'da", "Çarşı'ya", "Çarşı'dan"),
        ("Sarışeyh", "Sarışeyh'te", "Sarışeyh'e", "Sarışeyh'ten"),
        ("Naip", "Naip'te", "Naip'e", "Naip'ten"),
        ("Mustafa Kemal", "Mustafa Kemal'de", "Mustafa Kemal'e", "Mustafa Kemal'den"),
        ("Gebze Plastikçiler OSB", *(f"Gebze Plastikçiler o se be'{end}" for end in ("de", "ye", "den"))),
        ("Gebze Organize Sanayi Bölgesi", *(f"Gebze Organize Sanayi Bölgesi'{end}" for end in ("nde", "ne", "nden"))),
        ("17 Ağustos", "on yedi Ağustos'ta", "on yedi Ağustos'a", "on yedi Ağustos'tan"),
        ("28 Haziran", "yirmi sekiz Haziran'da", "yirmi sekiz Haziran'a", "yirmi sekiz Haziran'dan"),
        ("Akçakoca 2", "Akçakoca ikide", "Akçakoca ikiye", "Akçakoca ikiden"),
        ("Akçakoca 6", "Akçakoca altıda", "Akçakoca altıya", "Akçakoca altıdan"),
    ],
)
def test_names_of_places(name: str, locative: str, dative: str, ablative: str) -> None:
    assert [turkish.place(name, case) for case in ("locative", "dative", "ablative")] == [locative, dative, ablative]


@settings(deadline=None)
@given(st.text(), st.sampled_from(CASES))
def test_no_name_however_strange_reaches_the_engine_in_figures(name: str, case: Case) -> None:
    assert not any(character.isnumeric() for character in turkish.place(name, case))


@pytest.mark.skipif(not KOCAELI.exists(), reason="no reference list of Kocaeli's neighbourhoods here")
def test_every_neighbourhood_of_kocaeli_has_a_place_where_water_can_be_off() -> None:
    districts = json.loads(KOCAELI.read_text(encoding="utf-8"))["districts"]
    names = [district["name"] for district in districts]
    names += [neighbourhood["name"] for district in districts for neighbourhood in district["neighbourhoods"]]
    assert len(names) == 12 + 472
    for name in names:
        spoken = turkish.place(name, "locative")
        stem, _, suffix = spoken.partition("'")
        assert not any(character.isnumeric() for character in spoken)
        assert stem == name or name[0].isdigit()
        hard, back = stem[-1] in "fstkçşhp", re.findall("[aeıioöuü]", lower(stem))[-1] in "aıou"
        assert suffix.removeprefix("n") == ("t" if hard else "d") + ("a" if back else "e"), spoken
    compounds = {name for name in names if "'n" in turkish.place(name, "locative")}
    assert sorted(compounds) == sorted(COMPOUNDS.split("|"))
