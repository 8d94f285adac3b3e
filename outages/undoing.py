"""Taking back what was just done."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from outages.errors import OutageError
from outages.facts import differences, facts_of, plain, with_plain, write
from outages.life import Life, life_at
from outages.models import Outage, OutageRevision
from outages.recording import Recording, conflict

UNDO_WITHIN = timedelta(seconds=30)
_REVIEW = ("submitted_by", "submitted_at", "approved_by", "publish_at")


class Undoing(Recording):
    async def undo(self, outage_id: int, revision: int, *, reason: str | None = None) -> Outage:
        """What the person did last, within 30 s: facts and life are as before it. A new outage is cancelled.

        Nothing is lost: it is one more revision.
        """
        outage = await self.get(outage_id)
        if revision != outage.revision:
            raise conflict(revision)
        last = await self._last(outage)
        check_undo(last.who, last.at, self.who, self.now())
        before = facts_of(outage)
        old = {name: value for name, (value, _) in last.changes.items()}
        if last.what == "created":
            after, life = before, Life.cancelled
        else:
            after = with_plain(before, old)
            life = self._life(after, Life(old.get("life", outage.life)))
        told = differences(before, after) | self._review_put_back(outage, old if last.what != "created" else {})
        if life is not outage.life:
            told["life"] = [outage.life, life]
        write(outage, after)
        outage.life = life
        await self._record(outage, "undone", told, reason or "undone")
        return outage

    async def _last(self, outage: Outage) -> OutageRevision:
        query = select(OutageRevision).where(
            OutageRevision.outage_id == outage.id, OutageRevision.number == outage.revision
        )
        return (await self.session.scalars(query)).one()

    def _life(self, facts: Any, before: Life) -> Life:
        """As it was, but for the time that has passed since."""
        if before in (Life.draft, Life.cancelled):
            return before
        return life_at(facts.starts, facts.actual_end, self.now())

    @staticmethod
    def _review_put_back(outage: Outage, old: dict[str, Any]) -> dict[str, Any]:
        told = {}
        for name in _REVIEW:
            if name in old:
                told[name] = [plain(getattr(outage, name)), old[name]]
                is_time = name in ("submitted_at", "publish_at") and old[name]
                setattr(outage, name, datetime.fromisoformat(old[name]) if is_time else old[name])
        return told


def check_undo(did: str, at: datetime, who: str, now: datetime) -> None:
    """Refuse to take back what somebody else did, or what was done too long ago."""
    if did != who:
        raise OutageError(
            "Only who made a change can undo it; change the outage instead.",
            "undo_not_yours",
            "Bir değişikliği yalnız yapan geri alabilir; kesintiyi değiştirin.",
        )
    if now - at > UNDO_WITHIN:
        raise OutageError(
            "It is too late to undo this; change the outage instead.",
            "undo_too_late",
            "Geri almak için geç; kesintiyi değiştirin.",
        )
