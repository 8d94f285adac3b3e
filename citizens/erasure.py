"""Forgetting a person in every room, each by its own way of forgetting. Broken off, it can simply be begun again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from agents.keeping import Keeping
from calls.memory import CallerMemory
from calls.records import CallRecords
from citizens.whose import Citizen, Secrets
from dialling.forgetting import forget_number
from notices.errors import NoticeError
from notices.restoration import Restorations
from notices.service import NoticeService
from people import audit
from storage.database import Database
from subscribers.service import Subscribers
from subscribers.tries import Tries
from tickets.privacy import Forgetting


@dataclass(slots=True)
class Erased:
    """How much of each was forgotten."""

    subscribers: int = 0
    calls: int = 0
    tickets: int = 0
    calls_to_them: int = 0
    talks: int = 0
    """With agents."""
    notices: int = 0
    remembered_areas: int = 0


class Eraser:
    """What stays is told in docs/subscribers.md: figures without a person, and the wish not to be called."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        secrets: Secrets,
        records: CallRecords,
        tickets: Forgetting,
        talks: Keeping,
    ) -> None:
        self._db, self._now, self._secrets = db, now, secrets
        self._records, self._tickets, self._talks = records, tickets, talks
        self._memory = CallerMemory(db, secrets.callers, now)
        self._tries = Tries(db, now, secrets.callers)

    async def erase(self, citizen: Citizen, who: str) -> Erased:
        """The record itself comes last: as long as it is there, somebody can see that the work is not done."""
        done = Erased()
        await self._tickets.know_callers(self._secrets.callers)
        for phone, hashed in zip(citizen.phones, citizen.callers(self._secrets), strict=True):
            done.remembered_areas += await self._memory.forget(phone)
            done.calls += await self._records.forget(phone)
            done.tickets += await self._tickets.forget(hashed)
            await self._tries.forget(phone)
            done.talks += await self._talks.forget(hashed)
            async with self._db.session() as session:
                done.calls_to_them += await forget_number(session, hashed, self._now())
                await Restorations(session, self._now).forget(hashed)
                with suppress(NoticeError):  # a number abroad cannot be on that list
                    done.notices += await NoticeService(session, self._now, self._secrets.notices).erase(phone)
                await session.commit()
        async with self._db.session() as session:
            if citizen.subscriber and citizen.subscriber.id:
                service = Subscribers(session, self._now, self._secrets.callers)
                await service.erase(citizen.subscriber.id, who)
                done.subscribers = 1
            subject = citizen.subject(self._secrets)
            await audit.record(session, self._now, who, "person_erased", subject, counts=asdict(done))
            await session.commit()
        return done
