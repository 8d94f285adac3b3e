"""On which number the caller is called back: their own, or one that they type."""

from callflows.conversation import Conversation
from callflows.menus import Patience, Words, ask, nothing
from callflows.numbers import dialled, telephone
from prompts.prompt import Prompt

LONGEST_NUMBER = 15


async def ask_callback_number(talk: Conversation) -> str:
    own = talk.call.caller.number
    if own and dialled(own) and await _confirmed(talk, own, "callback.yours"):
        return own
    return await _typed(talk)


async def _confirmed(talk: Conversation, number: str, lead: str) -> bool:
    def question() -> list[Prompt]:
        return [talk.phrase(f"{lead}_question")]

    def words() -> list[Prompt]:
        return [talk.phrase(lead), *telephone(number, talk.language), *question()]

    return await ask(talk, "12", words, short=question) == "1"


async def _typed(talk: Conversation) -> str:
    def words() -> list[Prompt]:
        return [talk.phrase("callback.enter")]

    patience = Patience(talk, words, lambda: [talk.phrase("callback.enter.short")])
    spoken: Words = words
    while True:
        keys = await talk.digits(*spoken(), at_most=LONGEST_NUMBER, private=True)
        number = dialled(keys) if keys else None
        if number and await _confirmed(talk, number, "callback.typed"):
            return number
        if not keys or keys in ("0", "*"):
            spoken = patience.after(keys or None)
        else:
            spoken = patience.after("#", nothing if number else lambda: [talk.phrase("callback.invalid")])
