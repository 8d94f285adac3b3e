"""Keyed digests under which subscribers are found, while what they stand for is sealed."""

import hmac
import re
from functools import lru_cache

from outages.keys import folded

MOST_WORDS = 8
_NAME_BITS = 0x7FFF_FFFF
_NOT_DIGITS = re.compile(r"[\s./-]+")


def pseudonym(number: str, secret: str) -> str:
    """Of a telephone: equal for equal numbers, and equal to that of the same caller in calls and tickets."""
    return _keyed(number, secret).hex()


def number_key(number: str, secret: str) -> str:
    """Of a subscriber's number, however it is written."""
    return _keyed(f"subscriber {plain_number(number).lstrip('0')}", secret).hex()


def plain_number(written: str) -> str:
    """Without the blanks, dots, dashes and slashes that people put in."""
    return _NOT_DIGITS.sub("", written)


def name_words(name: str) -> tuple[str, ...]:
    """The words by which a name is found: plain Latin small letters, so that "Şükrü" is "sukru"."""
    return tuple(dict.fromkeys(word for part in name.split() for word in _folded(part)))[:MOST_WORDS]


def name_tokens(name: str, secret: str) -> tuple[int, ...]:
    """Short on purpose: unlike names share one, and whoever only has the database cannot count out the common ones."""
    return tuple(dict.fromkeys(_name_token(word, secret) for word in name_words(name)))


@lru_cache(10_000)
def _folded(part: str) -> tuple[str, ...]:
    """Few names are in use by many people."""
    return tuple(folded(part).split())


@lru_cache(10_000)
def _name_token(word: str, secret: str) -> int:
    return int.from_bytes(_keyed(f"name {word}", secret)[:4], "big") & _NAME_BITS


def _keyed(text: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), text.encode(), "sha256")


def content_digest(values: list[object], secret: str) -> str:
    """Equal only for equal contents; without the secret, nothing can be guessed from it."""
    return _keyed(repr(values), secret).hex()
