"""Which address shows what."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, quote

from city.addresses import AddressBook, slug
from city.chain import Chains
from city.feeds import atom, calendar, cap, field_style, geojson, rss
from city.feeds.source import Shapes, Source, no_shapes
from city.pages import CityPages, View
from city.phases import holds_until
from city.search import LONGEST
from city.shelf import Document, Ready, Shelf
from city.wording import Wording
from outages.board import AreaView, Board
from storage.errors import StorageError
from web.texts import Language

Now = Callable[[], datetime]
MINUTE = timedelta(minutes=1)
FEED_HEADERS = {"Cache-Control": "public, max-age=30, stale-while-revalidate=60, stale-if-error=3600"}
PERMANENT = {"Cache-Control": "public, max-age=300"}
_MOST_FEEDS, _MOST_PAGES, _MOST_SEARCHES = 400, 3000, 200
_FEEDS: dict[str, tuple[str, Callable[[Source, str], bytes]]] = {
    "outages.atom": (atom.MEDIA_TYPE, atom.atom),
    "outages.rss": (rss.MEDIA_TYPE, rss.rss),
    "outages.ics": (calendar.MEDIA_TYPE, calendar.calendar),
    "outages.geojson": (geojson.MEDIA_TYPE, lambda source, path: geojson.geojson(source)),
    "kesintiler.json": (field_style.MEDIA_TYPE, lambda source, path: field_style.field_style(source)),
}
FEED_NAMES = tuple(_FEEDS)


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
        pages: CityPages,
        wording: Wording,
        base_url: str,
        shapes: Shapes = no_shapes,
    ) -> None:
        self._board, self._age, self._now = board, age, now
        self._book, self._chains, self._pages = book, chains, pages
        self._wording, self._base_url, self._shapes = wording, base_url.rstrip("/"), shapes
        self._feeds, self._shown = Shelf(_MOST_FEEDS), Shelf(_MOST_PAGES)
        self._searches = Shelf(_MOST_SEARCHES)
        self._of: object = None
        self._feeds_until = self._pages_until = datetime.min.replace(tzinfo=now().tzinfo)

    def at_hand(self, path: str, query: bytes) -> Ready | None:
        """What was made before and still holds."""
        self._turn_over()
        if query:
            return self._searches.get((path, query))
        return self._shown.get(path) or self._feeds.get(path)

    async def made(self, path: str, query: bytes) -> Ready | None:
        now = self._now()
        if "/feeds/" in path:
            return await self._feed(path, now)
        language, rest = _language(path)
        if rest == "" and query:
            return self._searched(path, query, language, now)
        document = self._fixed(path) or self._page(path, language, rest, now)
        return self._shown.put(path, document, now) if document else None

    def _turn_over(self) -> None:
        """Throw away what no longer holds: at another board, at a turn of an outage, pages every minute."""
        board, addresses, now = self._board(), self._book.addresses, self._now()
        changed = self._of is not board or self._addresses is not addresses
        if changed or now >= self._feeds_until:
            self._feeds.clear()
            self._feeds_until = holds_until(board, now)
        if changed or now >= self._pages_until:
            self._shown.clear()
            self._searches.clear()
            self._pages_until = now.replace(second=0, microsecond=0) + MINUTE
        self._of, self._addresses = board, addresses

    _addresses: object = None

    # pages

    def _view(self, language: Language, path: str, now: datetime) -> View:
        return View(self._board(), self._book.addresses, now, language, path, self._base_url, self._age())

    def _page(self, path: str, language: Language, rest: str, now: datetime) -> Document | None:
        view = self._view(language, rest, now)
        if rest == "":
            return self._pages.home(view) if path in ("/", "/en/") else _moved("/en/")
        if rest == "feeds":
            return self._pages.feeds(view, FEED_NAMES)
        first, _, number = rest.partition("/")
        if first == "kesinti":
            return self._pages.outage(view, int(number)) if number.isdecimal() and len(number) < 10 else None
        area = self._area(rest)
        if area is None:
            return None
        address = view.link(view.addresses.path_of[area.id])
        return self._pages.area(view, area) if address == path else _moved(address)

    def _area(self, path: str) -> AreaView | None:
        """Also by a former address, and by one typed by hand: /Gebze/Yeni-Mahalle/."""
        addresses, board = self._book.addresses, self._board()
        area_id = addresses.area_at.get(path)
        if area_id is None and path.count("/") <= 2 and len(path) <= 160:
            area_id = addresses.area_at.get("/".join(slug(part) for part in path.strip("/").split("/")))
        area = board.area(area_id) if area_id is not None else None
        return area if area and area.id in addresses.path_of else None

    def _searched(self, path: str, query: bytes, language: Language, now: datetime) -> Ready | None:
        asked = parse_qs(query.decode("latin-1"), max_num_fields=8) if len(query) < 2000 else {}
        typed = " ".join("".join(c if c.isprintable() else " " for c in asked.get("q", [""])[0]).split())[:LONGEST]
        view = self._view(language, "", now)
        document = self._pages.found(view, typed) if typed else self._pages.home(view)
        return self._searches.put((path, query), document, now)

    def _fixed(self, path: str) -> Document | None:
        if path == "/robots.txt":
            said = f"User-agent: *\nDisallow: /api/\nDisallow: /*?q=\nSitemap: {self._base_url}/sitemap.xml\n"
            return Document(said.encode(), "text/plain; charset=utf-8", headers=PERMANENT)
        if path == "/sitemap.xml":
            return self._pages.sitemap(self._view("tr", "", self._now()))
        return None

    # feeds

    async def _feed(self, path: str, now: datetime) -> Ready | None:
        language, rest = _language(path)
        below = rest.removeprefix("feeds/")
        if below == rest:
            return None
        if language == "tr" and (below == "cap.xml" or below.startswith("cap/")):
            return await self._cap(path, below, now)
        place, _, name = below.rpartition("/")
        district = self._area(place) if place else None
        if name not in _FEEDS or (place and (district is None or district.district_id is not None)):
            return None
        source = self._source(now, language, district)
        present = f"/feeds/{self._book.addresses.path_of[district.id]}/{name}" if district else f"/feeds/{name}"
        present = f"/en{present}" if language == "en" else present
        if present != path:
            return self._feeds.put(path, _moved(present), now)
        media_type, make = _FEEDS[name]
        headers = {**FEED_HEADERS, "Content-Language": language}
        return self._feeds.put(path, Document(make(source, path), media_type, source.modified, headers=headers), now)

    async def _cap(self, path: str, below: str, now: datetime) -> Ready | None:
        try:
            chains = await self._chains.of(self._board())
        except StorageError:
            away = Document(b"The alerts cannot be read at the moment.\n", "text/plain; charset=utf-8", status=503)
            return Shelf(1).put(path, away, now)
        source = self._source(now, "tr", None)
        if below == "cap.xml":
            body = cap.index(source, path, chains)
            return self._feeds.put(path, Document(body, cap.INDEX_TYPE, source.modified, headers=FEED_HEADERS), now)
        asked = below.removeprefix("cap/").removesuffix(".xml")
        parts = asked.split(".")
        chain = chains.get(int(parts[1]), []) if len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 10 else []
        for heard in chain:
            if cap.identifier(heard) == asked and below == f"cap/{asked}.xml":
                body = cap.alert(source, heard)
                return self._feeds.put(path, Document(body, cap.MEDIA_TYPE, heard.sent, headers=PERMANENT), now)
        return None

    def _source(self, now: datetime, language: Language, district: AreaView | None) -> Source:
        return Source(self._board(), now, self._wording, self._base_url, language, district, self._shapes)


def _language(path: str) -> tuple[Language, str]:
    """The language of an address and what follows it."""
    rest = path.removeprefix("/")
    if rest == "en" or rest.startswith("en/"):
        return "en", rest.removeprefix("en").removeprefix("/")
    return "tr", rest


def _moved(to: str) -> Document:
    headers = {"Location": quote(to), **PERMANENT}
    return Document(b"", "text/plain; charset=utf-8", status=308, headers=headers)
