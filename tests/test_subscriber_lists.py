"""Lists as utilities keep them: days without an hour, numbers however they are written, read beside running calls."""

import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outages.tables import Record
from storage.database import Database
from storage.types import use_key
from subscribers.facts import SubscriberFacts
from subscribers.files import read_upload
from subscribers.importer import Importer, Origin
from subscribers.phones import e164
from subscribers.rows import Reader
from subscribers.service import Subscribers
from tests.outage_world import Clock
from tests.subscriber_world import SECRET

ZONE = ZoneInfo("Europe/Istanbul")


class WatchedReader(Reader):
    """Remembers in which thread it read."""

    def __init__(self) -> None:
        super().__init__([], zone=ZONE)
        self.threads: set[int] = set()

    def read(self, record: Record) -> SubscriberFacts | tuple[object, ...]:  # type: ignore[override]
        self.threads.add(threading.get_ident())
        return super().read(record)


async def each(text: str) -> AsyncIterator[Record]:
    for record in read_upload(text.encode()):
        yield record


async def taken_in(db: Database, text: str, reader: Reader | None = None) -> str:
    """What became of its rows."""
    use_key("a key of the tests")
    importer = Importer(db, reader or Reader([], zone=ZONE), Clock(), SECRET, "tests")
    report = await importer.run(each(text), Origin(str(hash(text)), "list.csv", "file"))
    told = {"new": report.new, "changed": report.changed, "same": report.same, "bad": report.bad}
    return " ".join(f"{count} {what}" for what, count in told.items() if count)


@pytest.mark.parametrize("written", ["19.01.2025", "19/1/2025", "2025-01-19"])
async def test_a_consent_needs_no_hour(db: Database, written: str) -> None:
    assert await taken_in(db, f"abone no;sms izni;izin tarihi\n4532170;evet;{written}\n") == "1 new"
    async with db.reading() as session:
        found = await Subscribers(session, Clock(), SECRET).by_number("4532170")
    assert found
    assert [consent.at for consent in found.consents] == [datetime(2025, 1, 18, 21, tzinfo=UTC)]


async def test_a_list_of_the_same_day_does_not_undo_what_was_said_on_it(db: Database) -> None:
    await taken_in(db, "abone no\n4532170\n")
    clock = Clock()
    async with db.session() as session:
        await Subscribers(session, clock, SECRET).consent(1, "sms", "outages", given=False, source="phone", who="ayse")
        await session.commit()
    today = f"{clock().astimezone(ZONE):%d.%m.%Y}"
    assert await taken_in(db, f"abone no;sms izni;izin tarihi\n4532170;evet;{today}\n") == "1 same"


@given(
    st.from_regex(r"\A0?[1-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2}\Z")
    | st.text(alphabet="0123456789 -+()", max_size=18)
)
def test_the_quick_way_to_a_telephone_number_finds_what_the_careful_one_does(written: str) -> None:
    found = e164(written)
    text = written.strip()
    text = f"0{text}" if len(text) == 10 and text.isdecimal() else text
    try:
        parsed = phonenumbers.parse(text, "TR")
    except phonenumbers.NumberParseException:
        assert found is None
        return
    plain = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert found == (plain if phonenumbers.is_possible_number(parsed) else None)


async def test_rows_are_read_beside_whatever_else_the_process_does(db: Database) -> None:
    """A service that takes a list in goes on answering calls meanwhile."""
    reader = WatchedReader()
    await taken_in(db, "abone no\n" + "".join(f"{number}\n" for number in range(4000, 4600)), reader)
    assert reader.threads
    assert threading.get_ident() not in reader.threads


async def test_one_reader_reads_lists_with_different_columns() -> None:
    reader = Reader([], zone=ZONE)
    read = [
        reader.read(record)
        for text in ("abone no;ad\n4532170;Ayşe\n", "ad;tel;abone no\nMehmet;05321234567;4532189\n")
        for record in read_upload(text.encode())
    ]
    assert [(facts.number, facts.name) for facts in read if isinstance(facts, SubscriberFacts)] == [
        ("4532170", "Ayşe"),
        ("4532189", "Mehmet"),
    ]
