"""Subscribers of our own database. Nothing here commits: the edge does."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from people import audit
from subscribers.consent import Channel, Consent, Purpose, Source, present
from subscribers.errors import SubscriberError, unknown
from subscribers.keys import name_tokens, name_words, number_key, pseudonym
from subscribers.models import ConsentRow, Erasure, SubscriberName, SubscriberPhone, SubscriberRow
from subscribers.record import Subscriber

__all__ = ["Subscriber", "Subscribers"]

MOST_FOUND = 50
MOST_OPENED = 500
"""Rows of one search by name that are unsealed at most."""


class Subscribers:
    """Work on subscribers in one session. `secret`: of pseudonyms, the same as that of callers."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], secret: str) -> None:
        self.session = session
        self.now = now
        self._secret = secret

    async def by_phone(self, number: str) -> list[Subscriber]:
        """All with this telephone (E.164), the one that was told last first."""
        ids = select(SubscriberPhone.subscriber_id).where(
            SubscriberPhone.number_hash == pseudonym(number, self._secret)
        )
        query = select(SubscriberRow).where(SubscriberRow.id.in_(ids)).order_by(SubscriberRow.updated.desc())
        return await self._whole((await self.session.scalars(query.limit(MOST_FOUND))).all())

    async def by_number(self, number: str) -> Subscriber | None:
        """However it is written; one that was merged away leads to the one that took it in."""
        row = await self._row(number)
        if row and row.merged_into:
            row = await self.session.get(SubscriberRow, row.merged_into)
        return (await self._whole([row]))[0] if row else None

    async def get(self, subscriber_id: int) -> Subscriber:
        """Raises `unknown_subscriber`."""
        row = await self.session.get(SubscriberRow, subscriber_id)
        if row is None or row.merged_into:
            raise unknown()
        return (await self._whole([row]))[0]

    async def by_name(self, name: str, *, area_ids: Iterable[int] = (), limit: int = MOST_FOUND) -> list[Subscriber]:
        """Whose name holds all of these words."""
        words, tokens = set(name_words(name)), name_tokens(name, self._secret)
        if not tokens:
            return []
        holds = (
            select(SubscriberName.subscriber_id)
            .where(SubscriberName.token.in_(tokens))
            .group_by(SubscriberName.subscriber_id)
            .having(func.count() == len(tokens))
        )
        query = select(SubscriberRow).where(SubscriberRow.id.in_(holds), SubscriberRow.merged_into.is_(None))
        if areas := list(area_ids):
            query = query.where(SubscriberRow.area_id.in_(areas))
        rows = (await self.session.scalars(query.order_by(SubscriberRow.id).limit(MOST_OPENED))).all()
        # a token is short, so that others may share it: only the name itself tells
        named = [row for row in rows if words <= set(name_words(row.name or ""))]
        return await self._whole(named[:limit])

    async def anybody(self) -> bool:
        return await self.session.scalar(select(SubscriberRow.id).limit(1)) is not None

    async def seen(self, who: str, subscriber: Subscriber, how: str) -> None:
        """Note down that somebody looked at a record (KVKK). `how`: `number`, `phone`, `name` or `call`."""
        subject = self.subject(subscriber)
        await audit.record(self.session, self.now, who, "subscriber_seen", subject, how=how)

    async def searched(self, who: str, how: str, found: int) -> None:
        """Note down a search; what was looked for is personal and is not kept."""
        await audit.record(self.session, self.now, who, "subscriber_searched", "all-subscribers", how=how, found=found)

    async def consent_history(self, subscriber_id: int) -> list[Consent]:
        """All that was agreed and withdrawn, the oldest first."""
        return (await self._consents([subscriber_id])).get(subscriber_id, [])

    async def consent(
        self, subscriber_id: int, channel: Channel, purpose: Purpose, *, given: bool, source: Source, who: str
    ) -> None:
        """Agreed, or no longer. Said again it is kept again: when and to whom matters."""
        await self.get(subscriber_id)
        row = ConsentRow(subscriber_id=subscriber_id, channel=channel, purpose=purpose, given=given, source=source)
        row.at, row.who = self.now(), who
        self.session.add(row)
        what = "consent_given" if given else "consent_withdrawn"
        subject = f"subscriber:{subscriber_id}"
        await audit.record(self.session, self.now, who, what, subject, channel=channel, purpose=purpose, how=source)

    async def merge(self, duplicate_id: int, into_number: str, who: str) -> Subscriber:
        """Two records of one person become one: telephones and consents move, the old number leads to the new."""
        target, duplicate = await self.by_number(into_number), await self.get(duplicate_id)
        if target is None or target.id is None or target.id == duplicate.id:
            raise SubscriberError(
                "Write the number of the other record that is to stay.",
                "bad_merge_number",
                "Kalacak olan öteki kaydın numarasını yazın.",
            )
        await self._move(duplicate_id, target.id)
        row = await self.session.get_one(SubscriberRow, duplicate_id)
        row.merged_into, row.name, row.address, row.meter_point, row.area_id = target.id, None, None, None, None
        await self.session.flush()
        await audit.record(
            self.session,
            self.now,
            who,
            "subscriber_merged",
            f"subscriber:{duplicate_id}",
            into=f"subscriber:{target.id}",
        )
        return await self.get(target.id)

    async def erase(self, subscriber_id: int, who: str) -> None:
        """Forget a subscriber altogether; what is kept is that an import may not bring them back."""
        merged = select(SubscriberRow).where(SubscriberRow.merged_into == subscriber_id)
        row = await self.session.get(SubscriberRow, subscriber_id)
        if row is None:
            raise unknown()
        for each in (*(await self.session.scalars(merged)), row):
            await self.session.merge(Erasure(number_hash=each.number_hash, at=self.now(), who=who))
            await self.session.execute(delete(SubscriberRow).where(SubscriberRow.id == each.id))

    def subject(self, subscriber: Subscriber) -> str:
        """Who, in the audit log: their number is personal and does not stand in it."""
        return f"subscriber:{subscriber.id or number_key(subscriber.number, self._secret)[:12]}"

    async def _row(self, number: str) -> SubscriberRow | None:
        hashed = number_key(number, self._secret)
        found: SubscriberRow | None = await self.session.scalar(
            select(SubscriberRow).where(SubscriberRow.number_hash == hashed)
        )
        return found

    async def _move(self, duplicate_id: int, target_id: int) -> None:
        """Telephones that the target lacks; all consents; other records that had been merged into the duplicate."""
        phones = select(SubscriberPhone).where(SubscriberPhone.subscriber_id == duplicate_id)
        for phone in (await self.session.scalars(phones)).all():
            moved = SubscriberPhone(subscriber_id=target_id, number_hash=phone.number_hash, number=phone.number)
            await self.session.merge(moved)
            await self.session.delete(phone)
        await self.session.execute(delete(SubscriberName).where(SubscriberName.subscriber_id == duplicate_id))
        for consent in await self.session.scalars(
            select(ConsentRow).where(ConsentRow.subscriber_id == duplicate_id).order_by(ConsentRow.id)
        ):
            consent.subscriber_id = target_id
        for other in await self.session.scalars(select(SubscriberRow).where(SubscriberRow.merged_into == duplicate_id)):
            other.merged_into = target_id
        await self.session.flush()

    async def _whole(self, rows: Sequence[SubscriberRow]) -> list[Subscriber]:
        ids = [row.id for row in rows]
        phones: dict[int, list[str]] = {}
        query = select(SubscriberPhone).where(SubscriberPhone.subscriber_id.in_(ids))
        for phone in await self.session.scalars(query.order_by(SubscriberPhone.number_hash)):
            phones.setdefault(phone.subscriber_id, []).append(phone.number)
        consents = await self._consents(ids)
        return [_subscriber(row, phones.get(row.id, ()), consents.get(row.id, ())) for row in rows]

    async def _consents(self, ids: Sequence[int]) -> dict[int, list[Consent]]:
        query = select(ConsentRow).where(ConsentRow.subscriber_id.in_(ids)).order_by(ConsentRow.at, ConsentRow.id)
        found: dict[int, list[Consent]] = {}
        for row in await self.session.scalars(query):
            told = Consent(row.channel, row.purpose, row.given, row.at, row.source, row.who)
            found.setdefault(row.subscriber_id, []).append(told)
        return found


def _subscriber(row: SubscriberRow, phones: Iterable[str], consents: Iterable[Consent]) -> Subscriber:
    return Subscriber(
        row.number,
        row.name,
        tuple(phones),
        row.area_id,
        row.address,
        row.meter_point,
        row.language,
        present(consents),
        row.id,
    )
