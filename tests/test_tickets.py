"""A ticket is safe before its number is spoken, and one report never makes two."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from callflows.desk import Report
from storage.database import Database
from storage.types import use_key
from tickets.errors import TicketNotSaved
from tickets.models import Ticket
from tickets.service import TicketService

DAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
REPORT = Report("call-1", "leak", False, 7, "+905321234567", None)


@dataclass
class Clock:
    at: datetime = field(default=DAY)

    def now(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def key() -> None:
    use_key("a key for tests, long enough")


@pytest.fixture
def service(db: Database, tmp_path: Path) -> TicketService:
    return TicketService(db, tmp_path / "tickets", Clock().now)


async def tickets(db: Database) -> list[Ticket]:
    async with db.reading() as session:
        return list(await session.scalars(select(Ticket).order_by(Ticket.number)))


def message(tmp_path: Path, words: bytes = b"RIFF the corner of the bakery") -> Path:
    path = tmp_path / "incoming.wav"
    path.write_bytes(words)
    return path


async def test_numbers_count_up_within_a_year_and_start_again_with_the_next(db: Database, tmp_path: Path) -> None:
    clock = Clock()
    service = TicketService(db, tmp_path / "tickets", clock.now)
    first = await service.open(REPORT)
    second = await service.open(replace(REPORT, call_id="call-2"))
    clock.at += timedelta(days=60)
    third = await service.open(replace(REPORT, call_id="call-3"))
    assert [first, second, third] == ["26-000001", "26-000002", "27-000001"]


async def test_what_the_caller_told_is_kept(db: Database, service: TicketService) -> None:
    await service.open(replace(REPORT, urgent=True, outage_id=3))
    (ticket,) = await tickets(db)
    assert (ticket.category, ticket.urgency, ticket.area_id, ticket.outage_id) == ("leak", "urgent", 7, 3)
    assert (ticket.callback_number, ticket.opened, ticket.call_id) == ("+905321234567", DAY, "call-1")


async def test_the_number_to_call_back_is_unreadable_in_the_database(db: Database, service: TicketService) -> None:
    await service.open(REPORT)
    async with db.reading() as session:
        stored = await session.scalar(text("SELECT callback_number FROM tickets"))
    assert "532" not in stored


async def test_a_repeated_step_returns_the_same_number(db: Database, service: TicketService) -> None:
    assert await service.open(REPORT) == await service.open(REPORT)
    assert len(await tickets(db)) == 1


async def test_another_fault_in_the_same_call_is_another_ticket(db: Database, service: TicketService) -> None:
    await service.open(REPORT)
    await service.open(replace(REPORT, category="sewer"))
    assert [ticket.category for ticket in await tickets(db)] == ["leak", "sewer"]


async def test_steps_repeated_at_the_same_moment_make_one_ticket(db: Database, service: TicketService) -> None:
    numbers = await asyncio.gather(*(service.open(REPORT) for _ in range(8)))
    assert set(numbers) == {"26-000001"}
    assert len(await tickets(db)) == 1
    assert await service.open(replace(REPORT, call_id="next")) == "26-000002"


async def test_many_callers_at_once_get_numbers_without_gap_or_duplicate(db: Database, service: TicketService) -> None:
    reports = [replace(REPORT, call_id=f"call-{n // 2}") for n in range(40)]
    numbers = await asyncio.gather(*(service.open(report) for report in reports))
    assert sorted(set(numbers)) == [f"26-{n:06}" for n in range(1, 21)]
    assert [ticket.number for ticket in await tickets(db)] == sorted(set(numbers))


async def test_the_message_moves_with_the_ticket(db: Database, service: TicketService, tmp_path: Path) -> None:
    recorded = message(tmp_path)
    await service.open(replace(REPORT, voice=recorded))
    (ticket,) = await tickets(db)
    assert ticket.voice is not None
    kept = tmp_path / "tickets" / ticket.voice
    assert kept.read_bytes() == b"RIFF the corner of the bakery"
    assert kept.stat().st_mode & 0o077 == 0
    assert not recorded.exists()
    assert [path.name for path in (tmp_path / "tickets").iterdir()] == [ticket.voice]


async def test_a_retry_after_the_message_has_moved_loses_nothing(
    db: Database, service: TicketService, tmp_path: Path
) -> None:
    report = replace(REPORT, voice=message(tmp_path))
    numbers = await asyncio.gather(*(service.open(report) for _ in range(4)))
    numbers.append(await service.open(report))
    (ticket,) = await tickets(db)
    assert set(numbers) == {ticket.number}
    assert ticket.voice is not None
    assert [path.name for path in (tmp_path / "tickets").iterdir()] == [ticket.voice]


async def test_without_the_database_nothing_is_half_done(db: Database, service: TicketService, tmp_path: Path) -> None:
    recorded = message(tmp_path)
    async with db.session() as session:
        await session.execute(text("ALTER TABLE tickets RENAME TO elsewhere"))
        await session.commit()
    with pytest.raises(TicketNotSaved) as caught:
        await service.open(replace(REPORT, voice=recorded))
    assert caught.value.code == "ticket_not_saved"
    assert recorded.exists()
    assert list((tmp_path / "tickets").iterdir()) == []
    async with db.session() as session:
        await session.execute(text("ALTER TABLE elsewhere RENAME TO tickets"))
        await session.commit()
    assert await service.open(replace(REPORT, voice=recorded)) == "26-000001"


async def test_a_folder_that_cannot_be_written_opens_no_ticket(db: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    service = TicketService(db, tmp_path / "file", Clock().now)
    recorded = message(tmp_path)
    with pytest.raises(TicketNotSaved):
        await service.open(replace(REPORT, voice=recorded))
    assert recorded.exists()
    assert await tickets(db) == []


async def test_a_lost_message_does_not_cost_the_ticket(db: Database, service: TicketService, tmp_path: Path) -> None:
    assert await service.open(replace(REPORT, voice=tmp_path / "gone.wav")) == "26-000001"
    assert (await tickets(db))[0].voice is None


async def test_every_ticket_finds_its_call_again(db: Database, tmp_path: Path) -> None:
    """Two processes on one database, each with its own service."""
    services = [TicketService(db, tmp_path / "tickets", Clock().now) for _ in range(2)]
    reports = [replace(REPORT, call_id=f"call-{n}") for n in range(10)]
    numbers = await asyncio.gather(*(service.open(report) for report in reports for service in services))
    assert numbers[::2] == numbers[1::2]
    assert {ticket.call_id: ticket.number for ticket in await tickets(db)} == {
        report.call_id: number for report, number in zip(reports, numbers[::2], strict=True)
    }
