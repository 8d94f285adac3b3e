"""All outages: now, next, what is being written, and everything that ever was, to be searched."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.days import day
from console.office import Office, language_of
from console.outage_words import Words
from console.routing import TheOffice, Viewer, part
from outages import export, overview, repository
from outages.area_text import named
from outages.board import OutageKind
from outages.life import Life
from outages.overview import HistoryQuery, Row, affected
from outages.tables import MOST_ROWS

Show = Literal["now", "next", "drafts", "all"]
SIZE = 50
_LIVES = {"now": (Life.active,), "next": (Life.scheduled,)}
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True)
class Search:
    """What was asked for, as it stands in the address."""

    show: Show | None = None
    q: str = ""
    area: str = ""
    kind: str = ""
    life: str = ""
    since: str = ""
    until: str = ""
    page: int = 1

    @property
    def filters(self) -> dict[str, str]:
        names = ("q", "area", "kind", "life", "since", "until")
        return {name: value for name in names if (value := getattr(self, name).strip())}

    def address(self, **changes: object) -> str:
        return f"/console/outages?{urlencode({**self.filters, 'show': self.show or 'all', **changes})}"


def search_of(
    show: Show | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    area: Annotated[str, Query(max_length=200)] = "",
    kind: Literal["", "planned", "fault"] = "",
    life: Annotated[str, Query(max_length=20)] = "",
    since: Annotated[str, Query(max_length=20)] = "",
    until: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Search:
    return Search(show, q, area, kind, life, since, until, page)


api = part("/outages")
Asked = Annotated[Search, Depends(search_of)]


@api.get("")
async def outages(office: TheOffice, request: Request, person: Viewer, asked: Asked) -> Response:
    """Current ones first; whoever searches looks through everything."""
    words = Words(office, language_of(request, person))
    show: Show = asked.show or ("all" if asked.filters else "now")
    query, wrong = query_of(office, asked)
    async with office.db.reading() as session:
        seen = await overview.overview(session, office.now(), ahead=timedelta(days=400))
        counts = {"now": len(seen.now), "next": len(seen.next), "drafts": len(seen.drafts)}
        listed = await _all(session, query, asked.page) if show == "all" else _some(getattr(seen, show), asked.page)
    values = {"asked": asked, "show": show, "counts": counts, "words": words, "wrongs": wrong, **listed}
    lives = [(each.value, words.t(f"outage.life_{each}")) for each in Life]
    return office.page(request, person, "console/outages.html", lives=lives, shows=get_args(Show), **values)


@api.get("/export.{form}")
async def exported(office: TheOffice, person: Viewer, asked: Asked, form: Literal["csv", "xlsx"]) -> Response:
    """What the list shows as a table that can be imported again; drafts are left out."""
    query, _ = query_of(office, asked)
    if asked.show in _LIVES:
        query = HistoryQuery(lives=_LIVES[asked.show])
    async with office.db.reading() as session:
        found = await overview.matching(session, query, MOST_ROWS)
        areas = await repository.areas_of(session, found)
    table = export.as_csv if form == "csv" else export.as_xlsx
    made = await asyncio.to_thread(table, found, areas, office.pages.zone)
    name = {"Content-Disposition": f'attachment; filename="kesintiler.{form}"'}
    return Response(made, media_type=_TYPES[form], headers=name)


def query_of(office: Office, asked: Search) -> tuple[HistoryQuery, dict[str, str]]:
    """The search, and the fields of it that mean nothing; those are left aside."""
    wrong: dict[str, str] = {}
    area_id = None
    if asked.area.strip():
        found = named(office.keeper.board, asked.area)
        area_id = found.area_ids[0] if found.area_ids else None
        if area_id is None:
            near = ", ".join(each.label for unclear in found.unclear for each in unclear.suggestions[:3])
            wrong["area"] = near
    lives = (Life(asked.life),) if asked.life in Life.__members__ else ()
    kind: OutageKind | None = "planned" if asked.kind == "planned" else "fault" if asked.kind == "fault" else None
    since, end = day(asked.since, office.pages.zone), day(asked.until, office.pages.zone, over=True)
    wrong |= {name: "" for name, at in (("since", since), ("until", end)) if at is None and name in asked.filters}
    return HistoryQuery(asked.q, area_id, kind, lives, since, end), wrong


async def _all(session: AsyncSession, query: HistoryQuery, page: int) -> dict[str, Any]:
    found = await overview.history(session, query, page, SIZE)
    rows = [
        {
            "outage": outage,
            "counted": outage.subscribers is not None,
            "affected": outage.subscribers if outage.subscribers is not None else affected(outage, found.areas),
        }
        for outage in found.outages
    ]
    return {"rows": rows, "total": found.total, "page": found.page, "pages": found.pages}


def _some(rows: Sequence[Row], page: int) -> dict[str, Any]:
    pages = max(1, -(-len(rows) // SIZE))
    page = min(page, pages)
    shown = rows[(page - 1) * SIZE : page * SIZE]
    told = [{"outage": row.outage, "counted": row.counted, "affected": row.affected} for row in shown]
    return {"rows": told, "total": len(rows), "page": page, "pages": pages}
