"""What is done with calls of which agents talk: passed on by the agent, listened to and recorded by a supervisor."""

from collections.abc import Callable
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select

from agents.errors import AgentError, NotDone
from agents.exchange import Floor, floor_endpoint_of
from agents.models import AgentsQueueRow, CallRecording, Contact, Target
from agents.rules import DeskRules
from agents.setup import Setup
from agents.work import AgentWork
from people import audit
from storage.database import Database

WAYS = ("listen", "whisper", "join")


class Acting:
    """The exchange is asked first: what it refuses is not written down."""

    def __init__(self, db: Database, now: Callable[[], datetime], floor: Floor | None, rules: DeskRules) -> None:
        self._db, self._now, self._floor, self._rules = db, now, floor, rules

    async def pass_on(self, user_id: int, who: str, caller: str, to: str, *, third: bool = False) -> None:
        """`to`: `queue:NAME` or `target:NUMBER` of the allow-list. Only the call that the agent talks in."""
        floor = self._asked()
        contact, place = await self._allowed(user_id, who, caller, to)
        if isinstance(place, Target):
            if third:
                return await floor.three_way(contact.caller, contact.leg, place.number)
            await floor.to_number(contact.caller, place.number)
        elif third:
            raise AgentError("A queue cannot be the third party.", "queue_not_third")
        else:
            await floor.to_queue(contact.caller, place.name)
        async with self._db.session() as session:
            label = place.label if isinstance(place, Target) else place.label_tr
            await AgentWork(session, self._now, who).passed_on(contact.leg, label)
            await session.commit()

    async def spy(self, supervisor_id: int, who: str, agent_id: int, how: str) -> Contact:
        """The supervisor's own telephone rings for it. It is written down who listened to whom."""
        floor, contact = self._asked(), await self._talking(agent_id)
        if how not in WAYS:
            raise AgentError("Listen, whisper or join.", "bad_way")
        notice = contact.language if self._rules.notice_to_caller and how == "join" else None
        await floor.spy(floor_endpoint_of(supervisor_id), contact.leg, how, notice=notice)
        await self._note(who, "call_listened", contact, how=how)
        return contact

    async def record(self, who: str, agent_id: int) -> Contact:
        """Both sides hear the notice first; kept for as long as it is settled."""
        floor, contact = self._asked(), await self._talking(agent_id)
        name = f"{contact.id}-{token_hex(8)}"
        await floor.record(contact.caller, contact.leg, name, contact.language)
        async with self._db.session() as session:
            session.add(CallRecording(contact_id=contact.id, asked_by=who, at=self._now(), stored=f"{name}.wav"))
            await session.commit()
        await self._note(who, "call_recorded", contact)
        return contact

    async def _allowed(self, user_id: int, who: str, caller: str, to: str) -> tuple[Contact, Target | AgentsQueueRow]:
        kind, _, name = to.partition(":")
        async with self._db.reading() as session:
            contact, setup = (
                await AgentWork(session, self._now).talking(user_id, caller),
                Setup(session, self._now, who),
            )
            if kind == "queue":
                return contact, await setup.active_queue(name)
            return contact, await setup.target(int(name) if name.isdecimal() and len(name) < 10 else 0)

    async def _talking(self, agent_id: int) -> Contact:
        async with self._db.reading() as session:
            contact = await AgentWork(session, self._now).open_contact(agent_id)
        if contact is None or contact.answered is None or contact.ended:
            raise AgentError("This agent is not in a call.", "agent_not_talking")
        return contact

    async def _note(self, who: str, what: str, contact: Contact, **detail: object) -> None:
        async with self._db.session() as session:
            await audit.record(session, self._now, who, what, f"contact:{contact.id}", agent=contact.user_id, **detail)
            await session.commit()

    def _asked(self) -> Floor:
        if self._floor is None:
            raise NotDone("Calls are not carried over ARI here; nothing can be done with them.")
        return self._floor


async def recordings_of(db: Database, limit: int = 100) -> list[tuple[CallRecording, Contact]]:
    """What is kept, the newest first."""
    query = select(CallRecording, Contact).join(Contact, Contact.id == CallRecording.contact_id)
    query = query.where(CallRecording.stored.is_not(None)).order_by(CallRecording.at.desc()).limit(limit)
    async with db.reading() as session:
        return [(recording, contact) for recording, contact in await session.execute(query)]
