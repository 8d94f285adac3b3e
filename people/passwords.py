"""Passwords: which are taken, and how they are kept. Calls go on while one is hashed."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from people.errors import PeopleError

T = TypeVar("T")
SHORTEST, LONGEST = 12, 200
_FEWEST_DIFFERENT = 5
_COMMON = frozenset(Path(__file__).with_name("commonest.txt").read_text().split())
"""Those of at least `SHORTEST` characters; shorter ones are refused anyway."""
# One thread each: four, the usual choice, would keep both cores of a small machine from the calls.
_kept_as = PasswordHash((Argon2Hasher(parallelism=1),))
_threads = ThreadPoolExecutor(2, thread_name_prefix="password")


def check(password: str, name: str) -> None:
    """Refuse what is guessed first."""
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise PeopleError(f"A password has at least {SHORTEST} characters (and at most {LONGEST}).", "password_length")
    folded = plain.casefold()
    letters = "".join(character for character in folded if character.isalpha())
    own = "".join(character for character in name.casefold() if character.isalpha())
    if folded == name.casefold() or (letters and own and not letters.replace(own, "")):
        raise PeopleError("The password must not be the log-in name.", "password_is_name")
    if folded in _COMMON or len(set(folded)) < _FEWEST_DIFFERENT:
        raise PeopleError("This password is among the first that are guessed; choose another.", "password_common")


async def kept(password: str) -> str:
    """How a password is kept: argon2id."""
    return await _aside(lambda: _kept_as.hash(_plain(password)))


async def accepted(password: str, name: str) -> str:
    """The same for a password that somebody chose, once it was checked."""
    check(password, name)
    return await kept(password)


async def matches(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and how it should be kept from now on if that changed. Without a hash it takes as long."""
    return await _aside(lambda: _matches(_plain(password), hashed))


def _matches(password: str, hashed: str | None) -> tuple[bool, str | None]:
    if len(password) > LONGEST:
        password, hashed = "", None
    stand_in = _stand_in()
    try:
        right, renewed = _kept_as.verify_and_update(password, hashed or stand_in)
    except UnknownHashError:
        _kept_as.verify(password, stand_in)
        return False, None
    return right and hashed is not None, renewed


@cache
def _stand_in() -> str:
    """What unknown names' passwords are compared with, so that they take as long as known ones."""
    return _kept_as.hash("nobody")


def _plain(password: str) -> str:
    """Keyboards differ in how they write İ or ç."""
    return unicodedata.normalize("NFKC", password)


async def _aside(work: Callable[[], T]) -> T:
    """At most two at once, however many people sign in."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
