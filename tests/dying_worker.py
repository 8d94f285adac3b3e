"""A house full of diallers that die: `python -m tests.dying_worker URL RINGS`, told what to do line by line.

Each worker is a process of its own, forked from here so that a hundred of them start fast. Orders come on the standard
input: `run SECONDS POINT` runs one at that virtual time until it is done, or kills itself at POINT; `two SECONDS POINT`
runs two side by side, of which the first dies. The answer is how each ended: 0, or -9.
"""

import asyncio
import gc
import os
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dialling.dialler import Dialler
from dialling.follow_up import OnlyKept
from dialling.rules import Hours, Lines, Pace, Rules
from dialling.work import Ring
from storage.database import Database
from storage.types import use_key
from tests.calling_world import FakeTraffic
from tests.outage_world import START

KEY = "the key of the dying workers' database"
POINTS = ("claimed", "dialling", "ringing", "placed", "never")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class CountedTrunk:
    """A file that outlives its worker: one line for each ring. `dies` before the ring, after it, or on return."""

    name = "counted"

    def __init__(self, rings: Path, point: str) -> None:
        self._rings = rings
        self._point = point

    async def place(self, ring: Ring) -> None:
        if self._point == "dialling":
            die()
        with self._rings.open("ab", buffering=0) as out:
            out.write(f"{ring.token} {ring.number}\n".encode())
        if self._point == "ringing":
            die()


def dialler(db: Database, rings: Path, seconds: float, point: str) -> Dialler:
    at = START + timedelta(seconds=seconds)
    return Dialler(
        db,
        CountedTrunk(rings, point),
        lambda: at,
        rules=Rules(Hours(ZoneInfo("Europe/Istanbul")), attempts=1000, a_day=1000, spacing=(timedelta(minutes=2),)),
        lines=Lines(channels=100, reserved=0.0, at_once=100),
        pace=Pace(3.0),
        traffic=FakeTraffic(),
        follow_up=OnlyKept(),
    )


async def rehearse(db: Database, rings: Path) -> None:
    """An hour before anything is due. What SQLAlchemy prepares in it is most of a worker's time."""
    await dialler(db, rings, -3600, "never").round()
    await db.close()


async def worker(db: Database, rings: Path, seconds: float, point: str) -> None:
    dying = dialler(db, rings, seconds, point)
    if point == "claimed":
        dying._dial = _dying  # type: ignore[method-assign]  # between two commits there is no other way in
    await dying.round()
    if point == "placed":
        die()
    await db.close()


async def _dying(call_id: int) -> bool:
    die()
    return False


def forked(db: Database, rings: Path, seconds: float, point: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        use_key(KEY)
        asyncio.run(worker(db, rings, seconds, point))
    except BaseException:  # noqa: BLE001  # it must not go on as its parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    db, rings = Database(sys.argv[1]), Path(sys.argv[2])
    asyncio.run(rehearse(db, rings))
    gc.freeze()
    for line in sys.stdin:
        order, seconds, point = line.split()
        points = [point, "never"] if order == "two" else [point]
        pids = [forked(db, rings, float(seconds), each) for each in points]
        print(*(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids), flush=True)


if __name__ == "__main__":
    main()
