"""What an import tells of one subscriber."""

from dataclasses import dataclass, replace
from datetime import datetime

from subscribers.consent import Channel, Purpose
from subscribers.keys import content_digest

FIELDS = ("name", "phones", "area_id", "address", "meter_point", "language")
TOLD_ALL = frozenset(FIELDS)


@dataclass(frozen=True, slots=True)
class GivenConsent:
    channel: Channel
    purpose: Purpose
    given: bool
    at: datetime | None
    """None: the source does not tell when."""


@dataclass(frozen=True, slots=True)
class SubscriberFacts:
    """What is not `told`, since the source has no such column, stays as it is."""

    number: str
    name: str | None = None
    phones: tuple[str, ...] = ()
    """E.164."""
    area_id: int | None = None
    address: str | None = None
    meter_point: str | None = None
    language: str = "tr"
    consents: tuple[GivenConsent, ...] = ()
    told: frozenset[str] = TOLD_ALL
    line: int = 0

    def digest(self, secret: str) -> str:
        return content_digest([(name, getattr(self, name)) for name in FIELDS if name in self.told], secret)

    def over(self, held: "SubscriberFacts") -> "SubscriberFacts":
        """These, with what is not told as it is held."""
        return replace(self, **{name: getattr(held, name) for name in FIELDS if name not in self.told})
