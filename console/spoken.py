"""Free text as callers will hear it: the words, how long they take, and what is doubtful about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.listening import seconds
from console.office import Office
from outages import text_check
from outages.text_check import Finding
from prompts.errors import SpeechError
from prompts.prompt import Language, Prompt


@dataclass(frozen=True, slots=True)
class Spoken:
    language: Language
    words: str
    seconds: float
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    """Why it cannot be spoken at all."""
    guessed: bool = False
    """Whether the length is an estimate."""

    @property
    def sound(self) -> bool:
        return self.problem is None and not any(finding.level == "error" for finding in self.findings)


def estimated(prompts: Sequence[Prompt], language: Language, text: str, most: float) -> Spoken:
    """Without rendering anything, for a text that is still being typed."""
    words = " ".join(prompt.text for prompt in prompts)
    found = tuple(f for f in text_check.findings(text, language, most) if f.level != "note")
    return Spoken(language, words, text_check.seconds(text, language), found, guessed=True)


async def spoken(office: Office, prompts: Sequence[Prompt], language: Language, text: str, most: float) -> Spoken:
    """Rendered on the spot, so that its length is the real one and going on air waits for nothing."""
    words = " ".join(prompt.text for prompt in prompts)
    found = tuple(f for f in text_check.findings(text, language, most) if f.level != "note")
    try:
        return Spoken(language, words, await seconds(office, prompts), found)
    except SpeechError as error:
        return Spoken(language, words, 0.0, found, str(error))
