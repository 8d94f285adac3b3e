"""Time in SQL, where SQLite and PostgreSQL say it differently."""

from typing import Any

from sqlalchemy import BigInteger, Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

QUARTER_SECONDS = 900


class quarter_of(FunctionElement[int]):  # it reads as SQL
    """Quarters of an hour since 1970: small enough to be counted by, whole in every time zone."""

    type = BigInteger()
    inherit_cache = True


class seconds_between(FunctionElement[float]):
    """From the first moment to the second."""

    type = Float()
    inherit_cache = True


@compiles(quarter_of, "postgresql")
def _quarter_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"CAST(floor(date_part('epoch', {column}) / {QUARTER_SECONDS}) AS BIGINT)"


@compiles(quarter_of, "sqlite")
def _quarter_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # without its fraction: strftime would round the last half millisecond of an hour into the next
    column = compiler.process(element.clauses, **options)
    return f"(CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) / {QUARTER_SECONDS})"


@compiles(seconds_between, "postgresql")
def _seconds_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(extract(epoch FROM ({second} - {first})) AS FLOAT)"


@compiles(seconds_between, "sqlite")
def _seconds_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({second}) - julianday({first})) * 86400.0)"


class minutes_between(FunctionElement[int]):
    """Whole ones from the first moment to the second."""

    type = BigInteger()
    inherit_cache = True


@compiles(minutes_between, "postgresql")
def _minutes_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(floor(round(CAST(extract(epoch FROM ({second} - {first})) AS NUMERIC), 2) / 60) AS BIGINT)"


@compiles(minutes_between, "sqlite")
def _minutes_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # a day's fraction is no exact second: without rounding, half an hour would be 29 minutes now and then
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(round((julianday({second}) - julianday({first})) * 86400.0, 2) / 60 AS INTEGER)"
