"""What the desk asks of the telephone exchange. `ivr.phones` does it with Asterisk, tests with fakes."""

from typing import Protocol


class Members(Protocol):
    """Who may be rung by which queue. `endpoint` is an agent's telephone, such as `desk-7`."""

    async def add(self, endpoint: str, queue: str, *, paused: bool) -> None: ...

    async def remove(self, endpoint: str, queue: str) -> None: ...

    async def pause(self, endpoint: str, queue: str, paused: bool, reason: str) -> None: ...


class Floor(Protocol):
    """What is done with calls of which agents talk. `caller` and `leg` are Asterisk's ids of the two channels."""

    async def to_queue(self, caller: str, queue: str, *, first: bool = False) -> None:
        """The caller waits in that queue; `first`: before everybody else."""

    async def to_number(self, caller: str, number: str) -> None:
        """The caller goes on to a telephone from the allow-list."""

    async def three_way(self, caller: str, leg: str, number: str) -> None:
        """A third telephone is called into the conversation, and stays in it when the agent leaves."""

    async def spy(self, supervisor: str, leg: str, how: str, *, notice: str | None = None) -> None:
        """`listen`, `whisper` (only the agent hears) or `join`. The supervisor's telephone rings for it.

        `notice`: the language in which both are told before the supervisor is in.
        """

    async def record(self, caller: str, leg: str, name: str, language: str) -> None:
        """Both hear the notice, and the conversation from there on is written to `name` in the recordings folder."""

    async def runs(self, leg: str) -> bool:
        """Whether there still is such a call: an exchange that was started again tells of none that it lost."""


class Phones(Protocol):
    """Makes telephones for agents' tabs."""

    async def account(self, user_id: int) -> dict[str, object]:
        """What the desk's page connects with, for this tab only. Raises NotDone."""

    async def floor_account(self, user_id: int) -> dict[str, object]:
        """The same for a supervisor's page, whose telephone is another than the one at their desk."""


def endpoint_of(user_id: int) -> str:
    """The name of somebody's telephone in the browser."""
    return f"desk-{user_id}"


def floor_endpoint_of(user_id: int) -> str:
    """The name of a supervisor's telephone, which no queue rings."""
    return f"floor-{user_id}"


def user_of(endpoint: str) -> int | None:
    """Whose telephone it is; None for one that is nobody's at the desk."""
    kind, _, number = endpoint.partition("-")
    return int(number) if kind == "desk" and number.isdecimal() and len(number) < 10 else None
