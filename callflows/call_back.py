"""What a citizen hears whom we call: who calls and why, one question, and that their answer counts."""

from typing import Protocol

from callflows.call import Call, CallEnded, TransferNote, TransferOutcome
from callflows.conversation import Conversation, WantsPerson
from callflows.desk import Desk
from callflows.handing_over import AGENTS_QUEUE, give_notice, to_person
from callflows.menus import Words
from callflows.speech import answer, full_name, here
from calls.journal import Outcome
from dialling.kinds import Language, Verdict, Why
from dialling.places import Place
from prompts.prompt import Prompt

MOST_ASKED = 6
"""Times that a question is heard, repeats included."""
MOST_MISSES = 3
QUEUE_PRIORITY = 8
"""Who kept their place goes before those who came later, and after a hazard."""
VERDICTS = {
    Why.ticket_check: ("call_back.solved", {"1": Verdict.solved, "2": Verdict.not_solved}),
    Why.restoration: ("call_back.restored", {"1": Verdict.restored, "2": Verdict.still_off}),
}
STARS = "12345"


class Errand(Protocol):
    """Why this number was called, and where its answer is kept. What is kept is committed when the verb returns."""

    @property
    def why(self) -> Why: ...
    @property
    def language(self) -> Language: ...
    @property
    def area_id(self) -> int | None: ...
    @property
    def place(self) -> Place | None:
        """Which place in the agents' queue was kept."""

    async def conclude(self, verdict: Verdict) -> None: ...
    async def rate(self, stars: int) -> None: ...


class _NoMoreCalls(Exception):
    """The citizen does not want to be called."""


async def call_back(call: Call, desk: Desk, errand: Errand) -> None:
    """Ask the one question, once a person has said that they are there; silence is no answer."""
    area = None if errand.area_id is None else desk.board.area(errand.area_id)
    talk = Conversation(call, desk, errand.language, area=area, language_offered=True)
    call.journal.language = errand.language
    try:
        await _converse(talk, errand)
    except WantsPerson as wish:
        await _conclude(talk, errand, Verdict.wants_person)
        await to_person(talk, wish)
    except _NoMoreCalls:
        await _conclude(talk, errand, Verdict.opted_out)
        await _end(talk, "call_back.opted_out")


async def _converse(talk: Conversation, errand: Errand) -> None:
    # nothing personal before somebody is there who wants to talk: this may be anybody's telephone, or a machine
    hello = [talk.phrase("call_back.hello"), talk.phrase(f"call_back.about.{errand.why}")]
    if not await _ask(talk, "1", lambda: [*hello, talk.phrase("call_back.confirm")], "call_back.confirm.short"):
        await _end(talk, "call_back.later")
    elif errand.why is Why.queue_callback:
        await _connect(talk, errand)
    elif errand.why is Why.planned_notice:
        await _tell(talk, errand)
    else:
        await _question(talk, errand)


async def _connect(talk: Conversation, errand: Errand) -> None:
    """To the first place of the queue, with what the caller was there for."""
    place = errand.place
    if place is None:
        raise WantsPerson("queue_callback", QUEUE_PRIORITY)
    await _conclude(talk, errand, Verdict.wants_person)
    await give_notice(talk)
    extra = {"place": "1", "since": str(int(place.joined.timestamp()))}
    extra |= {"ticket": place.ticket} if place.ticket else {}
    urgency = max(QUEUE_PRIORITY, place.urgency)
    talk.call.journal.outcome, talk.call.journal.reason = Outcome.transferred, place.reason
    note = TransferNote(place.reason, place.area, talk.language, urgency, extra)
    if await talk.call.transfer(AGENTS_QUEUE, note) is TransferOutcome.unavailable:
        await _end(talk, "transfer.unavailable")


async def _tell(talk: Conversation, errand: Errand) -> None:
    """Whoever hangs up after the news was told; whoever wants no more calls, or a person, is kept as that."""
    area = talk.area
    if area is None:
        raise WantsPerson("unknown_area")
    told = False
    try:
        for _ in range(MOST_ASKED):
            told = await talk.say(*answer(talk.desk.board, area, talk.desk.now(), talk.wording)) is None or told
            if not await _wants_again(talk):
                break
    except CallEnded:
        if told:
            await _conclude(talk, errand, Verdict.told)
        raise
    await _conclude(talk, errand, Verdict.told)
    await _end(talk, "call_back.goodbye")


async def _wants_again(talk: Conversation) -> bool:
    for _ in range(MOST_MISSES):
        key = await talk.key(talk.phrase("call_back.told"), allowed="*09")
        if key == "0":
            raise WantsPerson("asked")
        if key == "9":
            await _refuse(talk)
        elif key in ("*", None):
            return key == "*"
    return False


async def _question(talk: Conversation, errand: Errand) -> None:
    question, verdicts = VERDICTS[errand.why]
    lead = _ended_here(talk) if errand.why is Why.restoration else []
    key = await _ask(talk, "12", lambda: [*lead, talk.phrase(question)], f"{question}.short")
    if key is None:
        await _end(talk, "call_back.later")
        return
    await _conclude(talk, errand, verdicts[key])
    await talk.say(talk.phrase(f"call_back.{verdicts[key]}.thanks"))
    if verdicts[key] is Verdict.solved:
        await _stars(talk, errand)
    await _end(talk, "call_back.goodbye")


async def _stars(talk: Conversation, errand: Errand) -> None:
    """Once, and whoever says nothing is let go."""
    key = await talk.key(talk.phrase("call_back.stars"), allowed=STARS)
    if key and key in STARS:
        await errand.rate(int(key))


async def _ask(talk: Conversation, keys: str, words: Words, short: str) -> str | None:
    """The citizen's key, one of `keys`; None when nothing sensible comes. `0` is a person, `9` no more calls."""
    spoken, misses = words, 0
    for _ in range(MOST_ASKED):
        key = await talk.key(*spoken(), allowed=f"{keys}09*")
        if key and key in keys:
            return key
        if key == "0":
            raise WantsPerson("asked")
        if key == "9":
            await _refuse(talk)
        misses += key not in ("9", "*")
        if misses == MOST_MISSES:
            break
        spoken = words if key == "*" or misses == MOST_MISSES - 1 else lambda: [talk.phrase(short)]
    return None


async def _refuse(talk: Conversation) -> None:
    """A second 9 makes it sure: in every other call the key means the other language."""
    if await talk.key(talk.phrase("call_back.refuse"), allowed="9") == "9":
        raise _NoMoreCalls


async def _conclude(talk: Conversation, errand: Errand, verdict: Verdict) -> None:
    """Kept before thanks are said: whoever hangs up now has answered."""
    await errand.conclude(verdict)
    talk.call.journal.outcome = Outcome.served


async def _end(talk: Conversation, key: str) -> None:
    await talk.say(talk.phrase(key))
    talk.call.journal.outcome = Outcome.served
    await talk.call.hang_up()


def _ended_here(talk: Conversation) -> list[Prompt]:
    """Where the water is said to be back."""
    if talk.area is None:
        return [talk.phrase("call_back.ended")]
    board = talk.desk.board
    place = [here(board, talk.area)] if talk.language == "tr" else full_name(board, talk.area)
    return [*place, talk.phrase("call_back.ended")]
