"""The city at a glance: a tile for each district, and the same as borders where they were imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outages.board import AreaView, Board
from outages.models import AreaBorder

COLUMNS = 7


@dataclass(frozen=True, slots=True)
class Tile:
    """A district and what holds in it. `state`: `off`, `late` (an estimate has passed), `planned` or `ok`."""

    district: AreaView
    column: int
    row: int
    now: int
    next: int
    late: int

    @property
    def state(self) -> str:
        return "late" if self.late else "off" if self.now else "planned" if self.next else "ok"


def tiles(board: Board, now: datetime, positions: Mapping[str, tuple[int, int]]) -> list[Tile]:
    """Districts where they lie on the schematic map; those without a place follow below it, by number."""
    free = 1 + max((row for _, row in positions.values()), default=-1)
    placed, unplaced = [], 0
    for district in board.districts:
        column, row = positions.get(district.name) or (unplaced % COLUMNS, free + unplaced // COLUMNS)
        unplaced += district.name not in positions
        current = board.current(district.id, now)
        late = sum(outage.late_at(now) for outage in current)
        placed.append(Tile(district, column, row, len(current), len(board.upcoming(district.id, now)), late))
    return sorted(placed, key=lambda tile: (tile.row, tile.column))


def shapes(districts: list[Tile], borders: list[AreaBorder], labels: Mapping[int, str]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of the districts that have borders, with their state and what to say of them."""
    by_id = {tile.district.id: tile for tile in districts}
    return {
        "type": "FeatureCollection",
        "attribution": next((border.credit for border in borders if border.credit), None),
        "features": [
            {
                "type": "Feature",
                "id": tile.district.id,
                "geometry": border.geometry,
                "properties": {
                    "name": tile.district.name,
                    "state": tile.state,
                    "label": labels[tile.district.id],
                },
            }
            for border in borders
            if (tile := by_id.get(border.area_id))
        ],
    }
