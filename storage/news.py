"""SQLite's news: a counter in the file's header, looked at once for all in this process who wait for it."""

import asyncio
import sqlite3
from pathlib import Path

LOOK_EVERY = 0.2
"""Seconds."""
Written = tuple[int, ...]


class NewsFile:
    """`number` is another one after each news. The counter is read only when somebody has written to the file."""

    def __init__(self, file: Path) -> None:
        self.number = 0
        self._file = file.absolute()
        self._log = file.with_name(f"{file.name}-wal").absolute()
        self._written: Written | None = None
        self._count: int | None = None
        self._connection: sqlite3.Connection | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._next: asyncio.TimerHandle | None = None

    async def after(self, number: int, seconds: float) -> int:
        """The number once it is another than that one, or when the time is over."""
        if self.number == number and seconds > 0:
            loop = asyncio.get_running_loop()
            news = loop.create_future()
            self._waiting.add(news)
            limit = loop.call_later(seconds, _wake, news)
            self._next = self._next or loop.call_later(LOOK_EVERY, self._look)
            try:
                await news
            finally:
                limit.cancel()
                self._waiting.discard(news)
                self._rest()
        return self.number

    def close(self) -> None:
        self._disconnect()

    def _rest(self) -> None:
        """Nothing is looked at for nobody."""
        if self._next and not self._waiting:
            self._next.cancel()
            self._next = None

    def _look(self) -> None:
        """A matter of microseconds, so it is done here and not in a thread."""
        written = self._when_written()
        if written != self._written or not written:
            if not self._written or not written or written[0] != self._written[0]:
                self._disconnect()  # another file stands in its place
            self._written = written
            before, self._count = self._count, self._counted()
            if self._count is None or self._count != before:
                self.number += 1
                for news in self._waiting:
                    _wake(news)
        self._next = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def _when_written(self) -> Written | None:
        """Another value after each commit, of the file or of the log before it; None when there is no file."""
        try:
            main, log = self._file.stat(), self._log.stat()
        except OSError:
            return None
        return main.st_ino, main.st_mtime_ns, main.st_size, log.st_ino, log.st_mtime_ns, log.st_size

    def _counted(self) -> int | None:
        """None when it cannot be read: then whoever waits shall look, and say what is wrong."""
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(f"{self._file.as_uri()}?mode=rw", uri=True, timeout=0)
            return int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.Error:
            self._disconnect()
            return None

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _wake(news: "asyncio.Future[None]") -> None:
    if not news.done():
        news.set_result(None)
