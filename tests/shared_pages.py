"""What all worlds of a process share: compiling templates and putting routes together takes longer than most tests."""

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from city.opening import FOLDER as CITY
from city.opening import STATIC as CITY_STATIC
from console.office import FOLDER as CONSOLE
from console.site import console_routes
from prompts.catalogue import Catalogue, load_catalogue
from reports.paper import FOLDER as REPORTS
from web.assets import STATIC, Assets
from web.pages import Pages


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def pages_of(*rooms: Path) -> Pages:
    return Pages(rooms, ZoneInfo("Europe/Istanbul"), Assets((STATIC, CITY_STATIC)))


def console_pages() -> Pages:
    return pages_of(CONSOLE, CITY, REPORTS)


def console_app() -> FastAPI:
    """The console's routes in an application of its own, to which a world gives its office."""
    app = FastAPI()
    app.routes.extend(console_routes())
    return app
