"""From the line to a person: the notice first, then the reason and the place go with the call."""

from callflows.call import TransferNote, TransferOutcome
from callflows.conversation import Conversation, WantsPerson
from callflows.numbers import spoken_minutes
from calls.journal import Outcome
from outages.board import AreaView, Board
from prompts.prompt import Prompt

AGENTS_QUEUE = "alo185-agents"


async def to_person(talk: Conversation, wish: WantsPerson) -> None:
    """Connect the caller; everything after this is the queue's."""
    journal = talk.call.journal
    await give_notice(talk)
    if wish.priority == 0:
        await talk.say(talk.phrase("transfer.connecting"), *_wait(talk))
    before, journal.outcome, journal.reason = journal.outcome, Outcome.transferred, wish.reason
    extra = {"ticket": journal.ticket_number} if journal.ticket_number else {}
    note = TransferNote(wish.reason, _written(talk.desk.board, talk.area), talk.language, wish.priority, extra)
    if await talk.call.transfer(AGENTS_QUEUE, note) is TransferOutcome.unavailable:
        journal.outcome = before
        await talk.say(talk.phrase("transfer.unavailable"))
        await talk.call.hang_up()


async def give_notice(talk: Conversation) -> None:
    """The recording notice, once, before anything is recorded or connected."""
    if not talk.notified:
        talk.notified = True
        await talk.say(talk.phrase("record.notice"))


def _wait(talk: Conversation) -> list[Prompt]:
    """Said here and not by the queue, which tells everybody how long others have waited."""
    minutes = talk.desk.minutes_to_wait()
    if minutes is None:
        return []
    unit = talk.phrase("queue.minute" if minutes == 1 else "queue.minutes")
    return [talk.phrase("queue.holdtime"), spoken_minutes(minutes, talk.language), unit]


def _written(board: Board, area: AreaView | None) -> str | None:
    if area is None:
        return None
    district = board.district_of(area)
    return area.name if district is area else f"{district.name}, {area.name}"
