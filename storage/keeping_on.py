"""Work that is done turn after turn as long as the service runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from storage.errors import StorageError


async def keep_on(
    turn: Callable[[], Awaitable[object]],
    every: float,
    log: logging.Logger,
    what: str,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Until cancelled; neither a database that is away nor a mistake ends it. `every`: seconds between two turns."""
    while True:
        try:
            await turn()
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("the database is away, so these wait: %s (%s)", what, error)
        except Exception:  # whatever it is, the next turn may do better
            log.exception("a turn failed: %s", what)
        await sleep(every)
