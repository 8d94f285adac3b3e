"""Outages as operators make and change them. Nothing here commits: the edge does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, Unpack

from sqlalchemy import and_, or_, select

from outages import repository
from outages.announcing import Announcing
from outages.errors import OutageError
from outages.facts import differences, facts_of, write
from outages.life import (
    Life,
    OutageChanges,
    OutageFacts,
    check_cancel,
    check_century,
    check_end,
    check_open,
    check_text,
    life_at,
)
from outages.models import Outage
from outages.publishing import Publishing
from outages.recording import CHANNEL, touch_board
from outages.review import needs_review, second_person
from outages.undoing import Undoing

__all__ = ["CHANNEL", "OutageService", "Source", "facts_of", "touch_board"]

Source = Literal["operator", "import", "demo"]


class OutageService(Publishing, Undoing, Announcing):
    """One operator's work in one session. `who` is written into each revision."""

    async def create(
        self,
        facts: OutageFacts,
        *,
        draft: bool = False,
        source: Source = "operator",
        external_id: str | None = None,
        reason: str | None = None,
    ) -> Outage:
        """A new outage, which callers hear once it is committed, unless it is a draft."""
        facts = await self._checked(facts, None, on_air=not draft)
        check_text("external_id", external_id or "")
        if not draft and source == "operator" and needs_review(facts.kind, self.review_planned):
            raise second_person()
        if external_id is not None and await self.by_external_id(external_id):
            raise OutageError(f"An outage with the external id {external_id} exists already.", "external_id_taken")
        life = Life.draft if draft else life_at(facts.starts, facts.actual_end, self.now())
        outage = Outage(life=life, source=source, external_id=external_id, revision=0, edited_by=self.who)
        write(outage, facts)
        self.session.add(outage)
        await self._record(outage, "created", {"life": [None, life], **differences(None, facts)}, reason)
        return outage

    async def change(
        self,
        outage_id: int,
        revision: int | None = None,
        *,
        reason: str | None = None,
        **changes: Unpack[OutageChanges],
    ) -> Outage:
        """Facts given anew; the same again leaves no trace. `revision`: refuse if it is not the present one."""
        outage = await self._held(outage_id, revision)
        check_open(outage.life)
        before, draft = facts_of(outage), outage.life is Life.draft
        after = await self._checked(replace(before, **changes), before, on_air=not draft)
        if after.actual_end is not None and outage.life is not Life.restored:
            check_end(outage.life, after.starts, after.actual_end)
        if not draft and after.kind != before.kind and needs_review(after.kind, self.review_planned):
            raise second_person()
        told = differences(before, after)
        if not told:
            return outage
        life = outage.life if draft else life_at(after.starts, after.actual_end, self.now())
        if life is not outage.life:
            told["life"] = [outage.life, life]
        what = "restored" if life is Life.restored and outage.life is not Life.restored else "changed"
        outage.life = life
        write(outage, after)
        if what == "changed":
            outage.edited_by = self.who
        if draft and needs_review(after.kind, self.review_planned):
            told |= self._without_review(outage)
        await self._record(outage, what, told, reason)
        return outage

    async def end(
        self, outage_id: int, at: datetime | None = None, revision: int | None = None, *, reason: str | None = None
    ) -> Outage:
        """The water is back, now or since `at`."""
        outage = await self._held(outage_id, revision)
        at = at or self.now()
        check_century("at", at)
        check_end(outage.life, outage.starts, at)
        return await self.change(outage_id, reason=reason, actual_end=at)

    async def cancel(self, outage_id: int, revision: int | None = None, *, reason: str | None = None) -> Outage:
        """It does not take place, or never did."""
        outage = await self._held(outage_id, revision)
        check_cancel(outage.life)
        return await self._live(outage, Life.cancelled, "cancelled", reason)

    async def overlapping(self, facts: OutageFacts, except_id: int | None = None) -> list[Outage]:
        """Scheduled and active outages that take water from the same people at the same time, the earliest first."""
        return list(await repository.overlapping(self.session, facts, self.now(), except_id))

    async def due(self, *, lock: bool = False) -> Sequence[Outage]:
        """Scheduled outages that have begun, and drafts whose hour of publication has come."""
        query = select(Outage).where(
            or_(
                and_(Outage.life == Life.scheduled, Outage.starts <= self.now()),
                and_(Outage.life == Life.draft, Outage.publish_at <= self.now()),
            )
        )
        if lock:
            query = query.with_for_update(skip_locked=True)
        return (await self.session.scalars(query)).all()

    async def start_due(self) -> int:
        """Make active what has started by now and publish what was approved for now; returns how many."""
        due = await self.due(lock=True)
        for outage in due:
            if outage.life is Life.draft:
                await self._publish_due(outage)
            else:
                await self._live(outage, Life.active, "started")
        return len(due)
