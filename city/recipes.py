"""What stands at an address: how to make it, and by what to tell that it has not changed."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote
from zoneinfo import ZoneInfo

from city.chain import Chain
from city.feeds import atom, calendar, cap, field_style, geojson, rss
from city.feeds.source import Shapes, Source
from city.pages import CityPages, View
from city.phases import Shown, phase_of
from city.shelf import Document
from city.views import water
from city.wording import Wording
from outages.board import AreaView
from web.texts import Language

FEED_HEADERS = {"Cache-Control": "public, max-age=30, stale-while-revalidate=60, stale-if-error=3600"}
PERMANENT = {"Cache-Control": "public, max-age=300"}
PLAIN = "text/plain; charset=utf-8"
_FEEDS: dict[str, tuple[str, Callable[[Source, str], bytes]]] = {
    "outages.atom": (atom.MEDIA_TYPE, atom.atom),
    "outages.rss": (rss.MEDIA_TYPE, rss.rss),
    "outages.ics": (calendar.MEDIA_TYPE, calendar.calendar),
    "outages.geojson": (geojson.MEDIA_TYPE, lambda source, path: geojson.geojson(source)),
    "kesintiler.json": (field_style.MEDIA_TYPE, lambda source, path: field_style.field_style(source)),
}
FEED_NAMES = tuple(_FEEDS)


@dataclass(frozen=True, slots=True)
class Recipe:
    make: Callable[[], Document]
    signature: Hashable = None
    """Equal for what would be made equal, but for the moment that it names."""
    slow: bool = False
    """Tens of milliseconds: made in a thread, for the same process holds telephone calls."""


@dataclass(frozen=True)
class Recipes:
    pages: CityPages
    wording: Wording
    base_url: str
    shapes: Shapes
    names: tuple[str, ...] = field(default=FEED_NAMES)

    @property
    def zone(self) -> ZoneInfo:
        return self.wording.zone

    def page(self, view: View, path: str) -> Recipe | None:
        """`path` as it was asked for; `view.path` is the same without the language."""
        rest = view.path
        if rest == "":
            return self._home(view) if path in ("/", "/en/") else moved("/en/")
        if rest == "feeds":
            return Recipe(lambda: self.pages.feeds(view, self.names), _whole(view))
        if path == "/robots.txt":
            return Recipe(self._robots)
        if path == "/sitemap.xml":
            return Recipe(lambda: self.pages.sitemap(view), view.addresses.edition, slow=True)
        first, _, number = rest.partition("/")
        if first == "kesinti":
            if not number.isdecimal() or len(number) > 9:
                return None
            return Recipe(lambda: self.pages.outage(view, int(number)), _whole(view))
        area = view.area_at(rest)
        if area is None:
            known = first and view.area_at(first) is not None
            return Recipe(lambda: self.pages.nowhere(view)) if known else None
        address = view.link(view.addresses.path_of[area.id])
        return self._area(view, area) if address == path else moved(address)

    def search(self, view: View, typed: str) -> Recipe:
        if not typed:
            return self._home(view)
        return Recipe(lambda: self.pages.found(view, typed), _whole(view))

    def feed(self, view: View, path: str, below: str) -> Recipe | None:
        """`below`: what follows `/feeds/`."""
        place, _, name = below.rpartition("/")
        district = view.area_at(place) if place else None
        if name not in _FEEDS or (place and (district is None or district.district_id is not None)):
            return None
        own = f"{view.addresses.path_of[district.id]}/" if district else ""
        present = view.link(f"feeds/{own}{name}")
        if present != path:
            return moved(present)
        source = self.source(view, view.language, district)
        media_type, make = _FEEDS[name]
        headers = {**FEED_HEADERS, "Content-Language": view.language}
        return Recipe(
            lambda: Document(make(source, path), media_type, source.modified, headers=headers),
            (_told(source.shown), view.today, view.addresses.edition),
            slow=True,
        )

    def alerts(self, view: View, path: str, below: str, chains: Mapping[int, Chain]) -> Recipe | None:
        """The index of alerts, or one of them."""
        source = self.source(view, "tr", None)
        if below == "cap.xml":
            return Recipe(
                lambda: Document(
                    cap.index(source, path, chains), cap.INDEX_TYPE, source.modified, headers=FEED_HEADERS
                ),
                slow=True,
            )
        asked = below.removeprefix("cap/").removesuffix(".xml")
        parts = asked.split(".")
        chain = chains.get(int(parts[1]), ()) if len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 10 else ()
        found = [heard for heard in chain if below == f"cap/{cap.identifier(heard)}.xml"]
        if not found:
            return None
        return Recipe(
            lambda: Document(cap.alert(source, found[0]), cap.MEDIA_TYPE, found[0].sent, headers=PERMANENT),
            (asked, view.addresses.edition),
        )

    def source(self, view: View, language: Language, district: AreaView | None) -> Source:
        return Source(view.board, view.now, self.wording, self.base_url, language, district, self.shapes)

    def _home(self, view: View) -> Recipe:
        return Recipe(lambda: self.pages.home(view), _whole(view))

    def _area(self, view: View, area: AreaView) -> Recipe:
        """A change elsewhere in the city leaves it as it is."""
        seen = water(view.board, area, view.now)
        cards = tuple((c.outage.id, c.outage.revision, c.phase) for c in (*seen.now, *seen.coming, *seen.back))
        alarms = tuple(view.board.broadcasts_now(view.now, view.board.district_of(area).id))
        words = tuple((alarm.id, tuple(alarm.text.items())) for alarm in alarms)
        return Recipe(
            lambda: self.pages.area(view, area), (cards, words, view.stale, view.today, view.addresses.edition)
        )

    def _robots(self) -> Document:
        said = f"User-agent: *\nDisallow: /api/\nDisallow: /*?q=\nSitemap: {self.base_url}/sitemap.xml\n"
        return Document(said.encode(), PLAIN, headers=PERMANENT)


def moved(to: str) -> Recipe:
    headers = {"Location": quote(to), **PERMANENT}
    return Recipe(lambda: Document(b"", PLAIN, status=308, headers=headers))


def away() -> Document:
    return Document(b"The alerts cannot be read at the moment.\n", PLAIN, status=503)


def _whole(view: View) -> Hashable:
    """Of a page that shows the whole city."""
    board = view.board
    outages = tuple((o.id, o.revision, phase_of(o, view.now)) for o in (*board.outages, *board.cancelled))
    alarms = tuple((alarm.id, alarm.ends, tuple(alarm.text.items())) for alarm in board.broadcasts_now(view.now))
    return outages, alarms, view.stale, view.today, view.addresses.edition


def _told(shown: Iterable[Shown]) -> Hashable:
    return tuple((each.outage.id, each.outage.revision, each.phase) for each in shown)
