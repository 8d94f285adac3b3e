"""What every feed is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from city.phases import Shown, shown
from city.wording import Wording
from outages.board import AreaView, Board
from web.texts import Language

Geometry = Mapping[str, Any]
"""A GeoJSON geometry."""
Shapes = Callable[[int], Geometry | None]
"""The borders or centre of an area by its id, where some were imported."""
EPOCH = "2026"
"""Year of the tag URIs (RFC 4151); never to change."""


def no_shapes(area_id: int) -> Geometry | None:
    return None


@dataclass(frozen=True)
class Source:
    """One moment of the board, for one district or all of the city, in one language."""

    board: Board
    now: datetime
    wording: Wording
    base_url: str
    language: Language = "tr"
    district: AreaView | None = None
    shapes: Shapes = no_shapes

    @property
    def shown(self) -> list[Shown]:
        return shown(self.board, self.now, self.district.id if self.district else None)

    @property
    def modified(self) -> datetime:
        """The last change of anything shown; without anything, the beginning of today."""
        midnight = self.now.astimezone(self.wording.zone).replace(hour=0, minute=0, second=0)
        return max((each.since for each in self.shown), default=midnight).replace(microsecond=0)

    @property
    def title(self) -> str:
        texts = self.wording.texts
        if self.district is None:
            return texts.say("feeds.title", self.language)
        return texts.say("feeds.title_in", self.language, district=self.district.name)

    @property
    def host(self) -> str:
        return self.base_url.split("://", 1)[-1].split(":")[0]

    @property
    def prefix(self) -> str:
        """Of addresses in the source's language."""
        return f"{self.base_url}/en" if self.language == "en" else self.base_url

    def address(self, each: Shown) -> str:
        return f"{self.prefix}/kesinti/{each.outage.id}"

    def tag(self, what: str) -> str:
        """An id that stays when addresses change."""
        return f"tag:{self.host},{EPOCH}:{what}"
