"""The loopback doors at which the dialplan tells of agents' phones, and asks what became of an agent who is gone."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse

from ivr import dialplan
from outages.rest import PlainErrors


@dataclass(frozen=True, slots=True)
class AgentCall:
    """A caller at an agent's phone. `leg` and `caller` are Asterisk's ids of the two channels."""

    endpoint: str
    leg: str
    caller: str
    queue: str
    joined: int
    """When the caller joined the queue, in seconds since 1970; 0 when nobody knows."""


class AgentCalls(Protocol):
    """Who is told; reports may overtake each other, and are lost while the service is away."""

    async def rings(self, call: AgentCall) -> None: ...

    async def answered(self, call: AgentCall) -> None: ...

    async def ended(self, call: AgentCall) -> None: ...

    async def lost(self, caller: str) -> bool:
        """The agent who talked to them has not ended the call: is this caller first in line again?"""


def agents_router(calls: AgentCalls, ended_by_agent: Callable[[str], bool], secret: str) -> APIRouter:
    """Only Asterisk on this machine, which was given the secret with its configuration, is believed.

    `ended_by_agent` says whether the phone of that name has just ended a call itself.
    """
    router = APIRouter(route_class=PlainErrors, default_response_class=PlainTextResponse)
    Token = Annotated[str, Form(max_length=200)]
    Id = Annotated[str, Form(max_length=80, pattern=r"^[A-Za-z0-9._-]*$")]
    Interface = Annotated[str, Form(max_length=120)]

    def believed(request: Request, token: str) -> bool:
        local = request.client is not None and ip_address(request.client.host).is_loopback
        return local and hmac.compare_digest(token.encode(), secret.encode())

    @router.post(dialplan.AGENT_REPORT_PATH, include_in_schema=False)
    async def report(
        request: Request,
        token: Token,
        event: Annotated[Literal["rings", "answered", "ended"], Form()],
        leg: Id,
        caller: Id,
        channel: Interface,
        queue: Id,
        joined: Annotated[int, Form(ge=0)] = 0,
    ) -> Response:
        if not believed(request, token):
            return PlainTextResponse("no", 403)
        call = AgentCall(endpoint_of(channel), leg, caller, queue, joined)
        told = {"rings": calls.rings, "answered": calls.answered, "ended": calls.ended}[event]
        await told(call)
        return PlainTextResponse("ok")

    @router.post(dialplan.PARTED_PATH, include_in_schema=False)
    async def parted(request: Request, token: Token, call: Id, member: Interface) -> Response:
        """`ended` when the agent put the call down or was in it no more; `lost` puts the caller first in line again."""
        if not believed(request, token):
            return PlainTextResponse("no", 403)
        over = ended_by_agent(endpoint_of(member)) or not await calls.lost(call)
        return PlainTextResponse("ended" if over else "lost")

    return router


def endpoint_of(channel: str) -> str:
    """`desk-7` of `PJSIP/desk-7-0000001a`, and of the queue's `PJSIP/desk-7`."""
    name = channel.partition("/")[2]
    head, _, number = name.rpartition("-")
    return head if "-" in head and len(number) == 8 else name
