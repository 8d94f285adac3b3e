"""Subscribers for tests."""

from collections.abc import Iterable
from typing import Any

from storage.database import Database
from storage.types import use_key
from subscribers.facts import SubscriberFacts
from subscribers.keeping import take_in
from tests.outage_world import Clock

SECRET = "a secret of the tests"
AYSE, MEHMET = "4532170", "4532189"
AYSE_PHONE, SHARED_PHONE = "+905321234567", "+902621234567"


def facts(number: str = AYSE, **told: Any) -> SubscriberFacts:
    given = {"name": "Ayşe Yılmaz", "phones": (AYSE_PHONE,), "address": "Okul Cad. 3", "meter_point": "S-77"} | told
    return SubscriberFacts(number, **given)


async def add_subscribers(db: Database, *told: SubscriberFacts, clock: Clock | None = None) -> None:
    use_key("a key of the tests")
    rows: Iterable[SubscriberFacts] = told or (facts(),)
    async with db.session() as session:
        await take_in(session, list(rows), (clock or Clock())(), SECRET, source="file", who="tests")
        await session.commit()
