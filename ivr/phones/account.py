"""One browser tab's account at Asterisk."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

LETTERS = "abcdefghijkmnopqrstuvwxyz"
VISITOR = "web-"
AGENT = "desk-"
SUPERVISOR = "floor-"


@dataclass(frozen=True, slots=True)
class Account:
    """`name` is endpoint, AOR and user in one. Password and ticket are secrets of the tab."""

    name: str
    context: str
    """Where its calls enter the dialplan: what it may dial."""
    expires: datetime
    agent: bool = False
    """May be called, and may transfer whom it talks to."""
    linger: float = 0.0
    """Seconds for which it outlives a broken connection. A tab that is closed is not waited for."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of the channels of its calls."""
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """What its WebSocket has to show."""


def visitor_name() -> str:
    """Without digits, or the hotline could take it for a telephone number."""
    return VISITOR + "".join(secrets.choice(LETTERS) for _ in range(16))
