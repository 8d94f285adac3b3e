"""Questions: a first miss is met with a shorter prompt, a second with a fuller one, a third with a person."""

from collections.abc import Callable
from typing import TypeVar

from callflows.conversation import OFFERS_PERSON, Conversation, WantsNumber, WantsPerson
from prompts.prompt import Prompt

T = TypeVar("T")
Words = Callable[[], list[Prompt]]

MOST_QUESTIONS = 60
MOST_REPEATS = 4
IDLE_LIMIT = 75.0
"""Seconds after which a caller who never pressed a key is not asked again but connected."""
NOT_LETTERS = frozenset("01*")
LONGEST_NUMBER = 6
"""Figures of an area's number."""
NAMED_KEYS = ("one", "two", "three", "four")


def nothing() -> list[Prompt]:
    return []


class Patience:
    """What to say next in one question, from what has gone wrong in it so far."""

    def __init__(
        self, talk: Conversation, words: Words, short: Words, *, about: Words = nothing, help_: Words = nothing
    ) -> None:
        self._talk = talk
        self._words = words
        self._short = short
        self._about = about
        self._help = help_
        self._misses = 0
        self._repeats = 0
        talk.questions += 1
        if talk.questions > MOST_QUESTIONS:
            raise WantsPerson("long_call")

    def after(self, key: str | None, lead: Words = nothing) -> Words:
        """The words that follow a key which did not answer the question, or silence."""
        if key == "0":
            raise WantsPerson("asked")
        if key == "9":
            self._talk.change_language()
            return self._again()
        if key == "*":
            if self._repeats:
                self._talk.pace = "slow"
            return self._again()
        return self._missed(key, lead)

    def _again(self) -> Words:
        self._repeats += 1
        if self._repeats > MOST_REPEATS:
            raise WantsPerson("repeats")
        return lambda: [*self._about(), *self._words()]

    def _missed(self, key: str | None, lead: Words) -> Words:
        self._misses += 1
        if self._misses > 2 or (self._talk.untouched() and self._talk.seconds() > IDLE_LIMIT):
            raise WantsPerson("wrong_keys" if key else "silence")
        if self._misses == 1:
            return lambda: [*lead(), *self._short()]
        return lambda: [*lead(), *self._fuller()]

    def _fuller(self) -> list[Prompt]:
        words = self._words()
        offered = self._talk.in_queue or any(prompt.key in OFFERS_PERSON for prompt in words)
        person = [] if offered else [self._talk.phrase("offer.person")]
        return [*(self._help() or [self._talk.phrase("ask.help")]), *words, *person]


async def ask(
    talk: Conversation, keys: str, words: Words, *, short: Words | None = None, about: Words = nothing
) -> str:
    """The caller's key, one of `keys`; `about` is what `*` and a change of language say again before the question."""
    patience = Patience(talk, words, short or words, about=about)
    spoken = words
    while True:
        key = await talk.key(*spoken(), allowed=f"{keys}09*")
        if key and key in keys:
            return key
        spoken = patience.after(key)


async def menu(talk: Conversation, key: str, keys: str, *, lead: Words = nothing, about: Words = nothing) -> str:
    """A question of the catalogue, with its shorter form."""

    def words() -> list[Prompt]:
        return [*lead(), talk.phrase(key)]

    return await ask(talk, keys, words, short=lambda: [talk.phrase(f"{key}.short")], about=about)


async def accepted(talk: Conversation, key: str) -> bool:
    """An offer: only `1` takes it; silence and other keys decline."""

    def words() -> list[Prompt]:
        return [talk.phrase(key)]

    patience = Patience(talk, words, words)
    spoken = words
    while True:
        pressed = await talk.key(*spoken(), allowed="1209*")
        if pressed not in ("0", "9", "*"):
            return pressed == "1"
        spoken = patience.after(pressed)


async def entry(
    talk: Conversation,
    words: Words,
    understand: Callable[[str], T | None],
    *,
    short: Words,
    at_most: int,
    help_: Words = nothing,
) -> T:
    """What the caller typed in letters or figures, once `understand` makes sense of it.

    The first key is heard by itself, so that a person (`0`) and a repeat (`*`) come at once. `#` raises WantsNumber.
    """
    patience = Patience(talk, words, short, help_=help_)
    spoken = words
    while True:
        first = await talk.key(*spoken(), allowed="0123456789*")
        lead = nothing
        if first == "#" and talk.takes_number():
            raise WantsNumber
        if first and first in "123456789":
            understood = understand(await _rest(talk, first, at_most))
            if understood is not None:
                return understood
            lead = _unmatched(talk)
        spoken = patience.after(first if first in ("0", "*") else "#" if first else None, lead)


async def _rest(talk: Conversation, first: str, at_most: int) -> str:
    """Letters end by themselves; a figure that is no letter shows that it is a number, which `#` or silence ends."""
    typed = first + (await talk.digits(at_most=at_most - 1) or "")
    if len(typed) == at_most and set(typed) & NOT_LETTERS:
        typed += await talk.digits(at_most=LONGEST_NUMBER - at_most) or ""
    return typed


def _unmatched(talk: Conversation) -> Words:
    return lambda: [talk.phrase("area.unmatched")]
