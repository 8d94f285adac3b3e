"""Passwords are hashed at the least cost in tests: hashing is slow on purpose, and hundreds of people sign in."""

from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from people import passwords

AS_SERVED = passwords._kept_as
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    passwords._kept_as = QUICK


@pytest.fixture
def slow_passwords() -> Iterator[None]:
    """As an installation hashes them."""
    passwords._kept_as = AS_SERVED
    yield
    passwords._kept_as = QUICK
