"""What is said to a citizen who answered, and where it is kept."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from callflows.call import Call
from callflows.call_back import call_back
from callflows.desk import Desk
from calls.journal import Journal
from calls.journal import Outcome as Served
from calls.privacy import hidden
from dialling.follow_up import FollowUp
from dialling.kinds import Language, Outcome, Verdict, Why
from dialling.places import Place
from dialling.rules import Rules
from dialling.setting import rules_of
from dialling.work import Conversation, Work
from ivr.runner import Outgoing
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)


class Errands:
    """The calls that we placed, by their tokens."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], rules: Rules, follow_up: FollowUp, worker: str
    ) -> None:
        """`worker`: who tells that the conversations live."""
        self._db, self._now = db, now
        self._rules, self._follow_up = rules, follow_up
        self._worker = worker

    async def outgoing(self, token: str) -> Outgoing | None:
        """The conversation for who answered; None when no such call is expected, or nothing of it is known now."""
        try:
            async with self.work() as work:
                conversation = await work.begin(token, self._worker)
        except (StorageError, SQLAlchemyError, OSError) as error:
            log.warning("a citizen who answered cannot be talked to: %s", error)
            return None
        if conversation is None:
            return None
        errand = KeptErrand(self, conversation)

        async def flow(call: Call, desk: Desk) -> None:
            call.journal.caller = conversation.number
            if conversation.place:
                call.journal.follows = conversation.about.subject
            await call_back(call, desk, errand)

        return Outgoing(flow, errand)

    async def report(self, token: str, outcome: Outcome, cause: int | None) -> None:
        async with self.work() as work:
            await work.report(token, outcome, cause)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One change, committed at its end."""
        async with self._db.session() as session:
            yield Work(session, self._now(), await rules_of(session, self._rules), self._follow_up)
            await session.commit()


class KeptErrand:
    """One conversation's errand: a `callflows.call_back.Errand`, and the records of its call."""

    def __init__(self, errands: Errands, conversation: Conversation) -> None:
        self._errands = errands
        self._of = conversation

    @property
    def why(self) -> Why:
        return self._of.about.why

    @property
    def language(self) -> Language:
        return self._of.language

    @property
    def place(self) -> Place | None:
        return self._of.place

    @property
    def area_id(self) -> int | None:
        return self._of.about.area_id

    async def conclude(self, verdict: Verdict) -> None:
        async with self._errands.work() as work:
            await work.conclude(self._of.token, verdict)

    async def rate(self, stars: int) -> None:
        async with self._errands.work() as work:
            await work.rate(self._of.token, stars)

    async def save(self, journal: Journal) -> None:
        """The call is over. It stays out of the records of those who called us, from which containment is told."""
        outcome = {Served.gave_up: Outcome.hung_up, Served.failed: Outcome.failed}.get(journal.outcome, Outcome.person)
        heard = [[_since(journal, h.at), h.key, h.text, h.interrupted] for h in journal.heard]
        keys = [[_since(journal, p.at), hidden(p.keys) if p.private else p.keys] for p in journal.pressed]
        async with self._errands.work() as work:
            await work.end(self._of.token, outcome, heard, keys)


def _since(journal: Journal, at: datetime) -> float:
    return round((at - journal.started).total_seconds(), 1)
