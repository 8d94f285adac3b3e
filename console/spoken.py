"""Free text as callers will hear it: the words, how long they take, what is doubtful about them, and the sound."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.listening import PATH, address, total_seconds
from console.office import Office
from outages import text_check
from outages.text_check import Finding
from people.signin import Person
from prompts.errors import SpeechError
from prompts.prompt import Language, Prompt, as_text


@dataclass(frozen=True, slots=True)
class Spoken:
    language: Language
    words: str
    seconds: float
    sound: str
    """Address."""
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    """Why it cannot be spoken at all."""
    guessed: bool = False
    """Whether the length is an estimate."""

    @property
    def fit(self) -> bool:
        """Whether it may go on air."""
        return self.problem is None and not any(finding.level == "error" for finding in self.findings)


async def spoken(
    office: Office, person: Person, prompts: Sequence[Prompt], language: Language, text: str, most: float
) -> Spoken:
    """Rendered on the spot, so that its length is the real one and going on air waits for nothing."""
    said, found = as_text(prompts), _findings(text, language, most)
    try:
        await office.library.prepare(prompts)
    except SpeechError as error:
        return Spoken(language, said, 0.0, "", found, str(error))
    length = total_seconds(office.library, prompts) or 0.0
    return Spoken(language, said, length, sound_of(office, person, prompts), found)


def estimated(
    office: Office, person: Person, prompts: Sequence[Prompt], language: Language, text: str, most: float
) -> Spoken:
    """Without rendering anything, for a text that is still being typed."""
    sound, found = sound_of(office, person, prompts), _findings(text, language, most)
    return Spoken(language, as_text(prompts), text_check.seconds(text, language), sound, found, guessed=True)


def sound_of(office: Office, person: Person, prompts: Sequence[Prompt]) -> str:
    """The address of what callers hear."""
    return f"{PATH}?{address(person, prompts, office.now())}"


def _findings(text: str, language: Language, most: float) -> tuple[Finding, ...]:
    """Without notes: how it is spoken stands beside them anyway."""
    return tuple(found for found in text_check.findings(text, language, most) if found.level != "note")
