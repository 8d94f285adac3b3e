"""What a flow asks of a language: values become words, in the case that the sentence wants."""

from datetime import datetime
from functools import cache
from typing import Literal, Protocol

from prompts.prompt import Language

Case = Literal["bare", "dative", "ablative", "locative"]


class Grammar(Protocol):
    """Words only: nothing that comes out of here holds a digit. Cases are ignored where a language has none."""

    def number(self, value: int) -> str: ...

    def count(self, value: int, noun: str) -> str:
        """ "bin iki yüz elli abone"; "1,250 subscribers" in words."""

    def clock(self, hour: int, minute: int = 0, case: Case = "bare") -> str: ...

    def moment(self, at: datetime, now: datetime, case: Case = "bare") -> str:
        """Day and time, both in local time: "bugün saat on yedi", "yarın saat dokuz", "yirmi beş Kasım Çarşamba günü
        saat dokuz"; the case falls on the time: "bugün saat on yedide". Minutes are rounded up to five."""

    def span(self, start: datetime, end: datetime, now: datetime) -> str:
        """ "bugün saat dokuzdan on yediye kadar", "bugün saat yirmi ikiden yarın saat altıya kadar"."""

    def digits(self, digits: str) -> str:
        """Digit by digit in groups that fit the ear, commas between groups."""

    def ticket(self, number: str) -> str:
        """A ticket number such as `26-004217`, in groups."""

    def place(self, name: str, case: Case = "bare") -> str:
        """A name with its suffix and apostrophe: "Dilovası'nda", "Gölcük'te", "Yeni Mahalle'de"."""

    def spoken(self, text: str) -> str:
        """Free text of an operator: abbreviations written out, numbers, hours and dates into words."""


@cache
def grammar(language: Language) -> Grammar:
    from prompts.english import English
    from prompts.turkish import Turkish

    grammars: dict[Language, type[Grammar]] = {"tr": Turkish, "en": English}
    return grammars[language]()
