"""What pages say, Turkish and English side by side: one TOML file per page, read once."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, get_args

Language = Literal["tr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Entry = Mapping[str, str]
"""`tr`, `en`, and where English needs it `en_one` for exactly one."""


class TextError(Exception):
    """A text is missing or cannot be filled; a mistake of the program, found by tests."""

    code = "page_text"


class Texts:
    """Texts by key: `board.title` is `title` in `board.toml`."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._entries: dict[str, Entry] = {}
        for folder in folders:
            for file in sorted(folder.glob("*.toml")):
                for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
                    self._entries[f"{file.stem}.{name}"] = entry

    def say(self, key: str, language: Language, **slots: object) -> str:
        """Raises TextError for what does not exist."""
        entry = self._entries.get(key)
        if entry is None:
            raise TextError(f"There is no text {key}: add it to the page's TOML file.")
        text = entry.get("en_one", entry["en"]) if language == "en" and slots.get("n") == 1 else entry[language]
        try:
            return text.format_map(slots) if slots else text
        except KeyError as missing:
            raise TextError(f"The text {key} needs {missing}.") from missing

    def known(self, key: str) -> bool:
        return key in self._entries

    def keys(self) -> list[str]:
        return sorted(self._entries)

    def problems(self) -> list[str]:
        """One sentence for each text that a reader would miss."""
        return [
            f"{key} lacks {language}."
            for key, entry in sorted(self._entries.items())
            for language in LANGUAGES
            if not entry.get(language, "").strip()
        ]
