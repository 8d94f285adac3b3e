"""A subscriber, whichever system knows them, and what every such system can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from subscribers.consent import Consent


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Personal throughout: shown only to people who may see it, never said on the telephone."""

    number: str
    name: str | None
    phones: tuple[str, ...]
    """E.164."""
    area_id: int | None
    """None where the source names no area that we know."""
    address: str | None = None
    meter_point: str | None = None
    language: str = "tr"
    consents: tuple[Consent, ...] = ()
    """What holds now; all that was ever said is in `Subscribers.consent_history`."""
    id: int | None = None
    """In our database; None for one that only the utility's own system knows."""


class SubscriberSource(Protocol):
    """Who the subscribers are. A source that cannot answer now behaves as if it knew nobody."""

    async def by_phone(self, number: str) -> Sequence[Subscriber]:
        """All with this telephone, E.164."""

    async def by_number(self, number: str) -> Subscriber | None: ...
