"""Templates into pages: the Jinja environment that every room's pages share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from web.assets import Assets
from web.headers import PAGE
from web.moments import Moments
from web.texts import Language, Texts

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Room:
    """A folder with `templates/` and `texts/` of its own."""

    folder: Path

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    @property
    def texts(self) -> Path:
        return self.folder / "texts"


class Pages:
    """Renders templates by name, such as `console/board.html`; a missing value is an error, never an empty page."""

    def __init__(self, rooms: Iterable[Path], zone: ZoneInfo, assets: Assets) -> None:
        folders = [Room(HERE), *(Room(folder) for folder in rooms)]
        self.texts = Texts(room.texts for room in folders)
        self.zone = zone
        self.assets = assets
        self.environment = Environment(
            loader=FileSystemLoader([room.templates for room in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals["static"] = assets.url
        self.environment.tests["instance_of"] = isinstance

    def text(self, template: str, language: Language, now: datetime, **values: Any) -> str:
        """The rendered template. In it: `t(key, …)`, `known(key)`, `lang`, `when` (Moments), `now`, what is given."""

        def t(key: str, **slots: object) -> str:
            return self.texts.say(key, language, **slots)

        when = Moments(language, self.zone, now)
        return self.environment.get_template(template).render(
            t=t, known=self.has, lang=language, when=when, now=now, **values
        )

    def page(
        self,
        template: str,
        language: Language,
        now: datetime,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A whole page, or a part of one, with the headers that pages need."""
        body = self.text(template, language, now, **values)
        return HTMLResponse(body, status, {**PAGE, "Content-Language": language, **(headers or {})})

    def has(self, key: str) -> bool:
        return self.texts.known(key)


def lines(text: str) -> Markup:
    """A text with its line breaks kept, and nothing else of it taken as markup."""
    return Markup("<br>").join(text.splitlines())
