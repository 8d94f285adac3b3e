"""A PostgreSQL database that every test finds as it was migrated: emptying it takes far less than making a new one."""

from dataclasses import dataclass
from io import BytesIO

import asyncpg

from tests.clusters import Cluster

TEMPLATE = "migrated"
WORN = 32 << 20
"""Bytes from which it is made anew: rows that are deleted keep their place."""
_SHAPE = """
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT concat(c.oid, c.relname, a.attname, a.atttypid, a.attnotnull, a.atthasdef) AS part
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'i'
    UNION ALL SELECT indexrelid::text FROM pg_index
    UNION ALL SELECT concat(oid, conname) FROM pg_constraint
    UNION ALL SELECT concat(oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT nspname::text FROM pg_namespace
    UNION ALL SELECT concat(oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts
"""
"""Alike as long as no test changed a table, an index, a constraint, a trigger or a function."""


@dataclass(frozen=True)
class _AsMigrated:
    shape: str
    empty: tuple[str, ...]
    """Tables that migrations leave without rows."""
    filled: dict[str, bytes]
    """The rows of the others, as COPY tells them."""
    counted: dict[str, int]
    """Sequences that migrations used, and how far."""


class ReusedDatabase:
    """One process's database in a server; one test at a time has it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self._name = name
        self._as_migrated: _AsMigrated | None = None

    async def lent(self) -> str:
        """Its URL, for a test that returns it by `returned`."""
        if self._as_migrated is None:
            await self._cluster.run(f"CREATE DATABASE {self._name} TEMPLATE {TEMPLATE}")
            async with self._cluster.connected(self._name) as connection:
                self._as_migrated = await _looked_at(connection)
        return self._cluster.url(self._name)

    async def returned(self) -> None:
        """Whoever is still connected is sent away. What cannot be emptied is made anew for the next test."""
        async with self._cluster.connected(self._name) as connection:
            emptied = self._as_migrated and await _emptied(connection, self._as_migrated)
        if not emptied:
            self._as_migrated = None
            await self._cluster.run(f"DROP DATABASE {self._name} WITH (FORCE)")


async def _looked_at(connection: asyncpg.Connection) -> _AsMigrated:
    tables = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    holding = await _not_empty(connection, tables)
    filled = {}
    for table in holding:
        rows = BytesIO()
        await connection.copy_from_table(table, output=rows)
        filled[table] = rows.getvalue()
    empty = tuple(sorted(set(tables) - set(holding)))
    return _AsMigrated(await connection.fetchval(_SHAPE), empty, filled, await _counted(connection))


async def _emptied(connection: asyncpg.Connection, before: _AsMigrated) -> bool:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    await connection.execute(f"SELECT pg_terminate_backend(pid) {others}")
    if await connection.fetchval("SELECT pg_database_size(current_database())") > WORN:
        return False
    if await connection.fetchval(_SHAPE) != before.shape:
        return False
    dirty = [*await _not_empty(connection, before.empty), *before.filled]
    async with connection.transaction():
        # neither the triggers that let nobody change what is on record nor foreign keys count here
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(";".join(f"DELETE FROM {table}" for table in dirty))
        for table, rows in before.filled.items():
            await connection.copy_to_table(table, source=BytesIO(rows))
        for sequence in await _counted(connection):
            at = before.counted.get(sequence)
            await connection.execute(f"SELECT setval('{sequence}', {at or 1}, {at is not None})")
    return True


async def _not_empty(connection: asyncpg.Connection, tables: tuple[str, ...] | list[str]) -> list[str]:
    questions = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
    return [row[0] for row in await connection.fetch(" UNION ALL ".join(questions))]


async def _counted(connection: asyncpg.Connection) -> dict[str, int]:
    """Sequences that gave numbers, with the last one."""
    used = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
    return {row[0]: row[1] for row in await connection.fetch(used)}
