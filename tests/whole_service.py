"""The service's own application behind a real server in a thread of its own, without telephones and calls."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.app import create_app
from ivr.service import Service
from ivr.settings import Settings
from people.apikeys import ensure_api_key
from tests.browser import served

KEY = "a-key-of-high-entropy"
START_SECONDS = 60


@contextmanager
def whole_service(state: Path, fill: Callable[[Service], Awaitable[object]]) -> Iterator[str]:
    """Its address. `fill` puts something into the database that callers and pages are served from."""
    loop, up, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    address: list[str] = []

    async def serve() -> None:
        try:
            app = create_app(Settings(_env_file=None, state=state))
            service: Service = app.state.room.service
            await service.db.migrate()
            await ensure_api_key(service.db, KEY)
            await fill(service)
            await service.keeper.refresh()
            async with served(app) as url:
                address.append(url)
                up.set()
                await done.wait()
            await service.library.close()
            await service.db.close()
        finally:
            up.set()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    try:
        assert up.wait(START_SECONDS)
        assert address, "the service did not start"
        yield address[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()
