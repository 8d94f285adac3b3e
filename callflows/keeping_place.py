"""Whoever does not want to hold the line any longer is called when their turn comes."""

from typing import Protocol

from callflows.call import Call, TransferNote
from callflows.callback_number import ask_callback_number
from callflows.conversation import Conversation, WantsPerson
from callflows.desk import Desk
from callflows.handing_over import AGENTS_QUEUE
from calls.journal import Outcome
from prompts.prompt import Language


class Waiting(Protocol):
    """The place in the queue that the caller has just left."""

    @property
    def language(self) -> Language: ...
    @property
    def back(self) -> TransferNote:
        """With which they go on waiting where they were."""

    async def keep(self, number: str) -> bool:
        """Commit that they are called; False when that cannot be."""


async def keep_place(call: Call, desk: Desk, waiting: Waiting) -> None:
    """The number first; whoever gives none, or changes their mind, waits on where they were."""
    talk = Conversation(call, desk, waiting.language, language_offered=True, in_queue=True)
    call.journal.language = waiting.language
    talk.notified = True
    try:
        kept = await waiting.keep(await ask_callback_number(talk))
    except WantsPerson:
        kept = False
    if kept:
        await talk.say(talk.phrase("queue.place_kept"))
        call.journal.outcome = Outcome.served
        await call.hang_up()
    else:
        await talk.say(talk.phrase("queue.wait_on"))
        await call.transfer(AGENTS_QUEUE, waiting.back)
