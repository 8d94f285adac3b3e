"""The public site put together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from city.addresses import AddressBook
from city.chain import Chains
from city.feeds.source import Shapes, no_shapes
from city.pages import CityPages
from city.paths import City
from city.recipes import Recipes
from city.wording import Wording
from outages.board import Board
from prompts.catalogue import Catalogue
from storage.database import Database
from web.pages import Pages

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


class Keeper(Protocol):
    """Keeps the board; `outages.keeper.BoardKeeper` is one."""

    @property
    def board(self) -> Board: ...

    @property
    def age(self) -> timedelta: ...


def open_city(
    db: Database,
    keeper: Keeper,
    book: AddressBook,
    now: Callable[[], datetime],
    *,
    pages: Pages,
    catalogue: Catalogue,
    base_url: str,
    shapes: Shapes = no_shapes,
) -> City:
    """`pages` must know this room's folder; `book` must be prepared before each board that `keeper` shows."""
    wording = Wording(catalogue, pages.texts, pages.zone)
    return City(
        lambda: keeper.board,
        lambda: keeper.age,
        now,
        book=book,
        chains=Chains(db),
        recipes=Recipes(CityPages(pages, wording), wording, base_url.rstrip("/"), shapes),
    )
