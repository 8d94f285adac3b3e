"""What administrators set for the desk: reasons, results, scripts, whom calls may be passed on to, queues' names."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.errors import AgentError
from agents.models import AgentsQueueRow, CallResult, Membership, PauseReason, Script, Target
from people import audit
from tickets.history import checked
from tickets.search import e164

Listed: TypeAlias = PauseReason | CallResult | Script | Target
LISTS: dict[str, type[Listed]] = {"pauses": PauseReason, "results": CallResult, "scripts": Script, "targets": Target}
TARGETS = ("unit", "outside")
CALLED = {
    "alo185-subscribers": ("Abone işleri", "Subscribers"),
    "alo185-technical": ("Teknik destek", "Technical"),
}
"""Our own queues as they are called until an administrator changes it."""
LONGEST: dict[str, int] = {"label_tr": 80, "label_en": 80, "label": 120, "title": 120, "text": 2000, "about": 40}


class Setup:
    """One administrator's work in one session. `who` is written into the audit log."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self.session, self.now, self.who = session, now, who

    async def all(self, name: str, *, active: bool = False) -> Sequence[Any]:
        """By position."""
        table = LISTS[name]
        query = select(table).order_by(table.position, table.id)
        return (await self.session.scalars(query.where(table.active) if active else query)).all()

    async def queues(self, *, active: bool = False) -> Sequence[AgentsQueueRow]:
        query = select(AgentsQueueRow).order_by(AgentsQueueRow.position, AgentsQueueRow.name)
        return (await self.session.scalars(query.where(AgentsQueueRow.active) if active else query)).all()

    async def add(self, name: str, **given: Any) -> Listed:
        """At the end of the list."""
        table = LISTS[name]
        last = await self.session.scalar(select(func.max(table.position))) or 0
        row = table(position=last + 10, active=True, **_checked(given))
        self.session.add(row)
        await self.session.flush()
        await self._note("desk_list_added", f"desk:{name}:{row.id}")
        return row

    async def change(self, name: str, row_id: int, **given: Any) -> Listed:
        row: Listed = await self._row(name, row_id)
        for column, value in _checked(given).items():
            setattr(row, column, value)
        await self._note("desk_list_changed", f"desk:{name}:{row_id}")
        return row

    async def switch(self, name: str, row_id: int) -> Listed:
        """Out of use, or in use again: what was written down with it stays readable."""
        row: Listed = await self._row(name, row_id)
        row.active = not row.active
        await self._note("desk_list_switched", f"desk:{name}:{row_id}", active=row.active)
        return row

    async def know_queues(self, names: Sequence[str]) -> None:
        """Those that Asterisk has: others are out of use, unknown ones bear their names until somebody changes it."""
        known = {row.name: row for row in await self.queues()}
        for place, name in enumerate(names, start=1):
            if name not in known:
                turkish, english = CALLED.get(name, (name, name))
                self.session.add(
                    AgentsQueueRow(name=name, label_tr=turkish, label_en=english, position=10 * place, active=True)
                )
        for row in known.values():
            row.active = row.name in names
        await self.session.flush()

    async def name_queue(self, name: str, label_tr: str, label_en: str) -> None:
        row = await self._queue(name)
        labels = _checked({"label_tr": label_tr, "label_en": label_en})
        row.label_tr, row.label_en = labels["label_tr"], labels["label_en"]
        await self._note("desk_queue_named", f"desk:queue:{name}")

    async def serve(self, user_id: int, queues: Sequence[str]) -> None:
        """The queues that somebody serves from now on; none means the first."""
        wanted = {(await self._queue(name)).name for name in queues}
        mine = await self.session.scalars(select(Membership).where(Membership.user_id == user_id))
        before = {row.queue: row for row in mine}
        for name, row in before.items():
            if name not in wanted:
                await self.session.delete(row)
        for name in wanted - set(before):
            self.session.add(Membership(user_id=user_id, queue=name))
        await self.session.flush()
        if wanted != set(before):
            await self._note("agent_moved", f"user:{user_id}", queues=[sorted(before), sorted(wanted)])

    async def target(self, target_id: int) -> Target:
        """Raises `unknown_target` for whatever is not on the allow-list."""
        found = await self.session.get(Target, target_id)
        if found is None or not found.active:
            raise AgentError("Calls may only be passed on to what is on the list.", "unknown_target")
        return found

    async def active_queue(self, name: str) -> AgentsQueueRow:
        row = await self._queue(name)
        if not row.active:
            raise AgentError("There is no such queue in use.", "unknown_queue")
        return row

    async def _queue(self, name: str) -> AgentsQueueRow:
        row = await self.session.get(AgentsQueueRow, name)
        if row is None:
            raise AgentError("There is no such queue.", "unknown_queue")
        return row

    async def _row(self, name: str, row_id: int) -> Any:
        row = await self.session.get(LISTS[name], row_id)
        if row is None:
            raise AgentError("This entry does not exist.", "unknown_entry")
        return row

    async def _note(self, what: str, subject: str, **detail: Any) -> None:
        await audit.record(self.session, self.now, self.who, what, subject, **detail)


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """Every text there, printable and short enough; numbers as they are dialled in the country."""
    clean = dict(given)
    for name in LONGEST.keys() & given.keys():
        text = checked(str(given[name]), "text", LONGEST[name])
        if text is None and name != "about":
            raise AgentError("Fill in every field.", "empty_field")
        clean[name] = text or ""
    if "number" in given:
        clean["number"] = _dialled(str(given["number"]))
    if given.get("kind", "unit") not in TARGETS:
        raise AgentError("Choose a unit or an outside number.", "bad_kind")
    return clean


def _dialled(typed: str) -> str:
    """A telephone number, or a short one of the house such as 1042."""
    plain = typed.strip()
    return plain if plain.isdecimal() and plain.isascii() and 2 <= len(plain) <= 5 else e164(plain)
