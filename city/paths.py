"""Answers for addresses: at hand where they still hold, else made."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs
from zlib import crc32

from city.addresses import RESERVED, AddressBook
from city.chain import Chains
from city.pages import View
from city.phases import holds_until
from city.recipes import Recipe, Recipes, away
from city.search import LONGEST
from city.shelf import Ready, Shelf
from outages.board import Board
from storage.errors import StorageError
from web.texts import Language

Now = Callable[[], datetime]
LASTS, SPREAD = 240, 120
"""Seconds for which an answer is kept at least, and by how much more some are: not all are made anew at once."""
_MOST, _MOST_SEARCHES = 3500, 200
_LONGEST_QUERY = 2000
_OTHERS = RESERVED - {"en", "feeds", "kesinti", "robots.txt", "sitemap.xml"}
"""First parts of addresses that are not the public's, passed on at once."""


class City:
    """Finds or makes the answer for an address; None for an address that is not the public's."""

    def __init__(
        self,
        board: Callable[[], Board],
        age: Callable[[], timedelta],
        now: Now,
        *,
        book: AddressBook,
        chains: Chains,
        recipes: Recipes,
    ) -> None:
        self._board, self._age, self._now = board, age, now
        self._book, self._chains, self._recipes = book, chains, recipes
        self._shelf, self._searches = Shelf(_MOST), Shelf(_MOST_SEARCHES)
        self._making: dict[str, asyncio.Future[Ready]] = {}
        self._turn = 0
        self._of: tuple[object, object] = (None, None)
        self._until = datetime.min.replace(tzinfo=now().tzinfo)

    def at_hand(self, path: str, query: bytes) -> Ready | None:
        """What was made before and still holds."""
        now = self._now()
        self._look(now)
        if query:
            return self._searches.get(_key(path, query), self._turn, now)
        return self._shelf.get(path, self._turn, now)

    async def made(self, path: str, query: bytes) -> Ready | None:
        """What was not at hand."""
        if path.removeprefix("/").partition("/")[0] in _OTHERS:
            return None
        now = self._now()
        language, rest = _language(path)
        view = View(
            self._board(),
            self._book.addresses,
            now,
            language,
            rest,
            self._recipes.base_url,
            self._age(),
            self._recipes.zone,
        )
        below = rest.removeprefix("feeds/")
        if below != rest:
            return await self._feed(view, path, below)
        if rest == "" and query:
            recipe = self._recipes.search(view, _typed(query))
            return self._cooked(self._searches, _key(path, query), recipe, view)
        page = self._recipes.page(view, path)
        if page is None:
            return None
        return await self._slowly(path, page, view) if page.slow else self._cooked(self._shelf, path, page, view)

    async def _feed(self, view: View, path: str, below: str) -> Ready | None:
        if view.language == "tr" and (below == "cap.xml" or below.startswith("cap/")):
            try:
                recipe = self._recipes.alerts(view, path, below, await self._chains.of(view.board))
            except StorageError:
                return self._searches.put(path, away(), view.now, turn=-1, until=view.now)
        else:
            recipe = self._recipes.feed(view, path, below)
        return await self._slowly(path, recipe, view) if recipe else None

    def _look(self, now: datetime) -> None:
        """Whether another board came, or time alone has turned something."""
        board, addresses = self._board(), self._book.addresses
        if now < self._until and self._of[0] is board and self._of[1] is addresses:
            return
        self._turn += 1
        self._of, self._until = (board, addresses), holds_until(board, now)

    def _cooked(self, shelf: Shelf, key: str, recipe: Recipe, view: View) -> Ready:
        turn = self._turn
        if recipe.signature is not None and (same := shelf.revived(key, turn, view.now, recipe.signature)):
            return same
        until = _expiry(key, view)
        return shelf.put(key, recipe.make(), view.now, turn=turn, until=until, signature=recipe.signature)

    async def _slowly(self, path: str, recipe: Recipe, view: View) -> Ready:
        """In a thread; who asks for the same meanwhile waits for the same."""
        turn = self._turn
        if recipe.signature is not None and (same := self._shelf.revived(path, turn, view.now, recipe.signature)):
            return same
        key = f"{turn} {path}"
        if key not in self._making:
            self._making[key] = asyncio.ensure_future(self._make(path, recipe, view, turn))
            self._making[key].add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(self._making[key])

    async def _make(self, path: str, recipe: Recipe, view: View, turn: int) -> Ready:
        document = await asyncio.to_thread(recipe.make)
        until = _expiry(path, view)
        return self._shelf.put(path, document, view.now, turn=turn, until=until, signature=recipe.signature)


def _expiry(key: str, view: View) -> datetime:
    """A few minutes, for pages tell when they were known to be so; at midnight "today" becomes another day."""
    lasts = timedelta(seconds=LASTS + crc32(key.encode()) % SPREAD)
    return min(view.now + lasts, view.midnight)


def _key(path: str, query: bytes) -> str:
    return f"{path}?{query.decode('latin-1')}"


def _typed(query: bytes) -> str:
    asked = parse_qs(query.decode("latin-1"), max_num_fields=8) if len(query) < _LONGEST_QUERY else {}
    return " ".join("".join(c if c.isprintable() else " " for c in asked.get("q", [""])[0]).split())[:LONGEST]


def _language(path: str) -> tuple[Language, str]:
    """The language of an address and what follows it."""
    rest = path.removeprefix("/")
    if rest == "en" or rest.startswith("en/"):
        return "en", rest.removeprefix("en").removeprefix("/")
    return "tr", rest
