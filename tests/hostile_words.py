"""A city whose every word is an attack on the pages that show it."""

from sqlalchemy import Enum, String, cast, literal, update
from sqlalchemy.sql.schema import Column

from storage.base import Base
from storage.database import Database

ATTACK = """'"></textarea></script><img src=x onerror=alert(1)><svg onload=alert(2)>{{7*7}}"""
FOREIGN = "img[src='x'], svg[onload]"
"""What only an attack that succeeded puts into a page."""
SHORTEST = 40
"""Columns that hold less hold no words."""
NO_WORDS = {
    *(
        "id",
        "key",
        "csrf",
        "previous",
        "digest",
        "sha256",
        "password_hash",
        "oidc_subject",
        "caller_hash",
        "number_hash",
    ),
    *("call_id", "cause", "voice", "process", "snapshot", "keypad", "path"),
}
"""Keys and digests by name: nobody types them."""
UNTOUCHABLE = {"audit_log", "ticket_events", "sign_in_attempts", "pending_sign_ins", "alembic_version"}
"""Append-only, or without words; what people write into the audit log arrives there through the others."""


def holds_words(column: Column[object]) -> bool:
    kind = column.type
    long = isinstance(kind, String) and not isinstance(kind, Enum) and (kind.length or SHORTEST) >= SHORTEST
    return long and column.name not in NO_WORDS and not column.foreign_keys


async def poison(db: Database) -> int:
    """Put the attack into every word of every row, past all checks; how many columns there are."""
    poisoned = 0
    async with db.session() as session:
        for table in Base.metadata.sorted_tables:
            words = [column for column in table.columns if holds_words(column) and table.name not in UNTOUCHABLE]
            first = next(iter(table.primary_key))
            for column in words:
                numbered = literal(ATTACK) + cast(first, String) if column.unique else literal(ATTACK)
                await session.execute(update(table).values({column: numbered}))
                poisoned += 1
        await session.commit()
    return poisoned
