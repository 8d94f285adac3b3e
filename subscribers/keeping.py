"""What was planned of a list, written into the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from subscribers.facts import SubscriberFacts
from subscribers.keys import name_tokens, pseudonym
from subscribers.models import ConsentRow, SubscriberName, SubscriberPhone, SubscriberRow
from subscribers.plan import PlannedRow, plan

_ROWS, _PHONES, _NAMES, _CONSENTS = (
    model.metadata.tables[model.__tablename__] for model in (SubscriberRow, SubscriberPhone, SubscriberName, ConsentRow)
)
"""New rows go straight into the tables: as objects of the session they would cost half as much again."""


async def take_in(
    session: AsyncSession, rows: Sequence[SubscriberFacts], now: datetime, secret: str, *, source: str, who: str
) -> list[PlannedRow]:
    """Look, then keep what is new or changed."""
    planned = await plan(session, rows, secret)
    added = [row for row in planned if row.what == "new" and row.facts]
    ids = await _add(session, added, now, secret, source) if added else {}
    changed = [row for row in planned if row.what == "changed"]
    for row in (row for row in changed if row.facts):
        await _change(session, row, now, secret, source)
    whole = [(row, ids.get(row.number_hash) or row.subscriber_id or 0) for row in (*added, *changed)]
    await _add_parts(session, whole, secret)
    await _add_consents(session, whole, now, who)
    return planned


async def _add(
    session: AsyncSession, rows: Sequence[PlannedRow], now: datetime, secret: str, source: str
) -> dict[str, int]:
    values = [_values(row, secret) | {"source": source, "updated": now} for row in rows]
    made = insert(_ROWS).returning(_ROWS.c.number_hash, _ROWS.c.id)
    return {str(key): int(id_) for key, id_ in await session.execute(made, values)}


async def _change(session: AsyncSession, row: PlannedRow, now: datetime, secret: str, source: str) -> None:
    held = await session.get_one(SubscriberRow, row.subscriber_id)
    for name, value in (_values(row, secret) | {"source": source, "updated": now}).items():
        setattr(held, name, value)
    for part in (SubscriberPhone, SubscriberName):
        await session.execute(delete(part).where(part.subscriber_id == row.subscriber_id))


def _values(row: PlannedRow, secret: str) -> dict[str, object]:
    facts = row.facts
    assert facts is not None
    return {
        "number_hash": row.number_hash,
        "number": facts.number,
        "name": facts.name,
        "address": facts.address,
        "meter_point": facts.meter_point,
        "area_id": facts.area_id,
        "language": facts.language,
        "digest": facts.digest(secret),
    }


async def _add_parts(session: AsyncSession, rows: Iterable[tuple[PlannedRow, int]], secret: str) -> None:
    """Telephones, and the words by which names are found."""
    phones, names = [], []
    for row, id_ in rows:
        if row.facts is None:
            continue
        for phone in row.facts.phones:
            phones.append({"subscriber_id": id_, "number_hash": pseudonym(phone, secret), "number": phone})
        names += [{"subscriber_id": id_, "token": token} for token in name_tokens(row.facts.name or "", secret)]
    if phones:
        await session.execute(insert(_PHONES), phones)
    if names:
        await session.execute(insert(_NAMES), names)


async def _add_consents(session: AsyncSession, rows: Iterable[tuple[PlannedRow, int]], now: datetime, who: str) -> None:
    consents = [
        {
            "subscriber_id": id_,
            "channel": each.channel,
            "purpose": each.purpose,
            "given": each.given,
            "at": each.at or now,
            "source": "import",
            "who": who,
        }
        for row, id_ in rows
        for each in row.consents
    ]
    if consents:
        await session.execute(insert(_CONSENTS), consents)
