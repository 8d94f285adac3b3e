"""Every sentence that the line can say, read from one TOML file per language."""

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from prompts.prompt import LANGUAGES, Language, Prompt

FOLDER = Path(__file__).parent / "catalogue"
LONGEST = 400
_SLOT = re.compile(r"\{([a-z][a-z_]*)\}")
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


class CatalogueError(Exception):
    """The catalogue cannot be used as it stands; the message says which file and key, and what to do."""

    code = "catalogue_invalid"


class UnknownPhrase(CatalogueError):
    code = "phrase_unknown"


class MissingSlot(CatalogueError):
    code = "slot_missing"


class UnknownSlot(CatalogueError):
    code = "slot_unknown"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence with `{slots}`, and the file that it came from."""

    text: str
    skippable: bool
    source: Path
    slots: frozenset[str]


Phrases = dict[str, Phrase]


class Catalogue:
    def __init__(self, phrases: dict[Language, Phrases]) -> None:
        self._phrases = phrases
        self._static: dict[tuple[str, Language], Prompt] = {}

    def phrase(self, key: str, language: Language, **slots: str) -> Prompt:
        """The phrase with its slots filled; the values are words already, in the case that the sentence wants."""
        if not slots and (static := self._static.get((key, language))):
            return static
        phrase = self._phrases.get(language, {}).get(key)
        if phrase is None:
            raise UnknownPhrase(f'The catalogue has no phrase "{key}" in {language}; add it to {language}.toml.')
        if missing := phrase.slots - slots.keys():
            raise MissingSlot(f'Phrase "{key}" ({phrase.source}) needs {_listed(missing)}.')
        if unknown := slots.keys() - phrase.slots:
            raise UnknownSlot(f'Phrase "{key}" ({phrase.source}) has no place for {_listed(unknown)}.')
        if not slots:
            return self._static.setdefault((key, language), Prompt(key, phrase.text, language, phrase.skippable))
        text = _SLOT.sub(lambda slot: slots[slot[1]], phrase.text)
        return Prompt(key, text, language, phrase.skippable)

    def statics(self) -> list[Prompt]:
        """Every phrase without slots in every language: what can be rendered before the first call."""
        return [
            self.phrase(key, language)
            for language, phrases in self._phrases.items()
            for key, phrase in phrases.items()
            if not phrase.slots
        ]

    def slots(self, key: str) -> frozenset[str]:
        for phrases in self._phrases.values():
            if key in phrases:
                return phrases[key].slots
        raise UnknownPhrase(f'The catalogue has no phrase "{key}".')

    def keys(self) -> list[str]:
        return sorted({key for phrases in self._phrases.values() for key in phrases})

    def problems(self) -> list[str]:
        """One sentence for each thing that a caller would hear wrongly or not at all."""
        found: list[str] = []
        for key in self.keys():
            spoken = {language: phrases[key] for language, phrases in self._phrases.items() if key in phrases}
            found += [f'"{key}" has no text in {name}; add it.' for name in self._phrases if name not in spoken]
            if len({phrase.slots for phrase in spoken.values()}) > 1:
                uses = "; ".join(f"{name}: {_listed(phrase.slots) or 'none'}" for name, phrase in spoken.items())
                found.append(f'"{key}" has different slots in its languages ({uses}); use the same in each.')
            if len({phrase.skippable for phrase in spoken.values()}) > 1:
                found.append(f'"{key}" can be skipped in one language only; make it the same in each.')
            found += [f'{phrase.source}: "{key}" {flaw}' for phrase in spoken.values() for flaw in _flaws(phrase.text)]
        return found


def load_catalogue(override: Path | None = None, folder: Path = FOLDER) -> Catalogue:
    """All languages of `folder`; an operator's own `override` folder replaces single phrases of it."""
    phrases = {language: _read(folder / f"{language}.toml") for language in LANGUAGES}
    for path in _languages_in(folder) + (_languages_in(override) if override else []):
        if path.stem not in phrases:
            raise CatalogueError(f"{path} is for no known language; {_known()}, or add it to LANGUAGES with a grammar.")
    if override:
        if not override.is_dir():
            raise CatalogueError(f"The folder of your own phrases, {override}, does not exist; create it or unset it.")
        for language, standard in phrases.items():
            own = override / f"{language}.toml"
            if own.exists():
                phrases[language] = standard | _replacements(own, standard)
    return Catalogue(phrases)


def _languages_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _known() -> str:
    return "name it " + " or ".join(f"{language}.toml" for language in LANGUAGES)


def _replacements(path: Path, standard: Phrases) -> Phrases:
    own = _read(path)
    for key, phrase in own.items():
        if key not in standard:
            near = difflib.get_close_matches(key, standard, 1)
            hint = f'did you mean "{near[0]}"?' if near else "remove it."
            raise CatalogueError(f'{path}: "{key}" is no phrase of the line; {hint}')
        if phrase.slots != standard[key].slots:
            needed = _listed(standard[key].slots) or "no slots"
            raise CatalogueError(f'{path}: "{key}" must hold exactly {needed}.')
    return own


def _read(path: Path) -> Phrases:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path} cannot be read ({error}); put a UTF-8 file there.") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path} is not valid TOML: {error}.") from error
    return {key: _phrase(path, key, value) for key, value in table.items()}


def _phrase(path: Path, key: str, value: object) -> Phrase:
    if not _KEY.fullmatch(key):
        raise CatalogueError(f'{path}: write "{key}" as one quoted key such as "menu.main".')
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise CatalogueError(f'{path}: "{key}" must be a text, or a table with text = "…" in it.')
    if unknown := value.keys() - {"text", "skippable"}:
        raise CatalogueError(f'{path}: "{key}" has the unknown setting {", ".join(sorted(unknown))}; remove it.')
    skippable = value.get("skippable", True)
    if not isinstance(skippable, bool):
        raise CatalogueError(f'{path}: "{key}" must have skippable = true or false.')
    text = " ".join(value["text"].split())
    return Phrase(text, skippable, path, frozenset(_SLOT.findall(text)))


def _flaws(text: str) -> list[str]:
    flaws = []
    if not text:
        flaws.append("is empty; write what the caller should hear.")
    if len(text) > LONGEST:
        flaws.append(f"is {len(text)} characters long; at most {LONGEST}, or callers lose the thread.")
    if any(character.isnumeric() for character in text):
        flaws.append("holds a digit; write numbers as words.")
    if set("{}") & set(_SLOT.sub("", text)):
        flaws.append("has a brace that is no {slot}; slots are small letters and underscores.")
    return flaws


def _listed(names: frozenset[str] | set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
