"""What a subscriber may agree to: a channel for a purpose, each by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Channel = Literal["call", "sms", "email", "line"]
"""`line`: what is said to somebody who calls us."""
Purpose = Literal["known_area", "outages", "tickets", "survey"]
Source = Literal["import", "phone", "paper", "web", "operator"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
SOURCES: tuple[Source, ...] = get_args(Source)
KNOWN_AREA = ("line", "known_area")
"""Withdrawn, who calls from a number on file is asked for their place like a stranger."""


@dataclass(frozen=True, slots=True)
class Consent:
    channel: Channel
    purpose: Purpose
    given: bool
    """False: withdrawn, or refused."""
    at: datetime
    source: str
    who: str


def present(history: Iterable[Consent]) -> tuple[Consent, ...]:
    """What holds now, from all that was said, the oldest first."""
    held: dict[tuple[str, str], Consent] = {}
    for consent in history:
        held[consent.channel, consent.purpose] = consent
    return tuple(held.values())


def refused(consents: Iterable[Consent], what: tuple[str, str]) -> bool:
    return any((consent.channel, consent.purpose) == what and not consent.given for consent in consents)
