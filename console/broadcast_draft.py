"""An emergency broadcast as it is written, before anybody hears it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Form

from callflows.speech import broadcast
from callflows.wording import Wording
from console.office import Office
from outages import time_field
from outages.board import AreaView, Board, BroadcastView
from prompts.prompt import Language, Prompt

Text = Annotated[str, Form(max_length=1500)]


@dataclass(frozen=True, slots=True)
class Draft:
    text_tr: str = ""
    text_en: str = ""
    district_id: int | None = None
    """None: the whole city."""
    until: str = ""
    """The end as it was typed."""
    ends: datetime | None = None
    """The end as it was understood; it stays when the page is confirmed later."""

    @classmethod
    def of_form(
        cls,
        text_tr: Text = "",
        text_en: Text = "",
        district: Annotated[str, Form(max_length=12)] = "",
        until: Annotated[str, Form(max_length=100)] = "",
        ends: Annotated[str, Form(max_length=40)] = "",
    ) -> "Draft":
        """A dependency. A browser's line ends are its own; they are not spoken."""
        number = int(district) if district.isdecimal() else None
        texts = " ".join(text_tr.split()), " ".join(text_en.split())
        return cls(*texts, number, until, _moment(ends))

    @property
    def facts(self) -> tuple[object, ...]:
        """All that callers would notice."""
        return self.text_tr, self.text_en, self.district_id, self.ends.timestamp() if self.ends else None

    def text(self, language: Language) -> str:
        """What callers of that language hear; Turkish where there is no other."""
        return (self.text_en if language == "en" else "") or self.text_tr

    def language(self, language: Language) -> Language:
        return language if language == "tr" or self.text_en else "tr"

    def ended(self, office: Office) -> "Draft":
        """With its end understood."""
        return replace(self, ends=end_of(self.until, office))


def end_of(text: str, office: Office) -> datetime:
    """From "bugün 18:00", "3 saat" or "yarın 08:00"; raises UnclearTime."""
    span = time_field.parse(text, office.now(), office.pages.zone)
    return span.expected_end or span.starts


def heard_of(office: Office, draft: Draft, language: Language) -> list[Prompt]:
    """What callers of that language hear before everything else."""
    texts = {"tr": draft.text_tr} | ({"en": draft.text_en} if draft.text_en else {})
    view = BroadcastView(0, texts, draft.district_id, draft.ends or office.now())
    return broadcast(view, Wording(office.catalogue, language))


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears it: a district, or with None the whole city."""

    district: AreaView | None
    areas: int
    population: int


def hearers(board: Board, district_id: int | None) -> Hearers:
    district = board.areas.get(district_id) if district_id else None
    districts = [district] if district else list(board.districts)
    inside = [area for each in districts for area in board.within(each.id)]
    known = sum(each.population or sum(a.population or 0 for a in board.within(each.id)) for each in districts)
    return Hearers(district, len(inside), known)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
