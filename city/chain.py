"""All that the public ever heard of an outage, one message after the other, out of its revisions."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from outages.board import Board, OutageView
from outages.models import OutageRevision
from outages.telling import PUBLIC_FIELDS, PUBLIC_LIVES
from storage.database import Database

Kind = Literal["Alert", "Update", "Cancel"]
Chain = Sequence["Heard"]
_AT_ONCE = 500
"""Ids asked for in one statement; databases limit how many they take."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: what the public was told with one revision."""

    kind: Kind
    sent: datetime
    outage: OutageView
    """As it was told then; its `revision` names the message."""
    earlier: tuple["Heard", ...]


class Chains:
    """The chains of all that is on the board; read once for each change, not for each request."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._chains: dict[int, Chain] = {}
        self._board: Board | None = None
        self._reading = asyncio.Lock()

    async def of(self, board: Board) -> Mapping[int, Chain]:
        """By outage id. Raises StorageError when something changed and the database is away."""
        if board is self._board:
            return self._chains
        async with self._reading:
            if board is not self._board:
                self._chains = await self._read(board)
                self._board = board
        return self._chains

    async def _read(self, board: Board) -> dict[int, Chain]:
        told = {outage.id: outage for outage in (*board.outages, *board.cancelled)}
        before = self._board
        known = {o.id: o.revision for o in (*before.outages, *before.cancelled)} if before else {}
        fresh = [outage for outage in told.values() if known.get(outage.id) != outage.revision]
        read = await self._revisions([outage.id for outage in fresh])
        kept = {id_: chain for id_, chain in self._chains.items() if id_ in told}
        return kept | {outage.id: heard(outage, read.get(outage.id, [])) for outage in fresh}

    async def _revisions(self, ids: list[int]) -> dict[int, list[OutageRevision]]:
        found: dict[int, list[OutageRevision]] = {}
        async with self._db.reading() as session:
            for first in range(0, len(ids), _AT_ONCE):
                query = (
                    select(OutageRevision)
                    .where(OutageRevision.outage_id.in_(ids[first : first + _AT_ONCE]))
                    .order_by(OutageRevision.outage_id, OutageRevision.number)
                )
                for revision in await session.scalars(query):
                    found.setdefault(revision.outage_id, []).append(revision)
        return found


def heard(outage: OutageView, revisions: Iterable[OutageRevision]) -> Chain:
    """A message for each revision that changed what the public hears; drafts leave none."""
    chain: list[Heard] = []
    facts: dict[str, Any] = {}
    life: str | None = None
    for revision in revisions:
        before = life
        facts |= {name: change[1] for name, change in revision.changes.items() if name in PUBLIC_FIELDS}
        life = revision.changes.get("life", (None, life))[1]
        kind = _kind(before, life, revision.changes)
        if kind:
            earlier = () if kind == "Alert" else tuple(chain)
            view = _view(outage, facts, revision)
            chain.append(Heard(kind, revision.at, view, earlier))
    return chain


def _kind(before: str | None, after: str | None, changes: Mapping[str, Any]) -> Kind | None:
    was, is_ = before in PUBLIC_LIVES, after in PUBLIC_LIVES
    if not is_:
        return "Cancel" if was else None
    if not was:
        return "Alert"
    return "Update" if before != after or any(name in PUBLIC_FIELDS for name in changes) else None


def _view(outage: OutageView, facts: Mapping[str, Any], revision: OutageRevision) -> OutageView:
    areas = {int(area_id): streets for area_id, streets in (facts.get("areas") or {}).items()}
    texts = {"tr": facts.get("announcement_tr"), "en": facts.get("announcement_en")}
    starts = _moment(facts.get("starts")) or outage.starts
    return OutageView(
        id=outage.id,
        kind=facts.get("kind", outage.kind),
        cause=facts.get("cause", outage.cause),
        area_ids=frozenset(areas),
        starts=starts,
        expected_end=_moment(facts.get("expected_end")),
        ended=_moment(facts.get("actual_end")),
        tanker_points=facts.get("tanker_points"),
        announcement={language: text for language, text in texts.items() if text},
        subscribers=facts.get("subscribers"),
        crew=facts.get("crew"),
        streets={area_id: streets for area_id, streets in areas.items() if streets},
        revision=revision.number,
        updated=revision.at,
        demonstration=outage.demonstration,
    )


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
