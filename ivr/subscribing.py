"""Subscribers as the line meets them: their area and nothing else, within a second or not at all."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from agents.keeping import Keeping
from calls.records import CallRecords
from citizens.erasure import Eraser
from citizens.parts import CitizenParts
from citizens.whose import Secrets
from ivr.settings import Settings
from outages.board import Board
from outages.seeds import identity_of
from storage.database import Database
from storage.errors import StorageError
from subscribers.directory import Directory
from subscribers.remote import RemoteSubscribers
from tickets.privacy import Forgetting
from tickets.voices import Voices

log = logging.getLogger(__name__)

LOOK_AGAIN = 10.0
"""Seconds after which it is seen whether there is anybody by now."""
PATIENCE = 0.9
"""Seconds that a caller waits for a look-up."""
_AWAY = (TimeoutError, StorageError, SQLAlchemyError, OSError)


class Subscribing:
    """`any`: whether callers are offered to type their number."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.any = False

    async def look(self) -> None:
        try:
            self.any = await self.directory.anybody()
        except _AWAY as error:
            log.warning("it could not be seen whether there are subscribers: %s", error)

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_AGAIN)

    async def area_of_phone(self, number: str) -> int | None:
        return await self.directory.area_of_phone(number) if self.any else None

    async def area_of_number(self, typed: str, caller: str | None) -> int | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.directory.area_of_number(typed, caller)
        except _AWAY as error:
            log.warning("a subscriber number could not be looked up (%s)", type(error).__name__)
            return None


class AreaNames:
    """Areas by the names that another system gives them, as of the board that callers are served from."""

    def __init__(self, board: Callable[[], Board]) -> None:
        self._board = board
        self._version = -1
        self._ids: Mapping[tuple[str, str], int] = {}
        self._numbers: Mapping[int, int] = {}

    def __call__(self, district: str | None, neighbourhood: str | None, number: int | None) -> int | None:
        board = self._board()
        if board.version != self._version:
            self._learn(board)
        if number is not None:
            return self._numbers.get(number)
        if not district:
            return None
        whole = self._ids.get(identity_of(None, district))
        return self._ids.get(identity_of(district, neighbourhood), whole) if neighbourhood else whole

    def _learn(self, board: Board) -> None:
        names = {area.id: area.name for area in board.areas.values() if area.district_id is None}
        ids = {}
        for area in board.areas.values():
            district = names.get(area.district_id or 0)
            for name in (*board.former.get(area.id, ()), area.name):
                ids[identity_of(district, name)] = area.id
        self._ids, self._version = ids, board.version
        self._numbers = {area.number: area.id for area in board.areas.values()}


def directory_of(
    settings: Settings, db: Database, now: Callable[[], datetime], secret: str, board: Callable[[], Board]
) -> Directory:
    """From the settings: our database, and before it the utility's own system where one is set."""
    remote = None
    if settings.subscriber_url:
        token = settings.given_secret("subscriber-token")
        seconds = settings.subscriber_seconds
        remote = RemoteSubscribers(settings.subscriber_url, AreaNames(board), token=token, seconds=seconds)
    return Directory(db, now, secret, remote=remote, scheme=settings.subscriber_check)


def citizen_parts(
    settings: Settings, db: Database, now: Callable[[], datetime], directory: Directory, records: CallRecords
) -> CitizenParts:
    """What the console and the command line need to show, give out and forget what is held about a person."""
    secrets = Secrets(directory.secret, settings.secret("notices"))
    forgetting = Forgetting(db, now, Voices(settings.tickets))
    eraser = Eraser(db, now, secrets, records, forgetting, Keeping(db, now, settings.agent_calls))
    return CitizenParts(directory, secrets, eraser, settings.tickets)
