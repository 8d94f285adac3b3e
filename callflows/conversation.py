"""What one call remembers, and how it speaks: in the caller's language and pace, with a person offered in time."""

from collections.abc import Callable
from dataclasses import dataclass, field

from callflows.call import Call, Recording
from callflows.desk import Category, Desk
from callflows.wording import Wording
from outages.board import AreaView
from prompts.prompt import Language, Pace, Prompt

OFFERS_PERSON = frozenset(
    {
        "offer.person",
        "call_back.told",
        *(f"menu.{menu}{short}" for menu in ("main", "after", "mass", "affected") for short in ("", ".short")),
        *(f"info.{menu}{short}" for menu in ("digital", "after") for short in ("", ".short")),
        *(f"call_back.{question}{short}" for question in ("solved", "restored") for short in ("", ".short")),
    }
)
"""Phrases that tell the caller how to reach a person; a test holds their texts to it."""
OFFER_WITHIN = 38.0
"""Seconds after the answer by which the offer has been heard: 45 s is the rule, the rest is margin for slow voices."""
CHARACTERS_A_SECOND = 11.0
MOST_NUMBERS = 3
"""Subscriber numbers that one call may try."""
LISTEN = 3.0
"""Seconds of silence after which the line speaks again."""


class WantsPerson(Exception):
    """The conversation goes on with a person: asked for, or because keys did not help."""

    def __init__(self, reason: str, priority: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.priority = priority


class WantsNumber(Exception):
    """The caller would rather be found by their subscriber number."""


@dataclass
class Conversation:
    call: Call
    desk: Desk
    language: Language = "tr"
    pace: Pace = "normal"
    area: AreaView | None = None
    """The place that the call is about."""
    area_given: bool = False
    """Whether the caller named it in this call, rather than in an earlier one."""
    notified: bool = False
    """Whether the recording notice was said."""
    consent_asked: bool = False
    call_offered: bool = False
    """Whether a call at the outage's end was offered."""
    language_offered: bool = False
    reported: set[Category] = field(default_factory=set)
    """Faults of this call that became tickets."""
    states_asked: int = 0
    """Tickets that were looked up in this call."""
    announced: set[int] = field(default_factory=set)
    """Emergency announcements that this caller has heard."""
    last_said: Callable[[], list[Prompt]] = list
    """The latest answer, for those who ask to hear it again."""
    questions: int = 0
    in_queue: bool = False
    """The caller waits for a person already: none is offered."""
    numbers_typed: int = 0
    """Subscriber numbers that were looked up, known or not."""

    @property
    def wording(self) -> Wording:
        return Wording(self.desk.catalogue, self.language)

    def phrase(self, key: str) -> Prompt:
        return self.wording.phrase(key)

    async def say(self, *prompts: Prompt, then: float = 0.0) -> str | None:
        """`then`: seconds that follow in which nothing can be offered, such as a recording."""
        return await self.call.say(*self._spoken(prompts, then))

    async def key(self, *prompts: Prompt, allowed: str) -> str | None:
        return await self.call.key(*self._spoken(prompts, LISTEN), allowed=allowed, seconds=LISTEN)

    async def digits(self, *prompts: Prompt, at_most: int, private: bool = False) -> str | None:
        spoken = self._spoken(prompts, LISTEN)
        return await self.call.digits(*spoken, at_most=at_most, seconds=LISTEN, private=private)

    async def play_back(self, recording: Recording) -> str | None:
        """The message may be long: who has not been offered a person yet hears of it first."""
        await self.say(then=recording.seconds)
        return await self.call.play_back(recording)

    def change_language(self) -> None:
        self.language = "en" if self.language == "tr" else "tr"
        self.language_offered = True
        self.call.journal.language = self.language

    def offer_language(self) -> list[Prompt]:
        """Once in a call, in the language that is offered."""
        if self.language_offered:
            return []
        self.language_offered = True
        return [self.desk.catalogue.phrase("language.offer", "en" if self.language == "tr" else "tr")]

    def seconds(self) -> float:
        """Since the call was answered."""
        journal = self.call.journal
        return (self.desk.now() - (journal.answered or journal.started)).total_seconds()

    def takes_number(self) -> bool:
        """Whether the caller may be found by their subscriber number, or try once more."""
        return self.numbers_typed < MOST_NUMBERS and self.desk.takes_subscriber_numbers()

    def untouched(self) -> bool:
        """Whether the caller has not pressed anything yet."""
        return not self.call.journal.pressed

    def person_offered(self) -> bool:
        """The short offer counts even when it was cut: whoever presses on does not want it again and again."""
        if self.in_queue:
            return True
        heard = self.call.journal.heard
        return any(h.key == "offer.person" or (h.key in OFFERS_PERSON and not h.interrupted) for h in heard)

    def offer_in_time(self, prompts: tuple[Prompt, ...], wait: float) -> tuple[Prompt, ...]:
        """The same prompts, with the offer of a person put in where it would otherwise come too late."""
        if self.person_offered():
            return prompts
        at = self.seconds()
        for index, prompt in enumerate(prompts):
            at += estimated_seconds(prompt, self.pace)
            if at > OFFER_WITHIN:
                return (*prompts[:index], self.phrase("offer.person"), *prompts[index:])
            if prompt.key in OFFERS_PERSON:
                return prompts
        return (*prompts, self.phrase("offer.person")) if at + wait > OFFER_WITHIN else prompts

    def _spoken(self, prompts: tuple[Prompt, ...], wait: float) -> tuple[Prompt, ...]:
        spoken = self.offer_in_time(prompts, wait)
        return tuple(prompt.slower() for prompt in spoken) if self.pace == "slow" else spoken


def estimated_seconds(prompt: Prompt, pace: Pace = "normal") -> float:
    """Rather too long than too short."""
    return (len(prompt.text) / CHARACTERS_A_SECOND + 0.3) * (1.4 if pace == "slow" else 1.0)
