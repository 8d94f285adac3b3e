"""A small Gebze and Körfez for the outage tests, and a clock that stands still until it is told to move."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from outages.life import OutageFacts
from outages.models import Area
from storage.database import Database

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 25, 9, tzinfo=UTC)


@dataclass
class Clock:
    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, by: timedelta) -> None:
        self.moment += by


@dataclass
class Places:
    gebze: int
    yeni: int
    baris: int
    korfez: int
    korfez_yeni: int
    merged: int
    """Merged into `baris`."""


async def add_places(db: Database) -> Places:
    async with db.session() as session:
        gebze, korfez = _area("Gebze", 1), _area("Körfez", 2)
        session.add_all([gebze, korfez])
        await session.flush()
        yeni, baris = _area("Yeni Mahalle", 101, gebze), _area("Barış", 102, gebze)
        other = _area("Yeni Mahalle", 201, korfez)
        session.add_all([yeni, baris, other])
        await session.flush()
        merged = _area("Sulh", 103, gebze)
        merged.active, merged.merged_into = False, baris.id
        session.add(merged)
        await session.commit()
        return Places(gebze.id, yeni.id, baris.id, korfez.id, other.id, merged.id)


def fault(
    *areas: int, starts: datetime = START - HOUR, expected_end: datetime | None = START + 8 * HOUR
) -> OutageFacts:
    return OutageFacts("fault", "network_fault", dict.fromkeys(areas), starts, expected_end)


def _area(name: str, number: int, district: Area | None = None) -> Area:
    return Area(
        kind="neighbourhood" if district else "district",
        name=name,
        spoken=name,
        district_id=district.id if district else None,
        search_key=name,
        keypad="2",
        number=number,
        active=True,
    )
