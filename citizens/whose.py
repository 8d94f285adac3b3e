"""Whom a look-up is about: a subscriber with their telephones, or somebody who is known by a telephone only."""

from dataclasses import dataclass

from subscribers.errors import unknown
from subscribers.keys import plain_number, pseudonym
from subscribers.phones import e164
from subscribers.record import Subscriber
from subscribers.service import Subscribers


@dataclass(frozen=True, slots=True)
class Secrets:
    """Of pseudonyms: the list of notices has one of its own."""

    callers: str
    notices: str


@dataclass(frozen=True, slots=True)
class Citizen:
    phones: tuple[str, ...]
    """E.164."""
    subscriber: Subscriber | None = None

    def subject(self, secrets: Secrets) -> str:
        """Who, in the audit log, without a number."""
        if self.subscriber and self.subscriber.id:
            return f"subscriber:{self.subscriber.id}"
        return f"caller:{pseudonym(self.phones[0] if self.phones else '', secrets.callers)[:12]}"

    def callers(self, secrets: Secrets) -> list[str]:
        return [pseudonym(phone, secrets.callers) for phone in self.phones]

    def notices(self, secrets: Secrets) -> list[str]:
        return [pseudonym(phone, secrets.notices) for phone in self.phones]


async def whose(service: Subscribers, written: str) -> Citizen:
    """By a subscriber's number, or by a telephone (which begins with 0 or +). Raises `unknown_subscriber`.

    A telephone is its caller and nobody else: it may be a whole family's.
    """
    if subscriber := await service.by_number(written):
        return Citizen(subscriber.phones, subscriber)
    phone = e164(written) if plain_number(written)[:1] in ("0", "+") else None
    if phone is None:
        raise unknown()
    return Citizen((phone,))
