"""From a draft to what callers hear: review by a second person, publication at once or at a set time."""

from datetime import datetime
from typing import Any

from outages.errors import OutageError
from outages.facts import facts_of
from outages.life import Life, check_century, life_at
from outages.models import Outage
from outages.recording import Recording, checked_reason
from outages.review import check_second_person, needs_review


class Publishing(Recording):
    """What happens to drafts."""

    async def submit_for_review(
        self, outage_id: int, revision: int | None = None, *, reason: str | None = None
    ) -> Outage:
        """Ask a second person to publish it."""
        outage = await self._draft(outage_id, revision)
        await self._checked(facts_of(outage), None, on_air=True)
        told = self._put(outage, submitted_by=self.who, submitted_at=self.now())
        await self._record(outage, "submitted", told, reason)
        return outage

    async def send_back(self, outage_id: int, reason: str, revision: int | None = None) -> Outage:
        """Take it out of review, or stop its publication at a set time, and say why."""
        outage = await self._draft(outage_id, revision)
        if outage.submitted_by is None and outage.publish_at is None:
            raise _not_submitted()
        if checked_reason(reason) is None:
            raise OutageError("Say why it goes back.", "reason_needed", "Neden geri gönderdiğinizi yazın.")
        await self._record(outage, "sent_back", self._without_review(outage), reason)
        return outage

    async def approve(
        self, outage_id: int, revision: int | None = None, *, at: datetime | None = None, reason: str | None = None
    ) -> Outage:
        """Publish what was submitted, at once or at `at`."""
        outage = await self._draft(outage_id, revision)
        if outage.submitted_by is None:
            raise _not_submitted()
        return await self._let_out(outage, at, reason)

    async def publish(
        self, outage_id: int, revision: int | None = None, *, at: datetime | None = None, reason: str | None = None
    ) -> Outage:
        """Make a draft known to callers, at once or at `at`."""
        return await self._let_out(await self._draft(outage_id, revision), at, reason)

    async def _let_out(self, outage: Outage, at: datetime | None, reason: str | None) -> Outage:
        if needs_review(outage.kind, self.review_planned):
            check_second_person(self.who, edited_by=outage.edited_by, submitted_by=outage.submitted_by)
        await self._checked(facts_of(outage), None, on_air=True)
        if at is None or _future(at, outage, self.now()) <= self.now():
            return await self._publish(outage, reason)
        told = self._put(outage, approved_by=self.who, publish_at=at)
        await self._record(outage, "approved", told, reason)
        return outage

    async def _publish(self, outage: Outage, reason: str | None, on_behalf_of: str | None = None) -> Outage:
        before, outage.life = outage.life, life_at(outage.starts, outage.actual_end, self.now())
        told = self._put(outage, approved_by=on_behalf_of or self.who, publish_at=None)
        await self._record(outage, "published", {"life": [before, outage.life], **told}, reason, on_behalf_of)
        return outage

    async def _publish_due(self, outage: Outage) -> None:
        """What cannot go out any more waits for a person, and says why, instead of being tried for ever."""
        try:
            await self._checked(facts_of(outage), None, on_air=False)
        except OutageError as refused:
            await self._record(outage, "sent_back", self._without_review(outage), refused.message[:300])
            return
        await self._publish(outage, None, outage.approved_by)

    async def _draft(self, outage_id: int, revision: int | None) -> Outage:
        outage = await self._held(outage_id, revision)
        if outage.life is not Life.draft:
            raise OutageError("This outage is published already.", "already_published", "Bu kesinti zaten yayımlanmış.")
        return outage

    def _without_review(self, outage: Outage) -> dict[str, Any]:
        return self._put(outage, submitted_by=None, submitted_at=None, approved_by=None, publish_at=None)


def _future(at: datetime, outage: Outage, now: datetime) -> datetime:
    if at.tzinfo is None:
        raise OutageError("Give the time of publication with its zone.", "naive_time")
    check_century("publish_at", at)
    if at > now and outage.expected_end is not None and at >= outage.expected_end:
        raise OutageError(
            "It would be published after its end; give an earlier time.",
            "published_after_end",
            "Bitişinden sonra yayımlanmış olurdu; daha erken bir saat verin.",
        )
    return at


def _not_submitted() -> OutageError:
    return OutageError(
        "It is not waiting for review; submit it first.", "not_submitted", "Onay beklemiyor; önce onaya gönderin."
    )
