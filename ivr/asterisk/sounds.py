"""The sounds that Asterisk itself plays to waiting callers, said in our voice and in both languages."""

from prompts.catalogue import Catalogue
from prompts.grammar import grammar
from prompts.prompt import LANGUAGES, Prompt

PHRASES = {
    "alo185/queue-next": "queue.next",
    "alo185/queue-position": "queue.position",
    "alo185/queue-more": "queue.more",
    "alo185/queue-than": "queue.than",
    "alo185/queue-thanks": "queue.thanks",
    "alo185/queue-periodic": "queue.periodic",
    "alo185/queue-retry": "queue.retry",
    "alo185/queue-goodbye": "queue.goodbye",
    "alo185/queue-call-me": "queue.call_me",
    "alo185/queue-lost": "queue.lost",
    "alo185/desk-joined": "desk.joined",
    "alo185/desk-recorded": "record.notice",
    "alo185/desk-hold": "desk.hold",
}
SPOKEN_NUMBERS = (*range(20), *range(20, 100, 10))
"""Asterisk says the others from these: twenty-one as `20` and `1`."""


def sound_map() -> dict[str, str]:
    """The catalogue key of every sound with a fixed phrase, by the sound's name in Asterisk."""
    return dict(PHRASES)


def sounds(catalogue: Catalogue) -> dict[str, Prompt]:
    """Every sound by its path below Asterisk's sounds folder: `tr/alo185/queue-next`, `en/digits/5`."""
    found = {}
    for language in LANGUAGES:
        for name, key in PHRASES.items():
            found[f"{language}/{name}"] = catalogue.phrase(key, language)
        for number in SPOKEN_NUMBERS:
            found[f"{language}/digits/{number}"] = Prompt("queue.number", grammar(language).number(number), language)
    return found
