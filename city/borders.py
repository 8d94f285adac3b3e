"""Borders of areas for feeds, in memory; operators import them once in years."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from city.feeds.source import Geometry
from outages.board import Board
from outages.models import AreaBorder
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

AFRESH = timedelta(minutes=10)
"""Tens of thousands of points are not read with every change of the board."""


class BorderBook:
    """Has an area's border at hand; its neighbourhoods are drawn without one rather than with their district's."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._read: datetime | None = None
        self._shapes: Mapping[int, Geometry] = {}

    def __call__(self, area_id: int) -> Geometry | None:
        return self._shapes.get(area_id)

    async def prepare(self, board: Board) -> None:
        """Called before a board is shown."""
        if self._read and board.made - self._read < AFRESH:
            return
        try:
            async with self._db.reading() as session:
                rows = await session.execute(select(AreaBorder.area_id, AreaBorder.geometry))
                self._shapes = {row[0]: row[1] for row in rows}
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("borders could not be read yet: %s", error)
            return
        self._read = board.made
