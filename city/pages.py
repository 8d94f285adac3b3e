"""The public pages: rendered for a moment of the board, handed out as bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from city.addresses import Addresses, slug
from city.feeds.markup import Element, child, written
from city.phases import Shown, shown
from city.search import find
from city.shelf import Document
from city.views import AreaState, card_of, state_of, water
from city.wording import Wording, by_district
from outages.board import AreaView, Board
from outages.keys import sort_key
from web.pages import Pages, lines
from web.texts import Language

HTML = "text/html; charset=utf-8"
HEADERS = {"Cache-Control": "public, max-age=10, stale-while-revalidate=20, stale-if-error=3600"}
STALE = timedelta(minutes=15)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True)
class View:
    """One page's moment, language and address (without the language)."""

    board: Board
    addresses: Addresses
    now: datetime
    language: Language
    path: str
    base_url: str
    age: timedelta
    zone: ZoneInfo

    @property
    def stale(self) -> bool:
        return self.age > STALE

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def midnight(self) -> datetime:
        """When today is over."""
        return datetime.combine(self.today + timedelta(days=1), time(), self.zone)

    def area_at(self, path: str) -> AreaView | None:
        """Also by a former address, and by one typed by hand: /Gebze/Yeni-Mahalle/."""
        area_id = self.addresses.area_at.get(path)
        if area_id is None and path.count("/") <= 2 and len(path) <= 160:
            area_id = self.addresses.area_at.get("/".join(slug(part) for part in path.strip("/").split("/")))
        area = self.board.area(area_id) if area_id is not None else None
        return area if area and area.id in self.addresses.path_of else None

    def link(self, path: str, language: Language | None = None) -> str:
        prefix = "/en/" if (language or self.language) == "en" else "/"
        return f"{prefix}{path}"

    @property
    def confirmed(self) -> datetime:
        """When what is shown was last known to be so."""
        return self.now - self.age


class CityPages:
    """Templates of `city/templates` filled from the board."""

    def __init__(self, pages: Pages, wording: Wording) -> None:
        self._pages = pages
        self._words = wording
        pages.environment.filters.setdefault("lines", lines)

    def home(self, view: View) -> Document:
        """Where water is off now and what comes next, district by district."""
        return self._made("home", view, **self._city_wide(view))

    def found(self, view: View, typed: str) -> Document:
        """What was searched for; a single hit is answered on the spot. Not for search engines."""
        areas = find(view.board, typed)
        hits = [self._state(view, area) for area in areas]
        single = water(view.board, areas[0], view.now) if len(areas) == 1 else None
        more: dict[str, Any] = self._city_wide(view)
        return self._made("found", view, typed=typed, hits=hits, water=single, noindex=True, **more)

    def area(self, view: View, area: AreaView) -> Document:
        """A neighbourhood, or a district with all that lies in it."""
        district = view.board.district_of(area)
        inside = sorted(view.board.within(area.id), key=lambda inner: sort_key(inner.name))
        return self._made(
            "area",
            view,
            area=area,
            district=district,
            water=water(view.board, area, view.now),
            inside=[self._state(view, inner) for inner in inside],
            broadcasts=view.board.broadcasts_now(view.now, district.id),
        )

    def outage(self, view: View, outage_id: int) -> Document:
        """One outage under its permanent address; what is over is said to be."""
        each = next((each for each in self._all(view) if each.outage.id == outage_id), None)
        if each is None:
            return self._made("gone", view, status=404, noindex=True, said="gone")
        places = by_district(view.board, each.outage)
        return self._made("outage", view, each=each, met=card_of(each), places=places, noindex=True)

    def nowhere(self, view: View) -> Document:
        """A mistyped neighbourhood, or one that is no more."""
        return self._made("gone", view, status=404, noindex=True, said="nowhere")

    def feeds(self, view: View, names: Sequence[str]) -> Document:
        """Which feeds there are, for people."""
        return self._made("feeds", view, names=names, districts=view.board.districts)

    def sitemap(self, view: View) -> Document:
        root = Element(f"{{{SITEMAP}}}urlset")
        for path in ["", "feeds", *sorted(view.addresses.path_of.values())]:
            for language in ("tr", "en"):
                url = child(root, f"{{{SITEMAP}}}url")
                child(url, f"{{{SITEMAP}}}loc", f"{view.base_url}{view.link(path, language)}")
        return Document(written(root, _=SITEMAP), "application/xml; charset=utf-8", headers=HEADERS)

    def _city_wide(self, view: View) -> dict[str, Any]:
        districts = [self._state(view, district) for district in view.board.districts]
        coming = [each for each in self._all(view) if each.phase == "coming"]
        return {
            "districts": sorted(districts, key=lambda each: sort_key(each.area.name)),
            "affected": view.board.affected_districts(view.now),
            "coming": sorted(coming, key=lambda each: each.outage.starts)[:12],
        }

    def _all(self, view: View) -> list[Shown]:
        return shown(view.board, view.now)

    def _state(self, view: View, area: AreaView) -> AreaState:
        path = view.link(view.addresses.path_of.get(area.id, ""))
        return AreaState(area, path, state_of(view.board, area, view.now))

    def _made(self, name: str, view: View, status: int = 200, noindex: bool = False, **values: Any) -> Document:
        values.setdefault("broadcasts", view.board.broadcasts_now(view.now))
        text = self._pages.text(
            f"city/{name}.html",
            view.language,
            view.now,
            view=view,
            board=view.board,
            words=self._words,
            stale=view.stale,
            noindex=noindex,
            **values,
        )
        headers = {**HEADERS, "Content-Language": view.language}
        return Document(text.encode(), HTML, status=status, headers=headers)
