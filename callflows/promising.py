"""A call when the water is back, for those who want one."""

import asyncio
import logging

from callflows.conversation import Conversation
from callflows.desk import Wish
from callflows.menus import accepted
from outages.board import AreaView, OutageView
from storage.errors import StorageError

log = logging.getLogger(__name__)

KEEPING_PATIENCE = 2.0
"""Seconds."""


async def offer_call(talk: Conversation, area: AreaView) -> None:
    """Once in a call, to who heard of an outage; not when everybody is waiting, nor to who presses on already."""
    number, outage = talk.call.caller.number, outage_in(talk, area)
    if talk.call_offered or number is None or outage is None or talk.desk.mass_call():
        return
    if talk.call.journal.ticket_number or not talk.desk.may_call(number):
        return
    if await talk.call.say() is not None:
        return
    talk.call_offered = True
    if await accepted(talk, "restoration.offer"):
        wish = Wish(number, area.id, outage.id, talk.language)
        await talk.say(talk.phrase(f"restoration.{await _kept(talk, wish)}"))


async def _kept(talk: Conversation, wish: Wish) -> str:
    try:
        async with asyncio.timeout(KEEPING_PATIENCE):
            return "thanks" if await talk.desk.call_when_back(wish) else "opted_out"
    except (StorageError, TimeoutError) as error:
        log.warning("call %s: a wish was not kept: %r", talk.call.call_id, error)
        return "failed"


def outage_in(talk: Conversation, area: AreaView | None) -> OutageView | None:
    current = talk.desk.board.current(area.id, talk.desk.now()) if area else []
    return current[0] if current else None
