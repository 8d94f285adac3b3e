"""Outages as operators make and change them. Nothing here commits: the edge does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Literal, Unpack

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from outages import repository
from outages.announcing import tell_of
from outages.errors import OutageError
from outages.life import (
    Life,
    OutageChanges,
    OutageFacts,
    check,
    check_cancel,
    check_century,
    check_end,
    check_open,
    check_text,
    life_at,
)
from outages.models import Area, BoardState, Broadcast, Outage, OutageArea, OutageRevision

CHANNEL = "alo185_board"
"""PostgreSQL notifies it with each commit that changes the board."""
Source = Literal["operator", "import", "demo"]
_MERGERS = 10
"""How many renamings of an area are followed."""


class OutageService:
    """One operator's work in one session. `who` is written into each revision."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self.session = session
        self.now = now
        self.who = who

    async def get(self, outage_id: int) -> Outage:
        """Raises `unknown_outage`."""
        outage = await self.session.get(Outage, outage_id)
        if outage is None:
            raise OutageError(f"There is no outage {outage_id}.", "unknown_outage")
        return outage

    async def by_external_id(self, external_id: str) -> Outage | None:
        found: Outage | None = await self.session.scalar(select(Outage).where(Outage.external_id == external_id))
        return found

    async def create(
        self, facts: OutageFacts, *, draft: bool = False, source: Source = "operator", external_id: str | None = None
    ) -> Outage:
        """A new outage, which callers hear once it is committed, unless it is a draft."""
        facts = await self._checked(facts)
        check_text("external_id", external_id or "")
        if external_id is not None and await self.by_external_id(external_id):
            raise OutageError(f"An outage with the external id {external_id} exists already.", "external_id_taken")
        life = Life.draft if draft else life_at(facts.starts, facts.actual_end, self.now())
        outage = Outage(life=life, source=source, external_id=external_id, revision=0)
        _write(outage, facts)
        self.session.add(outage)
        await self._record(outage, "created", {"life": [None, life], **_differences(None, facts)})
        return outage

    async def change(self, outage_id: int, revision: int | None = None, **changes: Unpack[OutageChanges]) -> Outage:
        """Facts given anew; the same again leaves no trace. `revision`: refuse if it is not the present one."""
        outage = await self._held(outage_id, revision)
        check_open(outage.life)
        before = facts_of(outage)
        after = await self._checked(replace(before, **changes))
        if after.actual_end is not None and outage.life is not Life.restored:
            check_end(outage.life, after.starts, after.actual_end)
        differences = _differences(before, after)
        life = outage.life if outage.life is Life.draft else life_at(after.starts, after.actual_end, self.now())
        if not differences:
            return outage
        if life is not outage.life:
            differences["life"] = [outage.life, life]
        what = "restored" if life is Life.restored and outage.life is not Life.restored else "changed"
        outage.life = life
        _write(outage, after)
        await self._record(outage, what, differences)
        return outage

    async def publish(self, outage_id: int, revision: int | None = None) -> Outage:
        """Make a draft known to callers."""
        outage = await self._held(outage_id, revision)
        if outage.life is not Life.draft:
            raise OutageError("This outage is published already.", "already_published")
        await self._checked(facts_of(outage))
        return await self._live(outage, life_at(outage.starts, outage.actual_end, self.now()), "published")

    async def end(self, outage_id: int, at: datetime | None = None, revision: int | None = None) -> Outage:
        """The water is back, now or since `at`."""
        outage = await self._held(outage_id, revision)
        at = at or self.now()
        check_century("at", at)
        check_end(outage.life, outage.starts, at)
        return await self.change(outage_id, actual_end=at)

    async def cancel(self, outage_id: int, revision: int | None = None) -> Outage:
        """It does not take place, or never did."""
        outage = await self._held(outage_id, revision)
        check_cancel(outage.life)
        return await self._live(outage, Life.cancelled, "cancelled")

    async def due(self, *, lock: bool = False) -> Sequence[Outage]:
        """Scheduled outages that have begun."""
        query = select(Outage).where(Outage.life == Life.scheduled, Outage.starts <= self.now())
        if lock:
            query = query.with_for_update(skip_locked=True)
        return (await self.session.scalars(query)).all()

    async def start_due(self) -> int:
        """Make active what has started by now; returns how many."""
        started = await self.due(lock=True)
        for outage in started:
            await self._live(outage, Life.active, "started")
        return len(started)

    async def announce(
        self, text_tr: str, ends: datetime, *, text_en: str | None = None, district_id: int | None = None
    ) -> Broadcast:
        """Play a text before everything until `ends`."""
        if ends.tzinfo is None or ends <= self.now():
            raise OutageError("A broadcast must end in the future; give the time with its zone.", "bad_broadcast_end")
        check_century("ends", ends)
        check_text("text_tr", text_tr)
        check_text("text_en", text_en or "")
        if not text_tr.strip():
            raise OutageError("A broadcast needs a Turkish text.", "empty_broadcast")
        if district_id is not None:
            district = await self.session.get(Area, district_id)
            if district is None or district.kind != "district":
                raise OutageError(f"There is no district {district_id}.", "unknown_area")
        broadcast = Broadcast(
            text_tr=text_tr.strip(),
            text_en=text_en,
            district_id=district_id,
            created=self.now(),
            ends=ends,
            who=self.who,
        )
        self.session.add(broadcast)
        await touch_board(self.session)
        return broadcast

    async def silence(self, broadcast_id: int) -> Broadcast:
        """End a broadcast now."""
        broadcast = await self.session.get(Broadcast, broadcast_id)
        if broadcast is None:
            raise OutageError(f"There is no broadcast {broadcast_id}.", "unknown_broadcast")
        broadcast.ends = min(broadcast.ends, self.now())
        await touch_board(self.session)
        return broadcast

    async def mass_call(self, on: bool) -> None:
        """Short menus for everybody, whatever the number of calls."""
        await self.session.execute(update(BoardState).values(mass_call=on))
        await touch_board(self.session)

    async def _held(self, outage_id: int, revision: int | None) -> Outage:
        outage = await self.get(outage_id)
        if revision is not None and revision != outage.revision:
            raise _conflict(revision)
        return outage

    async def _live(self, outage: Outage, life: Life, what: str) -> Outage:
        before, outage.life = outage.life, life
        await self._record(outage, what, {"life": [before, life]})
        return outage

    async def _checked(self, facts: OutageFacts) -> OutageFacts:
        facts = replace(facts, areas=await self._present(facts.areas))
        check(facts, self.now())
        times = {name: getattr(facts, name) for name in ("starts", "expected_end", "actual_end")}
        return replace(facts, **{name: time.astimezone(UTC) for name, time in times.items() if time})

    async def _present(self, areas: Mapping[int, str | None]) -> dict[int, str | None]:
        """The areas as they are called today: a merged one is its successor."""
        present: dict[int, str | None] = {}
        wanted = dict(areas)
        for _ in range(_MERGERS):
            found = await repository.areas_by_id(self.session, wanted)
            if unknown := [area_id for area_id in wanted if area_id not in found]:
                raise OutageError(f"There is no area {unknown[0]}.", "unknown_area")
            present |= {area_id: wanted[area_id] for area_id, area in found.items() if area.active}
            gone = [area for area in found.values() if not area.active]
            if not gone:
                return dict(sorted(present.items()))
            wanted = {area.merged_into or 0: wanted[area.id] for area in gone}
        raise OutageError("The mergers of this area lead nowhere; correct the list of areas.", "unknown_area")

    async def _record(self, outage: Outage, what: str, changes: dict[str, Any]) -> None:
        seen, outage.revision = outage.revision, outage.revision + 1
        try:
            await self.session.flush()
        except StaleDataError:
            raise _conflict(seen) from None
        self.session.add(
            OutageRevision(
                outage_id=outage.id, number=outage.revision, at=self.now(), who=self.who, what=what, changes=changes
            )
        )
        await tell_of(self.session, self.now, outage, changes)
        await touch_board(self.session)


async def touch_board(session: AsyncSession) -> None:
    """Tell every process, once this is committed, that callers are to hear something else."""
    await session.flush()
    await session.execute(update(BoardState).values(version=BoardState.version + 1))
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def _conflict(revision: int) -> OutageError:
    return OutageError(
        f"Somebody changed this outage after its revision {revision}; read it again, then change it.",
        "revision_conflict",
    )


def facts_of(outage: Outage) -> OutageFacts:
    """What an outage says now."""
    return OutageFacts(
        kind=outage.kind,
        cause=outage.cause,
        areas={place.area_id: place.streets for place in outage.places},
        starts=outage.starts,
        expected_end=outage.expected_end,
        actual_end=outage.actual_end,
        subscribers=outage.subscribers,
        crew=outage.crew,
        tanker_points=outage.tanker_points,
        announcement_tr=outage.announcement_tr,
        announcement_en=outage.announcement_en,
    )


def _write(outage: Outage, facts: OutageFacts) -> None:
    places = {place.area_id: place for place in outage.places}
    for name, value in asdict(facts).items():
        if name != "areas":
            setattr(outage, name, value)
    outage.places = [places.get(area_id) or OutageArea(area_id=area_id) for area_id in facts.areas]
    for place in outage.places:
        place.streets = facts.areas[place.area_id]


def _differences(before: OutageFacts | None, after: OutageFacts) -> dict[str, Any]:
    old = asdict(before) if before else {}
    return {
        name: [_plain(old.get(name)), _plain(value)] for name, value in asdict(after).items() if value != old.get(name)
    }


def _plain(value: Any) -> Any:
    """As JSON keeps it; times in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {str(key): inner for key, inner in value.items()}
    return value
