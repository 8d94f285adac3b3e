"""What people may be called."""

import re
import unicodedata

from people.errors import PeopleError

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
LANGUAGES = ("tr", "en")
MOST_FULL_NAME = 120


def normal(name: str) -> str:
    """A log-in name as it is kept, from what somebody typed."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def checked_login(name: str) -> str:
    """Small ASCII letters only: no two names look alike, and İ and ı cannot lock anybody out."""
    login = normal(name)
    if not _LOGIN.fullmatch(login):
        raise PeopleError(
            "A log-in name has 2 to 100 characters: a-z without Turkish letters, 0-9, and . _ @ + - in between.",
            "bad_name",
        )
    return login


def checked_full_name(name: str) -> str:
    told = " ".join(name.split())
    if not told or len(told) > MOST_FULL_NAME or not told.isprintable():
        raise PeopleError(f"A person's name has 1 to {MOST_FULL_NAME} printable characters.", "bad_full_name")
    return told


def checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise PeopleError(f"The language is one of {', '.join(LANGUAGES)}.", "bad_language")
    return language
