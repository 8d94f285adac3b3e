"""One thing that can be said, ready for an engine."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

Language = Literal["tr", "en"]
Pace = Literal["normal", "slow"]
LANGUAGES: tuple[Language, ...] = ("tr", "en")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A phrase of the catalogue with its slots filled: words only, no digits that an engine could misread."""

    key: str
    text: str
    language: Language = "tr"
    skippable: bool = True
    pace: Pace = "normal"

    def slower(self) -> "Prompt":
        """The same words at the slow pace that hard-of-hearing callers ask for."""
        return replace(self, pace="slow")

    @property
    def digest(self) -> str:
        """Content address of what is heard: equal words, language and pace share one file."""
        return _digest(self.language, self.pace, self.text)


@lru_cache(4096)  # every call asks for the same ones
def _digest(*heard: str) -> str:
    return hashlib.blake2b("\0".join(heard).encode(), digest_size=12).hexdigest()


def as_text(prompts: Iterable[Prompt]) -> str:
    """To be read: a sentence after one without its full stop, such as a place's name, begins anew.

    So does one after a name in another language, which its comma would lead on in that language only.
    """
    told, before = "", None
    for prompt in prompts:
        begins = prompt.text[:1].isupper()
        if begins and before not in (None, prompt.language) and told.endswith(","):
            told = told[:-1]
        told += (". " if begins and told[-1:].isalnum() else " ") + prompt.text if told else prompt.text
        before = prompt.language
    return told
