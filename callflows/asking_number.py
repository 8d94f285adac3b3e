"""Which place? That of the subscriber number on the caller's bill; nothing else is told on the strength of it."""

import asyncio
import logging

from callflows.conversation import Conversation
from callflows.menus import Patience, Words
from outages.board import AreaView
from prompts.prompt import Prompt
from storage.errors import StorageError

log = logging.getLogger(__name__)

LONGEST_NUMBER = 15
LOOKING_PATIENCE = 1.0
"""Seconds; a number that nobody could look up in time is one that is not known."""


async def ask_number(talk: Conversation) -> AreaView | None:
    """The place of the number that was typed; None when the caller wants to name it after all.

    Whether a number is on file, has a wrong check digit or could not be looked up: the caller hears the same.
    """

    def words() -> list[Prompt]:
        return [talk.phrase("area.number_enter")]

    patience = Patience(
        talk,
        words,
        lambda: [talk.phrase("area.number_enter.short")],
        help_=lambda: [talk.phrase("area.number_help")],
    )
    spoken: Words = words
    while talk.takes_number():
        keys = await talk.digits(*spoken(), at_most=LONGEST_NUMBER, private=True)
        if keys == "":
            return None
        if keys is None or keys in ("0", "*"):
            spoken = patience.after(keys)
            continue
        area = await _look_up(talk, keys)
        if area:
            return area
        spoken = patience.after("#", lambda: [talk.phrase("area.number_unknown")])
    return None


async def _look_up(talk: Conversation, number: str) -> AreaView | None:
    """While a word is said, so that no silence grows if another system has to be asked."""
    talk.numbers_typed += 1
    looking = asyncio.ensure_future(talk.desk.subscriber_area(number, talk.call.caller))
    try:
        await talk.say(talk.phrase("area.number_looking"))
        area_id = await asyncio.wait_for(looking, LOOKING_PATIENCE)
    except (StorageError, TimeoutError) as error:
        log.warning("call %s: no look-up of a subscriber number: %r", talk.call.call_id, error)
        return None
    finally:
        looking.cancel()
    return None if area_id is None else talk.desk.board.area(area_id)
