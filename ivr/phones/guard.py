"""What a tab may say to Asterisk: SIP messages of a sane size, in its own name, not too many of them."""

import re
import time
from collections import deque
from collections.abc import Callable

LONGEST = 16_384
"""Characters; an offer with a dozen network addresses has some 4,000."""
METHODS = frozenset({"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "REFER", "NOTIFY", "UPDATE"})
SIGN_OF_LIFE = frozenset({"\r\n", "\r\n\r\n"})
MESSAGES, WITHIN = 80, 10.0
"""Messages in so many seconds; a call begins with about eight."""

_FIRST = re.compile(r"(?:([A-Z]{3,12}) sips?:[^\s<>]{1,300} SIP/2\.0|SIP/2\.0 [1-6]\d\d [^\r\n]{0,200})")
_ADDRESS = re.compile(r'(?:"[^"<>\r\n]*" *)?<sip:([^@<>;:\s]+)@[^@<>;\s]+>(?:;tag=[\w.~+-]+)?')


def permitted(message: str, user: str) -> bool:
    """Whether it is one SIP message of that user's. Asterisk asks for the password besides.

    It knows who calls by `From`; whoever could name another there might be taken for a phone without a password.
    """
    if message in SIGN_OF_LIFE:
        return True
    if len(message) > LONGEST or "\0" in message:
        return False
    first, *headers = message.partition("\r\n\r\n")[0].split("\r\n")
    found = _FIRST.fullmatch(first)
    if not found or any(header[:1] in (" ", "\t", "") or "\n" in header or "\r" in header for header in headers):
        return False
    if found[1] is None:  # an answer
        return True
    return found[1] in METHODS and _senders(headers) == [user]


def _senders(headers: list[str]) -> list[str]:
    senders = []
    for header in headers:
        name, _, value = header.partition(":")
        if name.strip().lower() in ("from", "f"):
            address = _ADDRESS.fullmatch(value.strip())
            senders.append(address[1] if address else "")
    return senders


class Pace:
    """Whether one more message is in time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: deque[float] = deque(maxlen=MESSAGES)

    def keeps(self) -> bool:
        now = self._clock()
        if len(self._sent) == MESSAGES and now - self._sent[0] < WITHIN:
            return False
        self._sent.append(now)
        return True
