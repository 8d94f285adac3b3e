"""What rows would do to the subscribers that are known: looked at before anything is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outages.parsed import RowError
from subscribers.facts import FIELDS, GivenConsent, SubscriberFacts
from subscribers.keys import number_key
from subscribers.models import ConsentRow, Erasure, SubscriberPhone, SubscriberRow

What = Literal["new", "changed", "same", "bad"]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What becomes of one row of a list."""

    line: int
    number: str
    what: What
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Each field that changes, with its value before and after."""
    errors: tuple[RowError, ...] = ()
    facts: SubscriberFacts | None = None
    """All that is to be kept of the record; None where it stays as it is."""
    number_hash: str = ""
    subscriber_id: int | None = None
    consents: tuple[GivenConsent, ...] = ()
    """Those that are news."""


Agreed = dict[tuple[str, str], ConsentRow]


async def plan(session: AsyncSession, rows: Sequence[SubscriberFacts], secret: str) -> list[PlannedRow]:
    """Of rows that fit into one statement, in their order."""
    keys = [number_key(row.number, secret) for row in rows]
    known = await _known(session, keys)
    erased = set(await session.scalars(select(Erasure.number_hash).where(Erasure.number_hash.in_(keys))))
    unlike = [
        known[key].id
        for row, key in zip(rows, keys, strict=True)
        if key in known and known[key].merged_into is None and known[key].digest != row.digest(secret)
    ]
    held = await _held(session, [row for row in known.values() if row.id in set(unlike)])
    saying = [known[key].id for row, key in zip(rows, keys, strict=True) if row.consents and key in known]
    agreed = await _agreed(session, saying)
    planned = []
    for row, key in zip(rows, keys, strict=True):
        if key in erased:
            planned.append(PlannedRow(row.line, row.number, "bad", errors=(_was_erased(row.line),)))
        elif (found := known.get(key)) is None:
            planned.append(_added(row, key))
        elif found.merged_into is not None:
            planned.append(PlannedRow(row.line, row.number, "same"))
        else:
            planned.append(_compared(row, key, found.id, held.get(found.id), agreed.get(found.id, {})))
    return planned


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    digest: str
    merged_into: int | None


async def _known(session: AsyncSession, keys: Sequence[str]) -> dict[str, _Known]:
    """Without what is sealed."""
    columns = (SubscriberRow.number_hash, SubscriberRow.id, SubscriberRow.digest, SubscriberRow.merged_into)
    found = await session.execute(select(*columns).where(SubscriberRow.number_hash.in_(keys)))
    return {key: _Known(id_, digest, merged) for key, id_, digest, merged in found}


async def _held(session: AsyncSession, known: Sequence[_Known]) -> dict[int, SubscriberFacts]:
    ids = [each.id for each in known]
    if not ids:
        return {}
    phones: dict[int, list[str]] = {}
    for phone in await session.scalars(select(SubscriberPhone).where(SubscriberPhone.subscriber_id.in_(ids))):
        phones.setdefault(phone.subscriber_id, []).append(phone.number)
    rows = await session.scalars(select(SubscriberRow).where(SubscriberRow.id.in_(ids)))
    return {
        row.id: SubscriberFacts(
            row.number,
            row.name,
            tuple(sorted(phones.get(row.id, ()))),
            row.area_id,
            row.address,
            row.meter_point,
            row.language,
        )
        for row in rows
    }


async def _agreed(session: AsyncSession, ids: Sequence[int]) -> dict[int, Agreed]:
    """What each has said last."""
    found: dict[int, Agreed] = {}
    if not ids:
        return found
    query = select(ConsentRow).where(ConsentRow.subscriber_id.in_(ids)).order_by(ConsentRow.at, ConsentRow.id)
    for row in await session.scalars(query):
        found.setdefault(row.subscriber_id, {})[row.channel, row.purpose] = row
    return found


def _compared(row: SubscriberFacts, key: str, id_: int, held: SubscriberFacts | None, agreed: Agreed) -> PlannedRow:
    whole = row.over(held) if held else row
    differences: dict[str, tuple[Any, Any]] = {}
    if held:
        pairs = ((name, getattr(held, name), getattr(whole, name)) for name in FIELDS)
        differences = {name: (old, new) for name, old, new in pairs if old != new}
    facts = whole if differences else None
    consents = tuple(each for each in row.consents if _is_news(each, agreed.get((each.channel, each.purpose))))
    for each in consents:
        last = agreed.get((each.channel, each.purpose))
        differences[f"consent_{each.channel}"] = (last.given if last else None, each.given)
    what: What = "changed" if differences else "same"
    return PlannedRow(row.line, row.number, what, differences, (), facts, key, id_, consents)


def _is_news(told: GivenConsent, last: ConsentRow | None) -> bool:
    """What somebody said to us is not undone by a list that is older, or does not tell how old it is."""
    if last is None or last.given is told.given:
        return last is None
    return told.at > last.at if told.at else last.source == "import"


def _added(row: SubscriberFacts, key: str) -> PlannedRow:
    return PlannedRow(row.line, row.number, "new", _news(row), (), row, key, consents=row.consents)


def _news(row: SubscriberFacts) -> dict[str, tuple[Any, Any]]:
    told = {name: (None, value) for name in FIELDS if (value := getattr(row, name)) not in (None, ())}
    return told | {f"consent_{each.channel}": (None, each.given) for each in row.consents}


def _was_erased(line: int) -> RowError:
    return RowError(
        line,
        "",
        "was erased at the person's request and is not taken in again",
        "Kişinin isteğiyle silinmiş; yeniden alınmaz.",
    )
