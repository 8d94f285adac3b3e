"""One thing that can be said, ready for an engine."""

import hashlib
from dataclasses import dataclass, replace
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
        return hashlib.blake2b(f"{self.language}\0{self.pace}\0{self.text}".encode(), digest_size=12).hexdigest()
