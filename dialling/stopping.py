"""The emergency stop of all calls to citizens, and the list of numbers that are not called; each change is audited."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.errors import DiallingError
from dialling.follow_up import About, FollowUp, hold_all
from dialling.kinds import Why
from dialling.models import DiallerStop, OptOut
from dialling.numbers import callable_number, pseudonym
from dialling.service import opt_out
from people import audit

THE_ONE = 1
LONGEST_NOTE = 200
ABOUT_ALL = "dialler"
SHOWN = 2
"""Last digits by which the audit log names a number."""


async def stop_of(session: AsyncSession) -> DiallerStop | None:
    """None while calls are made."""
    return await session.get(DiallerStop, THE_ONE, populate_existing=True)


class Steering:
    """One person's work in one session. Nothing here commits: the edge does."""

    def __init__(
        self, session: AsyncSession, now: Callable[[], datetime], who: str, secret: str, follow_up: FollowUp
    ) -> None:
        """`secret`: of pseudonyms of numbers."""
        self.session, self.now, self.who = session, now, who
        self._secret, self._follow_up = secret, follow_up

    async def stop(self, note: str = "") -> None:
        """No telephone rings from the commit on; conversations that run go to their end."""
        told = _note(note)
        insert = sqlite.insert if self.session.get_bind().dialect.name == "sqlite" else postgresql.insert
        row = insert(DiallerStop).values(id=THE_ONE, since=self.now(), who=self.who[:120], note=told)
        made = await self.session.scalar(row.on_conflict_do_nothing().returning(DiallerStop.id))
        if made is None:
            return  # somebody else pressed it first
        await audit.record(self.session, self.now, self.who, "dialler_stopped", ABOUT_ALL, note=told)

    async def go_on(self) -> None:
        """Calls are made again: what is due by now, by the rules."""
        if found := await stop_of(self.session):
            await self.session.delete(found)
            await audit.record(self.session, self.now, self.who, "dialler_resumed", ABOUT_ALL)

    async def refuse(self, number: str, note: str = "") -> None:
        """This number is called no more; who waits for the answer of a planned call hears of it."""
        plain = callable_number(number)
        hashed, told = pseudonym(plain, self._secret), _note(note)
        await hold_all(self._follow_up, self.session, hashed)
        for call in await opt_out(self.session, hashed, self.who[:40], self.now()):
            await self._follow_up.opted_out(self.session, About(Why(call.why), call.subject, call.area_id))
        (await self.session.get_one(OptOut, hashed)).note = told
        await audit.record(self.session, self.now, self.who, "opt_out_added", f"number:{plain[-SHOWN:]}", note=told)

    async def allow(self, number_hash: str) -> None:
        """The citizen changed their mind. Raises `not_on_the_list`."""
        found = await self.session.get(OptOut, number_hash)
        if found is None:
            raise DiallingError("This number is not on the list.", "not_on_the_list")
        await self.session.delete(found)
        await audit.record(self.session, self.now, self.who, "opt_out_removed", f"number:{number_hash[:8]}")


def _note(text: str) -> str | None:
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST_NOTE] or None
