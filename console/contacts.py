"""Contacts with a citizen in the reader's words."""

from citizens.timeline import Contact
from console.outage_words import Words
from console.ticket_words import names

_SPOKEN = (
    "outcome",
    "reason",
    "category",
    "channel",
    "why",
    "verdict",
    "way",
    "state",
    "purpose",
    "source",
    "how",
    "who",
)


class Told:
    """One contact in the reader's words."""

    def __init__(self, contact: Contact, words: Words) -> None:
        self.at, self.kind, self.about = contact.at, contact.kind, contact.about
        self._words, self._names = words, names(words.language)

    @property
    def ticket(self) -> str | None:
        number: str | None = self.about.get("ticket")
        return number

    @property
    def place(self) -> str:
        area_id = self.about.get("area_id")
        return self._words.area(area_id) if area_id else ""

    @property
    def details(self) -> list[str]:
        """Whatever else is told about it, each in its words."""
        told = [self._say(name, str(value)) for name, value in self.about.items() if value and name in _SPOKEN]
        return [each for each in told if each]

    def _say(self, name: str, value: str) -> str:
        if name == "who":
            return value
        table = {"category": "category", "channel": "channel"}.get(name)
        if table and value in self._names[table]:
            return str(self._names[table][value])
        key = f"subscribers.{name}_{value}"
        return self._words.t(key) if self._words.office.pages.has(key) else value
