"""Where a reported fault is, for whoever types its number: nothing personal, and not for many numbers."""

import asyncio
import logging
import re
from datetime import datetime

from callflows.clock import local
from callflows.conversation import Conversation, WantsPerson
from callflows.menus import Patience, Words
from callflows.moments import until
from callflows.numbers import ticket_number
from calls.journal import Outcome
from prompts.prompt import Prompt
from storage.errors import StorageError
from tickets.errors import TicketError
from tickets.status import PhoneStatus

log = logging.getLogger(__name__)

MOST_LOOKED_UP = 3
"""In one call."""
LONGEST_NUMBER = 11
LOOKING_PATIENCE = 2.5
"""Seconds; silence above 3 s is not acceptable."""
_WHOLE = re.compile(r"(\d\d)(\d{6,9})")
_SERIAL = re.compile(r"\d{1,6}")


class TooMany(Exception):
    """Of this call, or of this caller."""


async def tell_state(talk: Conversation) -> None:
    """Ask for the number until there is such a ticket, at most three times, and tell where it is."""

    def words() -> list[Prompt]:
        return [talk.phrase("status.enter")]

    patience = Patience(talk, words, lambda: [talk.phrase("status.enter.short")])
    spoken: Words = words
    while True:
        keys = await talk.digits(*spoken(), at_most=LONGEST_NUMBER)
        if not keys or keys in ("0", "*"):
            spoken = patience.after(keys or None)
            continue
        number = typed(keys, talk.desk.now())
        try:
            found = await _looked_up(talk, number) if number else None
        except TooMany:
            await talk.say(talk.phrase("status.wait"))
            return None
        if number and found:
            return await _tell(talk, number, found)
        spoken = patience.after("#", lambda: [talk.phrase("status.unknown")])


def typed(keys: str, now: datetime) -> str | None:
    """ "26004217" is 26-004217, and so is "4217" in 2026; `*` for the dash is heard too."""
    figures = keys.replace("*", "")
    if whole := _WHOLE.fullmatch(figures):
        return f"{whole[1]}-{whole[2]}"
    return f"{local(now).year % 100:02}-{int(figures):06}" if _SERIAL.fullmatch(figures) else None


def state_words(talk: Conversation, number: str, found: PhoneStatus) -> list[Prompt]:
    key = "outage" if found.waits_for_outage else found.state.value
    said = [talk.phrase("status.of"), *ticket_number(number, talk.language), talk.phrase(f"status.{key}")]
    now = talk.desk.now()
    if found.promised and found.promised <= now:
        said.append(talk.phrase("status.late"))
    elif found.promised:
        said += [talk.phrase("status.aim"), *until(found.promised, now, talk.language)]
    return said


async def _tell(talk: Conversation, number: str, found: PhoneStatus) -> None:
    talk.last_said = lambda: state_words(talk, number, found)
    await talk.say(*talk.last_said())
    if talk.call.journal.outcome is Outcome.gave_up:
        talk.call.journal.outcome = Outcome.served


async def _looked_up(talk: Conversation, number: str) -> PhoneStatus | None:
    """Goes on with a person when it cannot be looked up. Raises TooMany."""
    talk.states_asked += 1
    if talk.states_asked > MOST_LOOKED_UP:
        raise TooMany
    try:
        async with asyncio.timeout(LOOKING_PATIENCE):
            return await talk.desk.ticket_state(number, talk.call.caller)
    except TicketError as error:
        raise TooMany from error
    except (StorageError, TimeoutError) as error:
        log.warning("call %s: a ticket was not looked up: %r", talk.call.call_id, error)
        await talk.say(talk.phrase("status.failed"))
        raise WantsPerson("ticket_state") from error
