"""Whose turn in the agents' queue it is: of those who wait on the line, and of those whose place is kept.

When the queue is about to ring an agent for a caller, the dialplan asks here first. If somebody who joined earlier
has kept their place, this agent is theirs: the telephone does not ring yet, the citizen is called meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dialling.kinds import State, Verdict
from dialling.models import OutboundCall
from dialling.places import Kept, open_places
from dialling.stopping import stop_of
from storage.database import Database

Answer = Literal["ring", "hold", "drop"]
"""Ring the agent; ask again in a moment; leave the agent alone, somebody else is first in line by now."""
PATIENCE = timedelta(seconds=20)
"""An agent is kept free no longer for a citizen whose telephone does not even ring."""
FORGOTTEN = timedelta(seconds=5)
"""After this, a leg that does not ask again is no more."""
UNDER_WAY = (State.claimed, State.dialling, State.answered)


@dataclass(slots=True)
class _Held:
    call_id: int
    since: datetime
    asked: datetime


class Turns:
    """`spare`: agents who are free besides the one who is about to ring, as far as that is known."""

    def __init__(self, db: Database, now: Callable[[], datetime], spare: Callable[[], int] = lambda: 0) -> None:
        self._db, self._now, self._spare = db, now, spare
        self._held: dict[str, _Held] = {}

    @property
    def held(self) -> int:
        """Agents who are kept free for those whose turn it is."""
        self._forget()
        return len(self._held)

    async def ask(self, leg: str, joined: datetime, urgency: int) -> Answer:
        """May this agent's telephone ring for the caller who joined then? The dialplan asks about twice a second."""
        self._forget()
        async with self._db.reading() as session:
            held = self._held.pop(leg, None)
            if await stop_of(session):
                return "ring"
            if held:
                answer = self._about(await session.get(OutboundCall, held.call_id), held.since)
                if answer == "hold":
                    held.asked = self._now()
                    self._held[leg] = held
                if answer != "ring":
                    return answer
            return self._first(await open_places(session), leg, joined, urgency, held)

    def _about(self, call: OutboundCall | None, since: datetime) -> Answer:
        """What becomes of an agent who is kept free for this call."""
        if call is None:
            return "ring"
        if call.state in (State.dialling, State.answered):
            return "hold"
        if self._ready(call) or call.state == State.claimed:
            return "hold" if self._now() - since < PATIENCE else "ring"
        return "drop" if call.state == State.done and call.verdict == Verdict.wants_person else "ring"

    def _first(self, places: Sequence[Kept], leg: str, joined: datetime, urgency: int, before: _Held | None) -> Answer:
        seen_to = {held.call_id for held in self._held.values()} | ({before.call_id} if before else set())
        ahead = [
            call.id
            for call, place in places
            if (self._ready(call) or call.state in UNDER_WAY)
            and call.id not in seen_to
            and (-place.urgency, place.joined) < (-urgency, joined)
        ]
        if len(ahead) <= self._spare():
            return "ring"
        self._held[leg] = _Held(ahead[0], self._now(), self._now())
        return "hold"

    def _ready(self, call: OutboundCall) -> bool:
        """Whoever has just hung up is called within seconds."""
        return call.state == State.waiting and (call.attempts == 0 or call.due <= self._now())

    def _forget(self) -> None:
        now = self._now()
        for leg in [leg for leg, held in self._held.items() if now - held.asked > FORGOTTEN]:
            del self._held[leg]
