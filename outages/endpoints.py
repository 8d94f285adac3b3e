"""REST for outages, areas, broadcasts, the mass-call switch and the pages of the phone menu.

Everybody reads what the public may know; a key of the scope `read` shows everything; writing needs a scope of its own.
"""

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from outages.routes.announcing import announcing_routes
from outages.routes.areas import area_routes
from outages.routes.changing import changing_routes
from outages.routes.common import Now
from outages.routes.drafts import draft_routes
from outages.routes.files import file_routes
from outages.routes.pages import page_routes
from outages.routes.reading import reading_routes
from outages.routes.templates import template_routes
from outages.rows import ISTANBUL
from storage.database import Database

__all__ = ["router"]


def router(db: Database, now: Now, *, review_planned: bool = False, zone: ZoneInfo = ISTANBUL) -> APIRouter:
    """Everything below `/api/v1` that has to do with outages and areas."""
    root = APIRouter()
    for part in (
        file_routes(db, now, review_planned=review_planned, zone=zone),
        reading_routes(db, now),
        changing_routes(db, now, review_planned=review_planned),
        draft_routes(db, now, review_planned=review_planned),
        area_routes(db, now),
        announcing_routes(db, now),
        template_routes(db, now),
        page_routes(db, now),
    ):
        root.include_router(part)
    return root
