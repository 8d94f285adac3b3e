"""The loopback door at which the dialplan tells how a call to a citizen ended."""

import hmac
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse

from dialling.kinds import Outcome
from dialling.turns import Turns
from ivr import dialplan
from ivr.calling.errands import Errands
from outages.rest import PlainErrors

Stage = Literal["", "listening", "machine", "unserved", "talking"]
"""How far it came: not answered, somebody is being listened to, a machine spoke, nobody to talk, the conversation."""
BY_CAUSE = {
    0: Outcome.no_answer,  # we stopped the ringing
    16: Outcome.no_answer,
    17: Outcome.busy,
    18: Outcome.no_answer,
    19: Outcome.no_answer,
    20: Outcome.no_answer,  # telephone off or out of reach
    21: Outcome.rejected,
    102: Outcome.no_answer,
}
"""Hang-up causes (Q.850) of calls that were not answered; others have failed."""


def outcome_of(stage: Stage, cause: int) -> Outcome:
    match stage:
        case "":
            return BY_CAUSE.get(cause, Outcome.failed)
        case "machine":
            return Outcome.machine
        case "listening":
            return Outcome.hung_up
        case "unserved" | "talking":
            return Outcome.failed


def calls_router(errands: Errands, secret: str) -> APIRouter:
    """Only Asterisk on this machine, which was given the secret with its configuration, is believed."""
    router = APIRouter(route_class=PlainErrors, default_response_class=PlainTextResponse)

    @router.post(dialplan.CALL_REPORT_PATH, include_in_schema=False)
    async def ended(
        request: Request,
        token: Annotated[str, Form(max_length=200)],
        call: Annotated[str, Form(max_length=40)],
        cause: Annotated[int, Form(ge=0, le=999)],
        stage: Annotated[Stage, Form()] = "",
    ) -> Response:
        local = request.client is not None and ip_address(request.client.host).is_loopback
        if not (local and hmac.compare_digest(token.encode(), secret.encode())):
            return PlainTextResponse("no", 403)
        await errands.report(call, outcome_of(stage, cause), cause)
        return PlainTextResponse("ok")

    return router


def turns_router(turns: Turns, secret: str) -> APIRouter:
    """The door at which the dialplan asks whose turn it is, before an agent's telephone rings."""
    router = APIRouter(route_class=PlainErrors, default_response_class=PlainTextResponse)

    @router.post(dialplan.TURN_PATH, include_in_schema=False)
    async def turn(
        request: Request,
        token: Annotated[str, Form(max_length=200)],
        leg: Annotated[str, Form(max_length=80)],
        joined: Annotated[int, Form(ge=0, le=10**11)],
        priority: Annotated[int, Form(ge=0, le=1000)],
        queue: Annotated[str, Form(max_length=60)] = "",
    ) -> Response:
        local = request.client is not None and ip_address(request.client.host).is_loopback
        if not (local and hmac.compare_digest(token.encode(), secret.encode())):
            return PlainTextResponse("no", 403)
        if queue in dialplan.QUEUES[1:]:
            return PlainTextResponse("ring")  # places are kept in the line that callers come to
        return PlainTextResponse(await turns.ask(leg, datetime.fromtimestamp(joined, UTC), priority))

    return router
