"""What is read from spreadsheets and feeds, and what is refused with which words."""

import ast
import io
import json
import zipfile
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from outages import life
from outages.rows import ParsedRows, Place, read_outages, read_place_ids
from outages.tables import MOST_BYTES, UnreadableFile

HEADER = "Kesinti No;İlçe;Mahalleler;Tür;Neden;Başlangıç;Tahmini Bitiş;Durum;Gerçekleşen Bitiş;Etkilenen Abone;Duyuru"
NINE = datetime(2026, 11, 25, 6, tzinfo=UTC)
"""09:00 in Istanbul."""


def read(*rows: str) -> ParsedRows:
    return read_outages("\n".join([HEADER, *rows]).encode())


def in_turkish(turkish: str | None, english: str) -> bool:
    """A sentence of its own, not the English one."""
    return bool(turkish) and turkish != english and turkish[-1:] == "."


def starts(written: str) -> datetime:
    parsed = read(f"1;Gebze;Barış;arıza;;{written};;;;;")
    assert not parsed.errors
    return parsed.rows[0].starts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_of_any_office_is_read(encoding: str, separator: str) -> None:
    table = f"{HEADER}\n101;Gebze;Yenikent|Barış Mah.;Planlı;Şebeke yenileme;25.11.2026 09:00;17:00;Planlandı;;1.250;\n"
    parsed = read_outages(table.replace(";", separator).encode(encoding), "kesinti.csv")
    assert not parsed.errors
    (row,) = parsed.rows
    assert row.places == (Place("Gebze", "Yenikent"), Place("Gebze", "Barış Mah."))
    assert (row.external_id, row.kind, row.cause, row.state) == ("101", "planned", "renewal", "open")
    assert (row.starts, row.expected_end) == (NINE, NINE.replace(hour=14))
    assert row.subscribers == 1250


def test_english_headers_are_read() -> None:
    header = "id,district,neighbourhood,kind,cause,starts,expected_end"
    table = f"{header}\nA1,Gebze,Barış,fault,power_cut,2026-11-25T09:00,3 hours\n"
    (row,) = read_outages(table.encode()).rows
    assert (row.external_id, row.cause, row.expected_end) == ("A1", "power_cut", NINE.replace(hour=9))


@pytest.mark.parametrize(
    "written",
    [
        "25.11.2026 09:00", "25/11/2026 9:00", "25.11.2026 09.00", "2026-11-25 09:00", "2026-11-25T09:00:00",
        "2026-11-25T06:00:00Z", "2026-11-25T09:00+03:00", "25 Kasım 2026 09:00", "25 Kasım 2026 Çarşamba saat 09:00",
        "/Date(1795586400000)/", "46351.375",
    ],
)  # fmt: skip
def test_one_moment_in_many_writings(written: str) -> None:
    assert starts(written) == NINE


@pytest.mark.parametrize(
    ("written", "end"),
    [("17:00", 14), ("saat 17:00", 14), ("3 saat", 9), ("2,5 saat", 8.5), ("90 dk", 7.5), ("02:00", 23)],
)
def test_estimates_count_from_the_start(written: str, end: float) -> None:
    (row,) = read(f"1;Gebze;Barış;arıza;;25.11.2026 09:00;{written};;;;").rows
    assert row.expected_end is not None
    assert (row.expected_end - NINE).total_seconds() == (end - 6) * 3600


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("1;Gebze;Barış;arıza;;25.13.2026 09:00;;;;;", "Başlangıç", "is no date and time"),
        ("1;Gebze;Barış;arıza;;25.11.2026;;;;;", "Başlangıç", "lacks the hour"),
        ("1;Gebze;Barış;arıza;;;;;;;", "Başlangıç", "is empty"),
        ("1;Gebze;Barış;arıza;;25.11.1926 09:00;;;;;", "Başlangıç", "another century"),
        ("1;Gebze;Barış;ariz;;25.11.2026 09:00;;;;;", "Tür", "write planlı or arıza"),
        ("1;Gebze;Barış;arıza;;25.11.2026 09:00;soon;;;;", "Tahmini Bitiş", "is no date and time"),
        ("1;Gebze;Barış;arıza;;25.11.2026 09:00;;belki;;;", "Durum", "is no known state"),
        ("1;Gebze;Barış;arıza;;25.11.2026 09:00;;;;viele;", "Etkilenen Abone", "whole number"),
        ("1;;;arıza;;25.11.2026 09:00;;;;;", "İlçe", "neither a district nor a neighbourhood"),
        ("1;Gebze;Barış;arıza;;25.11.2026 09:00;;açık;25.11.2026 10:00;;", "Gerçekleşen Bitiş", "still open"),
        ("1;Gebze;Barış;arıza;;25.11.2026 09:00;;;;;a;b", "", "more than the header"),
    ],
)
def test_a_bad_row_is_told_with_line_column_and_reason(row: str, column: str, reason: str) -> None:
    (error,) = read("9;Gebze;Barış;arıza;;25.11.2026 09:00;;;;;", row).errors
    assert (error.line, error.column) == (3, column)
    assert reason in error.reason
    assert in_turkish(error.turkish, error.reason)


def test_whatever_an_outage_is_refused_for_is_told_in_turkish_too() -> None:
    """A row meets all that an outage may be refused for."""
    refusals = [
        call
        for call in ast.walk(ast.parse(Path(life.__file__).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "OutageError"
    ]
    assert len(refusals) > 10
    assert [call.lineno for call in refusals if len(call.args) < 3] == []


def test_all_faults_are_told_at_once_and_lines_count_as_in_the_file() -> None:
    parsed = read('1;Gebze;"Barış,\nYenikent";x;;bad;;;;;', "", "2;Gebze;Barış;arıza;;bad;;;;;")
    assert [(error.line, error.column) for error in parsed.errors] == [
        (2, "Başlangıç"),
        (2, "Tür"),
        (5, "Başlangıç"),
    ]


def test_rows_of_one_outage_are_joined_and_contradictions_told() -> None:
    joined = read("1;Gebze;Barış;arıza;;25.11.2026 09:00;;;;;", "1;Darıca;Emek;arıza;;25.11.2026 09:00;;;;;")
    assert joined.rows[0].places == (Place("Gebze", "Barış"), Place("Darıca", "Emek"))
    (error,) = read("1;Gebze;Barış;arıza;;25.11.2026 09:00;;;;;", "1;Darıca;Emek;planlı;;25.11.2026 09:00;;;;;").errors
    assert "another story than line 2" in error.reason
    assert "2. satırdan farklı" in error.turkish


def test_without_a_number_an_outage_is_known_by_what_it_is() -> None:
    first, again, other = (
        read(f";Gebze;{names};arıza;;25.11.2026 09:00;{end};;;;").rows[0].external_id
        for names, end in [("Barış|Yenikent", "17:00"), ("YENİKENT mah.|Barış", "19:00"), ("Barış", "17:00")]
    )
    assert first == again != other


def test_texts_never_become_formulas() -> None:
    (row,) = read('1;Gebze;Barış;arıza;;25.11.2026 09:00;;;;;"=HYPERLINK(""x"")"').rows
    assert row.announcement == {"tr": 'HYPERLINK("x")'}


def workbook(*rows: list[Any], merge: str | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_xlsx_with_merged_cells_dates_and_serials_is_read() -> None:
    file = workbook(
        ["No", "İlçe", "Mahalle", "Başlangıç", "Tahmini Bitiş"],
        [1, "Gebze", "Barış", NINE.replace(hour=9, tzinfo=None), time(17)],
        [2, None, "Yenikent", 46351.375, "3 saat"],
        merge="B2:B3",
    )
    parsed = read_outages(file, "kesinti.xlsx")
    assert not parsed.errors
    assert [row.places for row in parsed.rows] == [(Place("Gebze", "Barış"),), (Place("Gebze", "Yenikent"),)]
    assert [row.starts for row in parsed.rows] == [NINE, NINE]
    assert [row.external_id for row in parsed.rows] == ["1", "2"]


def test_a_zip_bomb_is_refused_unopened() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * 70_000_000)
    with pytest.raises(UnreadableFile, match="far larger than it seems"):
        read_outages(file.getvalue(), "bomb.xlsx")


def test_entities_in_xlsx_are_refused() -> None:
    good = io.BytesIO(workbook(["İlçe", "Başlangıç"], ["Gebze", "25.11.2026 09:00"]))
    evil = io.BytesIO()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + content.split(b"?>", 1)[-1]
            new.writestr(name, content)
    with pytest.raises(UnreadableFile, match="XLSX"):
        read_outages(evil.getvalue(), "evil.xlsx")


ENTRY = {
    "ArizaID": 4711, "IlceAdi": "GEBZE", "MahalleID": [11], "Tip": "Arıza", "ArizaDurumu": "Devam Ediyor",
    "KesintiTarihi": "2026-11-25T09:00:00", "Ongoru": "2026-11-25T17:00:00", "ArizaGiderilmeTarihi": None,
    "GuncellemeTarihi": "2026-11-25T09:30:00",
}  # fmt: skip


def feed(*entries: dict[str, Any], **given: Any) -> ParsedRows:
    return read_outages(json.dumps(list(entries)).encode(), "feed.json", **given)


def test_the_feed_of_a_utility_is_read_with_its_own_numbers_of_neighbourhoods() -> None:
    ids = read_place_ids("id;ilçe;mahalle\n11;Gebze;Barış\n12;Gebze;\n".encode())
    (row,) = feed(ENTRY, place_ids=ids).rows
    assert (row.external_id, row.kind, row.state) == ("4711", "fault", "open")
    assert row.places == (Place("Gebze", "Barış"),)
    assert (row.starts, row.updated) == (NINE, NINE.replace(minute=30))


def test_names_in_the_feed_count_before_numbers() -> None:
    (row,) = feed(ENTRY | {"Mahalleler": ["Yenikent", "Barış"]}).rows
    assert row.places == (Place("GEBZE", "Yenikent"), Place("GEBZE", "Barış"))
    (row,) = feed(ENTRY | {"MahalleID": ["Barış"]}).rows
    assert row.places == (Place("GEBZE", "Barış"),)
    (row,) = feed(ENTRY | {"MahalleID": []}).rows
    assert row.places == (Place("GEBZE", None),)


def test_an_unknown_number_of_a_neighbourhood_is_not_guessed() -> None:
    (error,) = feed(ENTRY).errors
    assert (error.line, error.column) == (1, "MahalleID")
    assert "give a list of ids" in error.reason
    assert "numara listesini" in error.turkish


def test_a_feed_in_an_object_is_found() -> None:
    assert len(read_outages(json.dumps({"Data": [ENTRY | {"MahalleID": []}]}).encode()).rows) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"\x00\x01\x02", "neither CSV nor XLSX"),
        (b"PK\x03\x04nonsense", "XLSX file cannot be read"),
        (b"\xd0\xcf\x11\xe0old", "Old Excel"),
        (b"{", "Line 1 is no JSON"),
        (b'{"a": 1}', "no list of outages"),
        (b"[" * 100_000, "nested too deeply"),
        (b"a;b\n1;2\n", "lacks the column"),
        ("ilçe;İLÇE\n1;2\n".encode(), "occurs twice"),
        ('ilçe;başlangıç\n"Gebze;x\n'.encode(), "no CSV"),
        (("ilçe;başlangıç\n" + "a;b\n" * 10_001).encode(), "more than 10000 rows"),
        (b"x" * (MOST_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_an_unreadable_file_is_told_in_one_sentence(data: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told) as refused:
        read_outages(data)
    assert in_turkish(refused.value.turkish, refused.value.message)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_clearly(data: bytes) -> None:
    try:
        told = str(read_outages(data))
    except UnreadableFile as refused:
        told = refused.message
    assert told


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20), st.lists, max_leaves=5)
)
def test_any_value_in_a_feed_is_read_or_told(value: Any) -> None:
    for column in ENTRY:
        parsed = feed(ENTRY | {column: value}, place_ids={"11": Place("Gebze", "Barış")})
        assert len(parsed.rows) + len({error.line for error in parsed.errors}) == 1
        assert all(in_turkish(error.turkish, error.reason) for error in parsed.errors)
