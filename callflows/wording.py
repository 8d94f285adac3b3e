"""The words of one language, as the sentences of a conversation want them."""

from dataclasses import dataclass
from datetime import datetime

from callflows.clock import local
from prompts.catalogue import Catalogue, UnknownPhrase
from prompts.grammar import Case, Grammar, grammar
from prompts.prompt import Language, Prompt


@dataclass(frozen=True)
class Wording:
    catalogue: Catalogue
    language: Language

    @property
    def grammar(self) -> Grammar:
        return grammar(self.language)

    def phrase(self, key: str, **slots: str) -> Prompt:
        return self.catalogue.phrase(key, self.language, **slots)

    def known(self, key: str) -> Prompt | None:
        """The phrase, or None without such a key: codes of causes and crews come from other systems."""
        try:
            return self.phrase(key)
        except UnknownPhrase:
            return None

    def moment(self, at: datetime, now: datetime, case: Case = "bare") -> str:
        return self.grammar.moment(local(at), local(now), case)

    def span(self, start: datetime, end: datetime, now: datetime) -> str:
        return self.grammar.span(local(start), local(end), local(now))
