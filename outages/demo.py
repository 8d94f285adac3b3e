"""Outages to try the line with. They are marked as such everywhere, and callers hear that they are a demonstration."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outages import repository
from outages.board import OutageKind
from outages.life import Cause, Crew, OutageFacts
from outages.models import Area, Outage
from outages.recording import touch_board
from outages.service import OutageService
from storage.database import Database

LABEL_TR = "Bu, deneme için hazırlanmış bir kayıttır."
LABEL_EN = "This is a demonstration."
_LIKED = {"Gebze": ("Yeni Mahalle", "Barış"), "Dilovası": (), "Gölcük": (), "İzmit": (), "Körfez": ()}
"""Where there are districts and neighbourhoods of these names, they are taken first."""


async def add_demo(db: Database, now: Callable[[], datetime], zone: str = "Europe/Istanbul") -> int:
    """Fill a database without outages; returns how many were added."""
    async with db.session() as session:
        if await session.scalar(select(func.count()).select_from(Outage)):
            return 0
        districts = await _districts(session)
        if len(districts) < len(_LIKED):
            return 0
        service = OutageService(session, now, "demo")
        facts = _demo(districts, now(), ZoneInfo(zone))
        for each in facts:
            await service.create(each, source="demo")
        await session.commit()
        return len(facts)


async def remove_demo(session: AsyncSession) -> int:
    """Remove what `add_demo` added; returns how many."""
    removed = (await session.scalars(delete(Outage).where(Outage.source == "demo").returning(Outage.id))).all()
    await touch_board(session)
    return len(removed)


async def _districts(session: AsyncSession) -> list[tuple[Area, list[Area]]]:
    """Districts with their neighbourhoods, the liked ones first."""
    areas = await repository.areas(session)
    districts = sorted(
        (area for area in areas if area.district_id is None), key=lambda d: (_rank(d.name, tuple(_LIKED)), d.number)
    )
    inside = {
        district.id: sorted(
            (area for area in areas if area.district_id == district.id),
            key=lambda a: (_rank(a.name, _LIKED.get(district.name, ())), a.number),
        )
        for district in districts
    }
    return [(district, inside[district.id]) for district in districts if len(inside[district.id]) >= 3]


def _rank(name: str, liked: tuple[str, ...]) -> int:
    return liked.index(name) if name in liked else len(liked)


def _demo(districts: list[tuple[Area, list[Area]]], now: datetime, zone: ZoneInfo) -> list[OutageFacts]:
    (_, burst), (wide, _), (_, late), (_, planned), (_, restored), *_ = districts
    hour = timedelta(hours=1)
    full = now.replace(minute=0, second=0, microsecond=0)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(9), zone)
    return [
        _fact("fault", Cause.pipe_burst, burst[:2], full - hour, full + 4 * hour, Crew.working, 1850),
        _fact("fault", Cause.pump_fault, burst[:1], full, full + 6 * hour, Crew.on_the_way),
        _fact("fault", Cause.power_cut, [wide], full - hour),
        _fact("fault", Cause.main_burst, late[:2], full - 6 * hour, full - hour, Crew.on_site),
        _fact("planned", Cause.renewal, planned[:3], tomorrow, tomorrow + 8 * hour),
        _fact("fault", Cause.network_fault, restored[:1], full - 7 * hour, ended=now - 2 * hour),
    ]


def _fact(
    kind: OutageKind,
    cause: Cause,
    areas: list[Area],
    starts: datetime,
    expected_end: datetime | None = None,
    crew: Crew | None = None,
    subscribers: int | None = None,
    ended: datetime | None = None,
) -> OutageFacts:
    return OutageFacts(
        kind=kind,
        cause=cause,
        areas={area.id: None for area in areas},
        starts=starts,
        expected_end=expected_end,
        actual_end=ended,
        subscribers=subscribers,
        crew=crew,
        announcement_tr=LABEL_TR,
        announcement_en=LABEL_EN,
    )
