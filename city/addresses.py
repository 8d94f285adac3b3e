"""A permanent address for each area: given once, kept through renamings, never given to another."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from city.models import PublicAddress
from outages import repository
from outages.board import AreaView, Board
from outages.keys import folded
from outages.models import Area
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

RESERVED = frozenset({"api", "ari", "console", "dialplan", "docs", "en", "feeds", "haber-ver", "health", "kesinti"})
RESERVED |= {"durum", "office", "onay", "openapi.json", "redoc", "robots.txt", "sitemap.xml", "static", "wall"}
"""First parts of other addresses."""
_LONGEST = 60


@dataclass(frozen=True)
class Addresses:
    """Paths without a leading slash: "gebze", "gebze/yeni-mahalle"."""

    path_of: Mapping[int, str] = field(default_factory=dict)
    """The present address of each living area."""
    area_at: Mapping[str, int] = field(default_factory=dict)
    """Every address that was ever given, with its area."""
    edition: int = 0
    """Another one for every change of areas."""


class AddressBook:
    """Gives addresses to areas that have none and keeps them in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._named: Mapping[int, AreaView] = {}
        self.addresses = Addresses()

    async def prepare(self, board: Board) -> None:
        """Called before a board is shown. Without a database its new areas get addresses for the time being."""
        if board.areas == self._named:
            return
        try:
            known = await self._kept()
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("addresses of public pages could not be kept yet: %s", error)
            self._become(board, self.addresses.area_at)
            return
        self._become(board, known)
        self._named = board.areas

    def _become(self, board: Board, known: Mapping[str, int]) -> None:
        self.addresses = _addresses(board.areas.values(), known, self.addresses.edition + 1)

    async def _kept(self) -> dict[str, int]:
        async with self._db.session() as session:
            rows = await session.scalars(select(PublicAddress))
            known = {row.path: row.area_id for row in rows}
            areas = await repository.areas(session, merged=True)
            fresh = {path: id_ for path, id_ in assigned(areas, known).items() if path not in known}
            session.add_all(PublicAddress(path=path, area_id=id_) for path, id_ in fresh.items())
            await session.commit()
        return known | fresh


def slug(name: str) -> str:
    """ "Yeni Mahalle" becomes "yeni-mahalle", "Şirinevler" "sirinevler"."""
    return folded(name).replace(" ", "-")[:_LONGEST].strip("-") or "yer"


def assigned(areas: Iterable[AreaView | Area], known: Mapping[str, int]) -> dict[str, int]:
    """All addresses, those known and one for each area whose name has none yet. The living choose first."""
    found = dict(known)
    by_id = {area.id: area for area in areas}
    order = sorted(by_id.values(), key=lambda a: (not getattr(a, "active", True), a.district_id is not None, a.number))
    for area in order:
        district = by_id.get(area.district_id) if area.district_id else None
        wished = _wished(area, district, found)
        if not any(found.get(path) == area.id for path in wished):
            found[next(path for path in wished if path not in found)] = area.id
    return found


def _addresses(areas: Collection[AreaView], known: Mapping[str, int], edition: int) -> Addresses:
    found = assigned(areas, known)
    by_id = {area.id: area for area in areas}
    path_of = {
        area.id: next(
            path for path in _wished(area, by_id.get(area.district_id or 0), found) if found.get(path) == area.id
        )
        for area in areas
    }
    return Addresses(path_of, found, edition)


def _wished(area: AreaView | Area, district: AreaView | Area | None, known: Mapping[str, int]) -> Sequence[str]:
    """The name itself, else with the area's number, which no other has, else with its id."""
    own = slug(area.name)
    names = [own, f"{own}-{area.number}", f"{own}-{area.number}-{area.id}"]
    if district is None:
        return [name for name in names if name not in RESERVED]
    inside = next(
        (path for path in _wished(district, None, known) if known.get(path) == district.id), slug(district.name)
    )
    return [f"{inside}/{name}" for name in names]
