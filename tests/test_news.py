"""All of a process who wait for news of a SQLite file hear it, and nobody looks for nobody."""

import asyncio
import sqlite3
from pathlib import Path

from storage.news import NewsFile


def write(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(statement)
    connection.commit()
    connection.close()


async def test_news_wakes_everybody_and_other_writes_nobody(tmp_path: Path) -> None:
    file = tmp_path / "news.db"
    write(file, "PRAGMA user_version = 1")
    keeper = sqlite3.connect(file)  # keeps the log there, as the service's own connections do
    keeper.execute("CREATE TABLE kept (id INTEGER)")
    news = NewsFile(file)
    first = await news.after(0, 5)
    waiting = [asyncio.create_task(news.after(first, 60)) for _ in range(3)]
    write(file, "CREATE TABLE calls (id INTEGER)")
    done, _ = await asyncio.wait(waiting, timeout=0.6)
    assert not done
    write(file, "PRAGMA user_version = 2")
    assert await asyncio.gather(*waiting) == [first + 1] * 3
    assert news._next is None
    news.close()
    keeper.close()


async def test_what_came_while_nobody_waited_is_heard_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "news.db"
    write(file, "PRAGMA user_version = 1")
    keeper = sqlite3.connect(file)
    keeper.execute("CREATE TABLE kept (id INTEGER)")
    news = NewsFile(file)
    first = await news.after(0, 5)
    write(file, "PRAGMA user_version = 2")
    async with asyncio.timeout(30):
        assert await news.after(first, 60) == first + 1
    assert await news.after(first, 5) == first + 1
    news.close()
    keeper.close()
