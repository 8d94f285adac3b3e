"""REST for reports: figures only, nothing of anybody. Who asks needs a key of the scope `read`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from outages.rest import ERRORS, PlainErrors
from people import access
from people.roles import Scope as KeyScope
from reports.figures import Scope
from reports.making import make
from reports.period import Length, parsed
from reports.schemas import ReportOut, report_out
from storage.database import Database

Day = Annotated[
    str, Query(max_length=10, description="A day in it, or a month as 2026-10; else the last that is over.")
]
UnitId = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Of one unit; else of the whole house.")]


def router(db: Database, now: Callable[[], datetime], zone: ZoneInfo) -> APIRouter:
    api = APIRouter(prefix="/reports", tags=["reports"], route_class=PlainErrors, responses=ERRORS)
    reader = Depends(access.needs(db, now, KeyScope.read))

    @api.get("", dependencies=[reader])
    async def get_report(period: Length = Length.day, date: Day = "", unit_id: UnitId = None) -> ReportOut:
        """The figures of a day, a week from Monday, or a month, counted anew from what happened in it."""
        async with db.reading() as session:
            return report_out(await make(session, Scope(parsed(period, date, zone, now()), unit_id), now()))

    return api
