"""Lists of subscribers: every row is told, good ones are kept once, and a hostile file gets one clear sentence."""

import contextlib
import io
import sqlite3
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from outages.tables import Record, UnreadableFile
from storage.database import Database
from storage.types import use_key
from subscribers import importer as importing
from subscribers.database_source import OtherDatabase
from subscribers.errors import SubscriberError
from subscribers.files import read_file, read_upload
from subscribers.importer import Importer, ImportReport, Origin, reader_of
from subscribers.models import ImportRun, SubscriberRow
from subscribers.plan import PlannedRow
from subscribers.rows import Reader
from subscribers.service import Subscribers
from tests.outage_world import Clock, Places, add_places
from tests.subscriber_world import SECRET

ZONE = ZoneInfo("Europe/Istanbul")
HEAD = "Abone No;Ad Soyad;Telefon;Telefon 2;İlçe;Mahalle;Adres;Sayaç No;Dil;SMS İzni\n"
AYSE = "4532170;Ayşe Yılmaz;0532 123 45 67;;Gebze;Yeni Mahalle;Okul Cad. 3;S-77;;evet\n"
MEHMET = "4532189;Mehmet Kaya;5321234568;0262 123 45 67;Gebze;BARIŞ MAH.;;;en;hayır\n"


@pytest.fixture
async def places(db: Database) -> Places:
    use_key("a key of the tests")
    return await add_places(db)


async def each(records: list[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record


async def importer(db: Database, scheme: str = "none") -> Importer:
    return Importer(db, await reader_of(db, scheme, ZONE), Clock(), SECRET, "tests")  # type: ignore[arg-type]


async def taken_in(db: Database, text: str | bytes, told: list[PlannedRow] | None = None) -> ImportReport:
    data = text.encode() if isinstance(text, str) else text
    hears = told.append if told is not None else None
    return await (await importer(db)).run(each(read_upload(data)), Origin(str(hash(data)), "list.csv", "file"), hears)


async def looked(db: Database, text: str) -> list[PlannedRow]:
    rows: list[PlannedRow] = []
    await (await importer(db)).look(each(read_upload(text.encode())), rows.append)
    return rows


async def count(db: Database) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(SubscriberRow)) or 0


async def test_rows_become_subscribers(db: Database, places: Places) -> None:
    report = await taken_in(db, HEAD + AYSE + MEHMET)
    assert (report.new, report.changed, report.same, report.bad) == (2, 0, 0, 0)
    async with db.reading() as session:
        service = Subscribers(session, Clock(), SECRET)
        ayse, mehmet = await service.by_number("4532170"), await service.by_number("4532189")
    assert ayse
    assert mehmet
    assert (ayse.name, ayse.phones, ayse.area_id) == ("Ayşe Yılmaz", ("+905321234567",), places.yeni)
    assert [(c.channel, c.purpose, c.given) for c in ayse.consents] == [("sms", "outages", True)]
    assert (set(mehmet.phones), mehmet.area_id) == ({"+905321234568", "+902621234567"}, places.baris)
    assert (mehmet.language, mehmet.address, mehmet.consents[0].given) == ("en", None, False)


async def test_what_is_looked_at_is_not_saved(db: Database, places: Places) -> None:
    rows = await looked(db, HEAD + AYSE + "12;x\n")
    assert [(row.line, row.what) for row in rows] == [(2, "new"), (3, "bad")]
    assert await count(db) == 0


async def test_the_same_list_again_changes_nothing(db: Database, places: Places) -> None:
    await taken_in(db, HEAD + AYSE + MEHMET)
    report = await taken_in(db, HEAD + AYSE + MEHMET + "\n")
    assert (report.new, report.changed, report.same) == (0, 0, 2)


async def test_what_changes_is_told_with_before_and_after(db: Database, places: Places) -> None:
    await taken_in(db, HEAD + AYSE)
    rows = await looked(db, HEAD + AYSE.replace("Yılmaz", "Demir").replace("0532 123 45 67", "0532 765 43 21"))
    assert rows[0].what == "changed"
    assert rows[0].differences == {
        "name": ("Ayşe Yılmaz", "Ayşe Demir"),
        "phones": (("+905321234567",), ("+905327654321",)),
    }
    await taken_in(db, HEAD + AYSE.replace("Yılmaz", "Demir"))
    async with db.reading() as session:
        service = Subscribers(session, Clock(), SECRET)
        assert [found.number for found in await service.by_name("demir")] == ["4532170"]
        assert await service.by_name("yılmaz") == []


async def test_a_list_with_fewer_columns_empties_nothing(db: Database, places: Places) -> None:
    await taken_in(db, HEAD + AYSE)
    report = await taken_in(db, "abone no,adres\n4532170,Yeni adres 5\n")
    assert report.changed == 1
    async with db.reading() as session:
        found = await Subscribers(session, Clock(), SECRET).by_number("4532170")
    assert found
    assert (found.name, found.address, found.phones) == ("Ayşe Yılmaz", "Yeni adres 5", ("+905321234567",))


async def test_an_older_list_does_not_undo_what_was_said_since(db: Database, places: Places) -> None:
    await taken_in(db, HEAD + AYSE)
    async with db.session() as session:
        service = Subscribers(session, Clock(), SECRET)
        await service.consent(1, "sms", "outages", given=False, source="phone", who="ayse")
        await session.commit()
    for list_ in (HEAD + AYSE + "\n\n", "abone no;sms izni;izin tarihi\n4532170;evet;01.01.2020 10:00\n"):
        assert (await taken_in(db, list_)).same == 1
    newer = "abone no;sms izni;izin tarihi\n4532170;evet;26.11.2026 10:00\n"
    assert (await taken_in(db, newer)).changed == 1
    async with db.reading() as session:
        found = await Subscribers(session, Clock(), SECRET).by_number("4532170")
    assert found
    assert found.name == "Ayşe Yılmaz"
    assert [consent.given for consent in found.consents] == [True]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("abc;;;;;;;;;", "Abone No", "is no subscriber number"),
        (";Ayşe;;;;;;;;", "Abone No", "is no subscriber number"),
        ("0000;Ayşe;;;;;;;;", "Abone No", "is no subscriber number"),
        ("4532170;;05321;;;;;;;", "Telefon", "is no telephone number"),
        ("4532170;;;;Gebze;Yeni Mahale;;;;", "mahalle", "has no neighbourhood"),
        ("4532170;;;;Atlantis;;;;;", "ilçe", "There is no district"),
        ("4532170;;;;;;;;klingon;", "Dil", "is no language"),
        ("4532170;;;;;;;;;belki", "SMS İzni", "write evet or hayır"),
        (f"4532170;{'x' * 200};;;;;;;;", "Ad Soyad", "longer than 160"),
        (f"4532170;;{'0532 123 45 67;' * 1}{','.join(f'0532 123 45 {n}' for n in range(10, 20))};;;;;;", "Telefon", ""),
    ],
)
async def test_a_bad_row_is_left_out_and_told(db: Database, places: Places, row: str, column: str, reason: str) -> None:
    report = await taken_in(db, HEAD + row + "\n" + MEHMET)
    assert (report.new, report.bad) == (1, 1)
    assert report.errors[0].line == 2
    assert report.errors[0].column == column
    assert reason in report.errors[0].reason
    assert report.errors[0].turkish


async def test_a_number_that_comes_twice_is_kept_once(db: Database, places: Places) -> None:
    rows: list[PlannedRow] = []
    report = await taken_in(db, HEAD + AYSE + "00453 2170;Başkası;;;;;;;;\n", rows)
    assert (report.new, report.bad) == (1, 1)
    assert "stands in the list before" in rows[1].errors[0].reason


async def test_a_wrong_check_digit_is_told(db: Database, places: Places) -> None:
    strict = await importer(db, "luhn")
    rows: list[PlannedRow] = []
    records = read_upload(b"abone no\n79927398713\n79927398710\n")
    await strict.look(each(records), rows.append)
    assert [row.what for row in rows] == ["new", "bad"]
    assert "check digit" in rows[1].errors[0].reason


async def test_who_was_erased_does_not_come_back(db: Database, places: Places) -> None:
    await taken_in(db, HEAD + AYSE)
    async with db.session() as session:
        await Subscribers(session, Clock(), SECRET).erase(1, "ayse")
        await session.commit()
    report = await taken_in(db, HEAD + AYSE + "\n")
    assert (report.new, report.bad) == (0, 1)
    assert "erased" in report.errors[0].reason


async def test_a_merged_number_is_left_alone(db: Database, places: Places) -> None:
    await taken_in(db, HEAD + AYSE + MEHMET)
    async with db.session() as session:
        await Subscribers(session, Clock(), SECRET).merge(2, "4532170", "ayse")
        await session.commit()
    assert (await taken_in(db, HEAD + MEHMET.replace("Kaya", "Kayaoğlu"))).same == 1


async def test_an_import_that_was_broken_off_goes_on_where_it_was(
    db: Database, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    records = read_upload(("abone no\n" + "".join(f"{n}\n" for n in range(1000, 1035))).encode())

    async def broken() -> AsyncIterator[Record]:
        for record in records[:25]:
            yield record
        raise UnreadableFile("The network is gone.", "Ağ yok.")

    origin = Origin("a digest", "list.csv", "file")
    with pytest.raises(UnreadableFile):
        await (await importer(db)).run(broken(), origin)
    assert await count(db) == 20
    report = await (await importer(db)).run(each(records), origin)
    assert (report.resumed_from, report.new, report.rows) == (20, 35, 35)
    assert await count(db) == 35
    again = await (await importer(db)).run(each(records), origin)
    assert (again.resumed_from, again.same) == (0, 35)
    async with db.reading() as session:
        assert all(run.finished for run in await session.scalars(select(ImportRun)))


HOSTILE = {
    "nothing": (b"", "The file is empty"),
    "blank": (b" \n \n", "The file holds no rows"),
    "no number": (b"ad soyad;telefon\nA;1\n", "lacks the column abone no"),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "Old Excel files"),
    "zeros": (b"\0" * 1000, "neither CSV nor XLSX"),
    "zip": (b"PK\x03\x04" + b"x" * 400, "This XLSX file cannot be read"),
    "open quotation mark": (b'abone no;ad soyad\n4532170;"' + b"x" * 200_000, "is no CSV"),
    "twice": (b"abone no;Abone No\n1;2\n", "occurs twice"),
    "columns": (b"abone no;" + b";".join(b"c%d" % n for n in range(80)) + b"\n1\n", "columns"),
    "one endless line": (b"abone no" + b"x" * 1_200_000, "neither CSV nor XLSX"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_gets_one_sentence(db: Database, places: Places, tmp_path: Path, name: str) -> None:
    data, sentence = HOSTILE[name]
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    with pytest.raises(UnreadableFile) as refused:
        await (await importer(db)).look(each(list(read_file(file))))
    assert sentence in refused.value.message
    assert refused.value.turkish
    assert "\n" not in refused.value.message


def test_formulas_and_control_signs_become_text(tmp_path: Path) -> None:
    records = read_upload(b'abone no;ad soyad\n4532170;=HYPERLINK("evil")\x1b[31m\n')
    read = Reader([], zone=ZONE).read(records[0])
    assert not isinstance(read, tuple)
    assert read.name == 'HYPERLINK("evil") [31m'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254", "utf-16"])
def test_files_of_turkish_offices_are_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("\n\nABONE NO;ADI;SOYADI\n4532170;Şükrü;Işık\n".encode(encoding))
    read = Reader([], zone=ZONE).read(next(read_file(file)))
    assert not isinstance(read, tuple)
    assert read.name == "Şükrü Işık"


def test_xlsx_is_read_with_its_numbers(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Abone No", "Telefon"])
    book.active.append([4532170, 5321234567.0])
    packed = io.BytesIO()
    book.save(packed)
    file = tmp_path / "list.xlsx"
    file.write_bytes(packed.getvalue())
    read = Reader([], zone=ZONE).read(next(read_file(file)))
    assert not isinstance(read, tuple)
    assert (read.number, read.phones) == ("4532170", ("+905321234567",))


def test_a_long_list_is_read_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    with file.open("w") as written:
        written.write("abone no;ad soyad;adres\n")
        written.writelines(f"{number};Ayşe Yılmaz;Okul Caddesi {number}\n" for number in range(100_000, 140_000))
    tracemalloc.start()
    rows = sum(1 for _ in read_file(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 40_000
    assert peak < 4_000_000


@given(st.binary(max_size=400))
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    reader = Reader([], zone=ZONE)
    with contextlib.suppress(UnreadableFile):
        for record in read_upload(data):
            assert reader.read(record) is not None


def other_database(folder: Path) -> str:
    file = folder / "utility.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE customers (no TEXT, who TEXT, gsm TEXT, town TEXT, part TEXT)")
        made.execute("INSERT INTO customers VALUES ('4532170', 'Ayşe Yılmaz', '05321234567', 'Gebze', 'Yeni Mahalle')")
        made.execute(
            "CREATE VIEW alo185_subscribers AS SELECT no AS number, who AS name, gsm AS phone, town AS district,"
            " part AS neighbourhood FROM customers"
        )
    made.close()
    return f"sqlite:///{file}"


async def test_the_utilitys_database_is_read_by_a_view(db: Database, places: Places, tmp_path: Path) -> None:
    source = OtherDatabase(other_database(tmp_path))
    report = await (await importer(db)).run(source.records(), Origin(source.digest, source.name, "database"))
    assert report.new == 1
    async with db.reading() as session:
        found = await Subscribers(session, Clock(), SECRET).by_number("4532170")
    assert found
    assert (found.name, found.phones, found.area_id) == ("Ayşe Yılmaz", ("+905321234567",), places.yeni)


async def test_the_utilitys_database_is_never_written(tmp_path: Path) -> None:
    source = OtherDatabase(other_database(tmp_path), "DELETE FROM customers RETURNING no AS number")
    with pytest.raises(SubscriberError) as refused:
        [record async for record in source.records()]
    assert refused.value.code == "database_refused"
    with sqlite3.connect(tmp_path / "utility.db") as made:
        assert made.execute("SELECT count(*) FROM customers").fetchone() == (1,)
    made.close()


async def test_postgresql_is_held_to_reading(db: Database) -> None:
    if db.dialect != "postgresql":
        return
    source = OtherDatabase(db.url.render_as_string(hide_password=False), "DELETE FROM areas RETURNING id AS number")
    with pytest.raises(SubscriberError) as refused:
        [record async for record in source.records()]
    assert "read-only" in refused.value.message


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x/y", "sqlite:////nowhere/at/all.db"])
async def test_a_database_that_cannot_be_read_gets_one_sentence(url: str) -> None:
    with pytest.raises(SubscriberError) as refused:
        [record async for record in OtherDatabase(url, "SELECT 1 AS number").records()]
    assert refused.value.code in ("bad_database_url", "database_refused")
    assert "\n" not in refused.value.message


def test_a_password_is_never_shown() -> None:
    source = OtherDatabase("postgresql://reader@host/db", password="geheim")
    assert "geheim" not in source.name
    assert "geheim" not in OtherDatabase("postgresql://reader:geheim@host/db").name
