"""A fault as the caller tells it: danger goes to a person at once, the rest becomes a ticket."""

import asyncio
import logging
from dataclasses import dataclass

from callflows.answering import tell
from callflows.asking_area import ask_area
from callflows.call import CallEnded, Recording
from callflows.callback_number import ask_callback_number
from callflows.conversation import Conversation, WantsPerson
from callflows.desk import Category, Report
from callflows.handing_over import give_notice
from callflows.menus import MOST_REPEATS, ask, menu
from callflows.speech import full_name, ticket_number
from callflows.ticket_state import tell_state
from calls.journal import Outcome
from outages.board import AreaView, OutageView
from prompts.prompt import Prompt
from tickets.errors import TicketError

log = logging.getLogger(__name__)

HAZARD_PRIORITY = 10
MESSAGE_SECONDS = 60
MOST_RECORDINGS = 3
SAVING_PATIENCE = 2.5
"""Seconds that a caller waits for the ticket before a person takes over; silence above 3 s is not acceptable."""
CATEGORIES: dict[str, Category] = {"1": "no_water", "2": "low_pressure", "3": "leak"}
OTHER_CATEGORIES: dict[str, Category] = {"1": "sewer", "2": "water_quality"}
COVERED_BY_OUTAGE: frozenset[Category] = frozenset({"no_water", "low_pressure"})


async def report_fault(talk: Conversation) -> None:
    """Danger first; a fault that we know of is not reported twice; everything else is told to the tape."""
    about = await menu(talk, "hazard.question", "123")
    if about == "1":
        await hand_over_hazard(talk)
    if about == "3":
        return await tell_state(talk)
    category = await which_fault(talk)
    if category in talk.reported:
        # one call makes one ticket of a kind: a second place needs a person
        raise WantsPerson("second_report")
    area = await where(talk)
    if category in COVERED_BY_OUTAGE:
        for outage in talk.desk.board.current(area.id, talk.desk.now())[:1]:
            if await belongs_to(talk, area, outage):
                return await attach(talk, category, area, outage)
    await take_report(talk, category, area)


async def hand_over_hazard(talk: Conversation) -> None:
    """An urgent ticket and a person with priority."""
    report = Report(talk.call.call_id, "hazard", True, _area_id(talk), talk.call.caller.number, None)
    await save(talk, report)
    await talk.say(talk.phrase("hazard.person"))
    raise WantsPerson("hazard", HAZARD_PRIORITY)


async def which_fault(talk: Conversation) -> Category:
    chosen = CATEGORIES.get(await menu(talk, "fault.which", "1234"))
    return chosen or OTHER_CATEGORIES[await menu(talk, "fault.other", "12")]


async def where(talk: Conversation) -> AreaView:
    """The place that the caller named in this call, or the remembered one if the fault is there."""
    area = talk.area
    if area and not talk.area_given:
        board = talk.desk.board
        here = await menu(talk, "fault.here", "12", lead=lambda: full_name(board, area)) == "1"
        return area if here else await ask_area(talk)
    return area or await ask_area(talk)


async def belongs_to(talk: Conversation, area: AreaView, outage: OutageView) -> bool:
    """Whether the known outage, which the caller hears about here at the latest, is what the caller means."""
    if outage.id not in talk.call.journal.outage_ids:
        await tell(talk, area)
    return await menu(talk, "fault.attach", "12", about=talk.last_said) == "1"


async def attach(talk: Conversation, category: Category, area: AreaView, outage: OutageView) -> None:
    """Count the caller among those affected instead of opening a new job."""
    report = Report(talk.call.call_id, category, False, area.id, talk.call.caller.number, None, outage.id)
    await saved_or_person(talk, report)
    await talk.say(talk.phrase("fault.attached"))


@dataclass
class Draft:
    """A report that is being taken."""

    call_id: str
    category: Category
    area_id: int
    callback: str | None
    message: Recording | None = None

    def report(self) -> Report:
        voice = self.message.path if self.message else None
        return Report(self.call_id, self.category, False, self.area_id, self.callback, voice)


async def take_report(talk: Conversation, category: Category, area: AreaView) -> None:
    """The address in the caller's own voice, a number to call back, then a ticket whose number is read twice."""
    draft = Draft(talk.call.call_id, category, area.id, talk.call.caller.number)
    try:
        await take_message(talk, draft)
        draft.callback = await ask_callback_number(talk)
    except (CallEnded, WantsPerson):
        # who has spoken has reported, even if they hang up before the last question
        if draft.message:
            await save(talk, draft.report())
        raise
    number = await saved_or_person(talk, draft.report())
    talk.last_said = lambda: ticket_words(talk, number)
    await talk.say(*talk.last_said())


async def take_message(talk: Conversation, draft: Draft) -> None:
    await give_notice(talk)
    phrase = "record.address"
    for _ in range(MOST_RECORDINGS):
        if await talk.say(talk.phrase(phrase), then=MESSAGE_SECONDS) == "0":
            raise WantsPerson("asked")
        message = await talk.call.record(seconds=MESSAGE_SECONDS)
        draft.message = message or draft.message
        if message and await approved(talk, message):
            return
        phrase = "record.again" if message else "record.address.short"
    raise WantsPerson("no_message")


async def approved(talk: Conversation, message: Recording) -> bool:
    """Whether the caller sends the message as it is; they may listen to it before they decide."""
    choice = await menu(talk, "record.review", "12*")
    for _ in range(MOST_REPEATS):
        if choice != "*":
            return choice == "1"
        await talk.play_back(message)
        choice = await ask(talk, "12*", lambda: [talk.phrase("record.review.short")])
    raise WantsPerson("repeats")


def ticket_words(talk: Conversation, number: str) -> list[Prompt]:
    groups = ticket_number(number, talk.language)
    opened, again, promise = (talk.phrase(f"ticket.{word}") for word in ("opened", "again", "promise"))
    return [opened, *groups, again, *groups, promise]


async def saved_or_person(talk: Conversation, report: Report) -> str:
    number = await save(talk, report)
    if number is None:
        await talk.say(talk.phrase("ticket.failed"))
        raise WantsPerson("ticket_failed")
    return number


async def save(talk: Conversation, report: Report) -> str | None:
    """The number of the committed ticket; None when the database did not answer in time or at all."""
    writing = asyncio.ensure_future(talk.desk.open_ticket(report))
    try:
        # shielded: a write that has begun is never cut in half
        number = await asyncio.wait_for(asyncio.shield(writing), SAVING_PATIENCE)
    except (TicketError, TimeoutError) as error:
        log.error("call %s: ticket not saved in time: %r", report.call_id, error)
        writing.add_done_callback(lambda late: late.cancelled() or late.exception())
        return None
    journal = talk.call.journal
    journal.ticket_number, journal.outcome = number, Outcome.ticket
    talk.reported.add(report.category)
    return number


def _area_id(talk: Conversation) -> int | None:
    return talk.area.id if talk.area else None
