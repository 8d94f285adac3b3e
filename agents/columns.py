"""Column types of this room."""

from enum import StrEnum

from sqlalchemy import Enum


def words(kind: type[StrEnum], length: int) -> Enum:
    """One of the words of `kind`, stored as it is spelled."""
    return Enum(kind, native_enum=False, length=length, values_callable=lambda kinds: [str(each) for each in kinds])
