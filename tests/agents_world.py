"""An exchange that only keeps what it was told, and a desk before it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from agents.desk import AgentDesk
from agents.errors import NotDone
from agents.handed_over import HandedOver
from calls.journal import Heard, Journal, Outcome, Pressed
from storage.database import Database
from tests.outage_world import Clock

SECRET = "a secret of the tests"
CALLER = "+905321234567"
CHANNEL = "1732500000.7"


class FakeExchange:
    """Members, floor and phones of Asterisk."""

    def __init__(self) -> None:
        self.queues: dict[str, dict[str, bool]] = {}
        """Endpoints of each queue: whether paused."""
        self.done: list[tuple[object, ...]] = []
        self.away = False
        self.lost: set[str] = set()
        """Calls that an exchange forgot which was started again."""

    async def add(self, endpoint: str, queue: str, *, paused: bool) -> None:
        self._asked()
        self.queues.setdefault(queue, {})[endpoint] = paused

    async def remove(self, endpoint: str, queue: str) -> None:
        self._asked()
        del self.queues[queue][endpoint]

    async def pause(self, endpoint: str, queue: str, paused: bool, reason: str) -> None:
        self._asked()
        assert endpoint in self.queues[queue]
        self.queues[queue][endpoint] = paused

    async def to_queue(self, caller: str, queue: str, *, first: bool = False) -> None:
        self._did("to_queue", caller, queue, first)

    async def to_number(self, caller: str, number: str) -> None:
        self._did("to_number", caller, number)

    async def three_way(self, caller: str, leg: str, number: str) -> None:
        self._did("three_way", caller, leg, number)

    async def spy(self, supervisor: str, leg: str, how: str, *, notice: str | None = None) -> None:
        self._did("spy", supervisor, leg, how, notice)

    async def record(self, caller: str, leg: str, name: str, language: str) -> None:
        self._did("record", caller, leg, name, language)

    async def runs(self, leg: str) -> bool:
        self._asked()
        return leg not in self.lost

    async def account(self, user_id: int) -> dict[str, object]:
        self._asked()
        return {"user": f"desk-{user_id}", "password": "x", "ticket": "t", "path": "/phone/ws", "register": True}

    async def floor_account(self, user_id: int) -> dict[str, object]:
        return await self.account(user_id) | {"user": f"floor-{user_id}"}

    def _did(self, *what: object) -> None:
        self._asked()
        self.done.append(what)

    def _asked(self) -> None:
        if self.away:
            raise NotDone("Asterisk is away.")


class Sleeper:
    """Time that passes only when a test lets it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        self._clock.forward(timedelta(seconds=seconds))


def agent_desk(
    db: Database,
    clock: Clock,
    exchange: FakeExchange,
    running: Callable[[], Sequence[Journal]] = tuple,
    sleep: Callable[[float], Awaitable[object]] | None = None,
) -> AgentDesk:
    more = {"sleep": sleep} if sleep else {}
    memory = HandedOver(db, clock, running)
    return AgentDesk(db, clock, memory, secret=SECRET, members=exchange, floor=exchange, phones=exchange, **more)


def journal(clock: Clock, area_id: int | None = None, **changes: object) -> Journal:
    """A caller who heard about an area, began to report a leak and asked for a person."""
    at = clock()
    given = Journal(f"{CHANNEL}-0a1b2c3d", CALLER, at, "ari", "tr", area_id, outcome=Outcome.transferred)
    given.reason = "asked"
    steps = (
        ("welcome.short", "Alo 185."),
        ("outage.now", "Yeni Mahalle'de su yok."),
        ("menu.after", "Arıza bildirmek için iki."),
        ("fault.which", "Kaçak varsa üç."),
    )
    for second, (key, text) in enumerate(steps):
        given.heard.append(Heard(at + timedelta(seconds=5 * second), key, text))
    for second, keys, private in ((12, "2", False), (17, "3", False), (20, "05321112233", True), (22, "0", False)):
        given.pressed.append(Pressed(at + timedelta(seconds=second), keys, private))
    for name, value in changes.items():
        setattr(given, name, value)
    return given
