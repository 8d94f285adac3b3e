"""The whole conversation of Alo 185."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from callflows.answering import announce_emergencies, answer_asked, tell
from callflows.call import Call
from callflows.conversation import Conversation, WantsPerson
from callflows.desk import Desk
from callflows.fault_report import attach, report_fault
from callflows.handing_over import to_person
from callflows.information import inform
from callflows.menus import menu
from callflows.promising import offer_call, outage_in
from callflows.speech import crowded
from outages.board import OutageView
from prompts.prompt import Prompt
from storage.errors import StorageError

log = logging.getLogger(__name__)

RECALL_PATIENCE = 1.0
"""Seconds; without the database the caller is served like one whom we do not know."""
Step: TypeAlias = Callable[[Conversation], Awaitable[None]]


async def hotline(call: Call, desk: Desk) -> None:
    """Tell the caller whether their neighbourhood has water, then offer another place, a ticket or a person."""
    talk = Conversation(call, desk)
    try:
        await converse(talk)
    except WantsPerson as wish:
        await to_person(talk, wish)


async def converse(talk: Conversation) -> None:
    await recall_area(talk)
    await announce_emergencies(talk, talk.area)
    await talk.say(talk.phrase("welcome.short"))
    if talk.area:
        await tell(talk, talk.area)
        await offer_call(talk, talk.area)
        step = await what_else(talk)
    else:
        step = await what_for(talk)
    while step is not goodbye:
        await step(talk)
        step = await (what_for(talk) if step is inform else what_else(talk))
    await goodbye(talk)


async def recall_area(talk: Conversation) -> None:
    """The area that this number asked us to remember."""
    try:
        async with asyncio.timeout(RECALL_PATIENCE):
            area_id = await talk.desk.area_of(talk.call.caller)
    except (StorageError, TimeoutError) as error:
        log.warning("call %s: no look-up of the caller's area: %r", talk.call.call_id, error)
        area_id = None
    talk.area = None if area_id is None else talk.desk.board.area(area_id)
    talk.consent_asked = talk.area is not None


async def what_for(talk: Conversation) -> Step:
    """The first menu; when everybody calls at once, the affected districts and a shorter one."""
    if talk.desk.mass_call():
        chosen = await menu(talk, "menu.mass", "12", lead=lambda: [*_crowded(talk), *talk.offer_language()])
    else:
        chosen = await menu(talk, "menu.main", "123", lead=talk.offer_language)
    return {"1": answer_asked, "2": report_fault, "3": inform}[chosen]


async def what_else(talk: Conversation) -> Step:
    """After an answer: another place, a fault, other business, or the end."""
    if talk.desk.mass_call() and outage_here(talk) and talk.call.journal.ticket_number is None:
        chosen = await menu(talk, "menu.affected", "123#", about=talk.last_said)
        return {"1": affected_too, "2": answer_asked, "3": report_fault, "#": goodbye}[chosen]
    chosen = await menu(talk, "menu.after", "123#", lead=talk.offer_language, about=talk.last_said)
    return {"1": answer_asked, "2": report_fault, "3": inform, "#": goodbye}[chosen]


async def affected_too(talk: Conversation) -> None:
    """ "I am affected too": counted with one key."""
    outage = outage_here(talk)
    if talk.area and outage:
        await attach(talk, "no_water", talk.area, outage)


async def goodbye(talk: Conversation) -> None:
    await talk.say(talk.phrase("goodbye.thanks"))
    await talk.call.hang_up()


def outage_here(talk: Conversation) -> OutageView | None:
    return outage_in(talk, talk.area)


def _crowded(talk: Conversation) -> list[Prompt]:
    return crowded(talk.desk.board, talk.desk.now(), talk.wording)
