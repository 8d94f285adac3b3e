"""Areas found by what people call them."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from outages import repository
from outages.area_search import AreaSearch, UnknownPlace
from outages.errors import OutageError
from outages.models import Area
from outages.names import match_key


async def search(session: AsyncSession, text: str, limit: int = 20) -> list[Area]:
    """Areas whose name begins with or holds the text, best first; "sirinevler" finds "Şirinevler"."""
    wanted = match_key(text)
    found = [(rank, area.number, area) for area in await repository.areas(session) if (rank := _rank(area, wanted))]
    return [area for _, _, area in sorted(found, key=lambda hit: hit[:2])[:limit]]


async def named(session: AsyncSession, name: str) -> Area:
    """The one area that is meant by "Gebze", "Gebze/Yeni Mahalle" or, where no other has the name, "Barış Mah."."""
    known = AreaSearch(await repository.areas(session, merged=True))
    parts = [part.strip() for part in name.split("/")]
    if len(parts) > 2 or not all(parts):
        raise OutageError(f"{name!r} is not understood: write District or District/Neighbourhood.", "unknown_area")
    if len(parts) == 2:
        return known.find(*parts)
    try:
        return known.find(name, None)
    except UnknownPlace:
        return known.find(None, name)


def full_name(area: Area, by_id: Mapping[int, Area]) -> str:
    """ "Gebze/Yeni Mahalle"."""
    district = by_id.get(area.district_id) if area.district_id else None
    return f"{district.name}/{area.name}" if district else area.name


def _rank(area: Area, wanted: str) -> int:
    """1 the name itself, 2 its beginning, 3 somewhere in it, 0 not."""
    key = match_key(area.name)
    if not wanted or wanted not in key:
        return 0
    return 1 if key == wanted else 2 if key.startswith(wanted) else 3
