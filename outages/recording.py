"""The ground of every change: outages are found, what is said of them checked, and each change recorded once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from outages import repository
from outages.errors import OutageError
from outages.facts import plain
from outages.life import Life, OutageFacts, check, check_text
from outages.models import BoardState, Outage, OutageRevision
from outages.telling import tell_of
from outages.text_check import check_speakable
from people import audit
from storage.notices import tell

CHANNEL = "alo185_board"
"""PostgreSQL notifies it with each commit that changes the board."""
LONGEST_REASON = 300
_MERGERS = 10
"""How many renamings of an area are followed."""


class Recording:
    """One person's work in one session. `who` is written into each revision. Nothing here commits: the edge does."""

    def __init__(
        self,
        session: AsyncSession,
        now: Callable[[], datetime],
        who: str,
        *,
        review_planned: bool = False,
        strict_texts: bool = True,
    ) -> None:
        """`review_planned`: planned work needs a second person. `strict_texts`: refuse texts unfit to be spoken."""
        self.session = session
        self.now = now
        self.who = who
        self.review_planned = review_planned
        self._strict_texts = strict_texts

    async def get(self, outage_id: int) -> Outage:
        """Raises `unknown_outage`."""
        outage = await self.session.get(Outage, outage_id)
        if outage is None:
            raise OutageError(
                f"There is no outage {outage_id}.", "unknown_outage", f"{outage_id} numaralı bir kesinti yok."
            )
        return outage

    async def by_external_id(self, external_id: str) -> Outage | None:
        found: Outage | None = await self.session.scalar(select(Outage).where(Outage.external_id == external_id))
        return found

    async def _held(self, outage_id: int, revision: int | None) -> Outage:
        outage = await self.get(outage_id)
        if revision is not None and revision != outage.revision:
            raise conflict(revision)
        return outage

    async def _live(
        self, outage: Outage, life: Life, what: str, reason: str | None = None, *, on_behalf_of: str | None = None
    ) -> Outage:
        """What lives on goes out at no hour that was set for it as a draft."""
        before, outage.life = outage.life, life
        told = self._put(outage, publish_at=None)
        await self._record(outage, what, {"life": [before, life], **told}, reason, on_behalf_of)
        return outage

    @staticmethod
    def _put(outage: Outage, **fields: Any) -> dict[str, Any]:
        """Write the fields and tell which of them changed, as a revision keeps it."""
        changed = {name: value for name, value in fields.items() if getattr(outage, name) != value}
        told = {name: [plain(getattr(outage, name)), plain(value)] for name, value in changed.items()}
        for name, value in changed.items():
            setattr(outage, name, value)
        return told

    async def _checked(self, facts: OutageFacts, before: OutageFacts | None, *, on_air: bool) -> OutageFacts:
        """What may be said. Texts that are heard already are not held against a later change of something else."""
        facts = replace(facts, areas=await self._present(facts.areas))
        check(facts, self.now())
        if on_air and self._strict_texts:
            check_speakable(facts, before)
        times = {name: getattr(facts, name) for name in ("starts", "expected_end", "actual_end")}
        return replace(facts, **{name: time.astimezone(UTC) for name, time in times.items() if time})

    async def _present(self, areas: Mapping[int, str | None]) -> dict[int, str | None]:
        """The areas as they are called today: a merged one is its successor."""
        present: dict[int, str | None] = {}
        wanted = dict(areas)
        for _ in range(_MERGERS):
            found = await repository.areas_by_id(self.session, wanted)
            if unknown := [area_id for area_id in wanted if area_id not in found]:
                raise OutageError(f"There is no area {unknown[0]}.", "unknown_area", f"{unknown[0]} numaralı yer yok.")
            present |= {area_id: wanted[area_id] for area_id, area in found.items() if area.active}
            gone = [area for area in found.values() if not area.active]
            if not gone:
                return dict(sorted(present.items()))
            wanted = {area.merged_into or 0: wanted[area.id] for area in gone}
        raise OutageError("The mergers of this area lead nowhere; correct the list of areas.", "unknown_area")

    async def _record(
        self,
        outage: Outage,
        what: str,
        changes: dict[str, Any],
        reason: str | None = None,
        on_behalf_of: str | None = None,
    ) -> None:
        """The one place through which every change of an outage goes."""
        seen, outage.revision = outage.revision, outage.revision + 1
        outage.updated = self.now()
        reason = checked_reason(reason)
        try:
            await self.session.flush()
        except StaleDataError:
            raise conflict(seen) from None
        self.session.add(
            OutageRevision(
                outage_id=outage.id,
                number=outage.revision,
                at=outage.updated,
                who=self.who,
                what=what,
                changes=changes,
                reason=reason,
                on_behalf_of=on_behalf_of,
            )
        )
        await tell_of(self.session, self.now, outage, changes)
        told = {"revision": outage.revision, "changes": changes, "reason": reason, "on_behalf_of": on_behalf_of}
        await self._audit(f"outage_{what}", f"outage:{outage.id}", **told)
        await touch_board(self.session)

    async def _audit(self, what: str, subject: str, **detail: Any) -> None:
        """Into the log that nobody changes unseen, with the change or not at all."""
        known = {name: value for name, value in detail.items() if value is not None}
        await audit.record(self.session, self.now, self.who, what, subject, **known)


async def touch_board(session: AsyncSession) -> None:
    """Tell every process, once this is committed, that callers are to hear something else."""
    await session.flush()
    await session.execute(update(BoardState).values(version=BoardState.version + 1))
    await tell(session, CHANNEL)


def conflict(revision: int) -> OutageError:
    return OutageError(
        f"Somebody changed this outage after its revision {revision}; read it again, then change it.",
        "revision_conflict",
        f"Bu kesinti {revision}. sürümünden sonra değiştirildi; yeniden okuyup öyle değiştirin.",
    )


def checked_reason(reason: str | None) -> str | None:
    """Why somebody did it, or None. Raises `reason_too_long`."""
    reason = " ".join((reason or "").split())
    check_text("reason", reason)
    if len(reason) > LONGEST_REASON:
        raise OutageError(
            f"Give the reason in at most {LONGEST_REASON} characters.",
            "reason_too_long",
            f"Gerekçeyi en çok {LONGEST_REASON} karakterle yazın.",
        )
    return reason or None
