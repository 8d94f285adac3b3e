"""The answer to why people call: is the water off there, why, and until when."""

import asyncio
import logging

from callflows.asking_area import ask_area
from callflows.conversation import Conversation
from callflows.menus import accepted
from callflows.promising import offer_call
from callflows.speech import answer, broadcast
from calls.journal import Outcome
from outages.board import AreaView
from prompts.prompt import Prompt
from storage.errors import StorageError

log = logging.getLogger(__name__)

REMEMBER_PATIENCE = 2.0
"""Seconds."""


async def tell(talk: Conversation, area: AreaView) -> None:
    """Say what holds in the area, and note that the caller was served."""
    await announce_emergencies(talk, area)
    now, journal = talk.desk.now(), talk.call.journal
    journal.area_id = area.id
    journal.first_answer = journal.first_answer or now
    journal.outage_ids += [o.id for o in talk.desk.board.current(area.id, now) if o.id not in journal.outage_ids]
    talk.last_said = lambda: answer_in(talk, area)
    await talk.say(*talk.last_said())
    if journal.outcome is Outcome.gave_up:
        journal.outcome = Outcome.served


async def answer_asked(talk: Conversation) -> None:
    """Find the place, answer, and offer once to remember it for the next call."""
    area = await ask_area(talk)
    await tell(talk, area)
    await offer_to_remember(talk, area)
    await offer_call(talk, area)


def answer_in(talk: Conversation, area: AreaView) -> list[Prompt]:
    return answer(talk.desk.board, area, talk.desk.now(), talk.wording)


async def announce_emergencies(talk: Conversation, area: AreaView | None) -> None:
    """Emergency announcements for the city, or for the caller's district, that this caller has not heard yet."""
    board = talk.desk.board
    district = board.district_of(area).id if area else None
    for view in board.broadcasts_now(talk.desk.now(), district):
        if view.id not in talk.announced:
            talk.announced.add(view.id)
            await talk.say(*broadcast(view, talk.wording))


async def offer_to_remember(talk: Conversation, area: AreaView) -> None:
    """Consent, once in a call and not when everybody is waiting; anything but "yes" is a no."""
    if talk.consent_asked or talk.call.caller.number is None or talk.desk.mass_call():
        return
    talk.consent_asked = True
    if await accepted(talk, "consent.remember"):
        kept = await _remember(talk, area)
        await talk.say(talk.phrase("consent.thanks" if kept else "consent.failed"))


async def _remember(talk: Conversation, area: AreaView) -> bool:
    try:
        async with asyncio.timeout(REMEMBER_PATIENCE):
            await talk.desk.remember_area(talk.call.caller, area.id)
    except (StorageError, TimeoutError) as error:
        log.warning("call %s: area not remembered: %r", talk.call.call_id, error)
        return False
    return True
