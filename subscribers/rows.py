"""Rows of a list into subscribers, each fault told with its line, column and reason."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from outages import values
from outages.area_search import AreaSearch, UnknownPlace
from outages.keys import folded
from outages.models import Area
from outages.parsed import RowError
from outages.tables import Record, UnreadableFile
from outages.values import Unreadable, shown
from subscribers.check_digit import Scheme, valid
from subscribers.consent import Channel
from subscribers.facts import GivenConsent, SubscriberFacts
from subscribers.keys import plain_number
from subscribers.phones import e164

T = TypeVar("T")
SHORTEST, LONGEST = 4, 15
"""Digits of a subscriber's number."""
LONGEST_SHOWN = 20
MOST_PHONES = 8
LONGEST_TEXT = {"name": 160, "address": 400, "meter_point": 60}
COLUMNS = {
    "number": "aboneno abonenumarasi abonenum tesisatno tesisatnumarasi sozlesmeno numara subscribernumber number",
    "name": "adsoyad adisoyadi adisoyadiunvan aboneadi unvan ad adi isim name fullname firstname",
    "surname": "soyad soyadi surname lastname",
    "phones": "telefon telefonlar telefonno tel cep ceptel ceptelefonu gsm phone phones mobile",
    "district": "ilce ilceadi district",
    "neighbourhood": "mahalle mahalleadi neighbourhood neighborhood",
    "address": "adres acikadres address",
    "meter_point": "sayac sayacno sayacnumarasi tuketimnoktasi meter meterno meterpoint",
    "language": "dil language",
    "sms": "smsizni izinsms smsconsent",
    "call": "aramaizni izinarama callconsent",
    "agreed": "izintarihi consenttime consentedat",
}
"""Names that a column may have, folded. Telephones may stand in several columns: `telefon 1`, `telefon 2`."""
_FIELDS = {name: column for column, names in COLUMNS.items() for name in names.split()}
_TEXTS = ("name", "address", "meter_point")
_YES = {"evet", "e", "var", "1", "true", "yes", "x"}
_NO = {"hayir", "h", "yok", "0", "false", "no", ""}
_LANGUAGES = {"tr": "tr", "turkce": "tr", "turkish": "tr", "en": "en", "ingilizce": "en", "english": "en"}
_DAY = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BETWEEN = str.maketrans(",/|\n", ";;;;")


class Reader:
    """Reads one record after another; places are looked up once for each way of writing them."""

    def __init__(self, areas: Iterable[Area], *, scheme: Scheme = "none", zone: ZoneInfo) -> None:
        self._search = AreaSearch(areas)
        self._places: dict[tuple[str, str], int | UnknownPlace] = {}
        self._scheme: Scheme = scheme
        self._zone = zone
        self._layout = _Layout({})

    def read(self, record: Record) -> SubscriberFacts | tuple[RowError, ...]:
        if self._layout.columns is not record.columns:
            self._layout = _Layout(record.columns)
        return _Row(record, self._layout, self._area, self._scheme, self._zone).read()

    def _area(self, district: str, name: str) -> int:
        """Raises UnknownPlace."""
        if (district, name) not in self._places:
            try:
                self._places[district, name] = self._search.find(district or None, name or None).id
            except UnknownPlace as unknown:
                self._places[district, name] = unknown
        found = self._places[district, name]
        if isinstance(found, UnknownPlace):
            raise found
        return found


def check_columns(record: Record) -> None:
    """Raises UnreadableFile where the list cannot be one of subscribers."""
    known = {field_of(key) for key in record.columns}
    if "number" not in known:
        raise UnreadableFile(
            "The first line lacks the column abone no: see docs/subscribers.md for the names it may have.",
            "İlk satırda abone no sütunu yok. Alabileceği adlar docs/subscribers.md dosyasındadır.",
        )


def written_number(record: Record) -> str:
    """As it stands in the list, also where it is none."""
    return next((str(value)[:LONGEST_SHOWN] for key, value in record.values.items() if field_of(key) == "number"), "")


def field_of(column: str) -> str | None:
    """Which field a column holds; `telefon2` and `phone3` are telephones too."""
    return _FIELDS.get(column) or _FIELDS.get(column.rstrip("0123456789"))


class _Layout:
    """Where the fields stand in a list: found out once for all of its rows."""

    def __init__(self, columns: dict[str, str]) -> None:
        self.columns = columns
        self.keys: dict[str, list[str]] = {}
        """Of each field's columns."""
        self.written: dict[str, str] = {}
        for key, written in columns.items():
            if field := field_of(key):
                self.written.setdefault(field, written)
                self.keys.setdefault(field, []).append(key)
        told = {field for field in ("name", "phones", "address", "meter_point", "language") if field in self.written}
        placed = {"area_id"} if {"district", "neighbourhood"} & self.written.keys() else set()
        self.told = frozenset(told | placed)


class _Row:
    def __init__(
        self, record: Record, layout: _Layout, area: Callable[[str, str], int], scheme: Scheme, zone: ZoneInfo
    ) -> None:
        self._record, self._layout, self._area, self._scheme, self._zone = record, layout, area, scheme, zone
        self._errors: list[RowError] = []

    def read(self) -> SubscriberFacts | tuple[RowError, ...]:
        number = self._try("number", self._number) or ""
        texts = {name: self._try(name, lambda name=name: self._text(name)) for name in _TEXTS}  # type: ignore[misc]
        facts = SubscriberFacts(
            number,
            phones=self._try("phones", self._phones) or (),
            area_id=self._try("district", self._place),
            language=self._try("language", self._language) or "tr",
            consents=self._try("sms", self._consents) or (),
            told=self._layout.told,
            line=self._record.line,
            **texts,
        )
        return tuple(self._errors) or facts

    def _try(self, field: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Unreadable as unread:
            column, reason, turkish = self._layout.written.get(field, ""), str(unread), unread.turkish
        except UnknownPlace as unknown:
            column, reason, turkish = unknown.column, unknown.message, unknown.turkish or unknown.message
        self._errors.append(RowError(self._record.line, column, reason, turkish))
        return None

    def _each(self, field: str) -> Iterator[Any]:
        values = self._record.values
        return (values[key] for key in self._layout.keys.get(field, ()) if key in values)

    def _one(self, field: str) -> str:
        value = next(self._each(field), "")
        return value if isinstance(value, str) else str(value)

    def _number(self) -> str:
        written = self._one("number")
        digits = plain_number(written)
        fits = digits.isascii() and digits.isdecimal() and SHORTEST <= len(digits) <= LONGEST
        if not fits or not digits.strip("0"):
            raise Unreadable(
                f"{shown(written)} is no subscriber number: it has {SHORTEST} to {LONGEST} digits",
                f"{shown(written)} bir abone numarası değil; {SHORTEST}–{LONGEST} rakam olmalı.",
            )
        if not valid(digits, self._scheme):
            raise Unreadable(
                f"{shown(written)} has a wrong check digit: look at it again",
                f"{shown(written)} numarasının denetim basamağı yanlış; yeniden bakın.",
            )
        return digits

    def _text(self, field: str) -> str | None:
        words = [self._one(field), self._one("surname")] if field == "name" else [self._one(field)]
        text = values.free_text(" ".join(filter(None, words)))
        if len(text) > LONGEST_TEXT[field]:
            raise Unreadable(
                f"longer than {LONGEST_TEXT[field]} characters: shorten it",
                f"{LONGEST_TEXT[field]} karakterden uzun; kısaltın.",
            )
        return text or None

    def _phones(self) -> tuple[str, ...]:
        written = [each for value in self._each("phones") for each in str(value).translate(_BETWEEN).split(";")]
        found = dict.fromkeys(_e164(each) for each in written if each.strip())
        if len(found) > MOST_PHONES:
            raise Unreadable(f"more than {MOST_PHONES} telephones", f"{MOST_PHONES} telefondan çok.")
        return tuple(sorted(found))

    def _place(self) -> int | None:
        district, name = self._one("district"), self._one("neighbourhood")
        return self._area(district, name) if district or name else None

    def _language(self) -> str:
        said = _said(self._one("language"))
        if said and said not in _LANGUAGES:
            raise Unreadable(f"{shown(said)} is no language: write tr or en", f"{shown(said)} dil değil; tr ya da en.")
        return _LANGUAGES.get(said, "tr")

    def _consents(self) -> tuple[GivenConsent, ...]:
        at = self._agreed()
        told: list[GivenConsent] = []
        channels: tuple[Channel, ...] = ("sms", "call")
        for channel in channels:
            said = _said(self._one(channel))
            if said in _YES:
                told.append(GivenConsent(channel, "outages", True, at))
            elif said not in _NO:
                raise Unreadable(f"{shown(said)}: write evet or hayır", f"{shown(said)}: evet ya da hayır yazın.")
            elif said:
                told.append(GivenConsent(channel, "outages", False, at))
        return tuple(told)

    def _agreed(self) -> datetime | None:
        """A day without an hour is its beginning: whatever was said to us on that day counts more."""
        value = next(self._each("agreed"), None)
        if isinstance(value, str) and _DAY.fullmatch(value):
            value = f"{value} 00:00"
        return values.moment(value, self._zone) if value is not None else None


@lru_cache(256)
def _said(written: str) -> str:
    """Answers are the same few words in all rows."""
    return folded(written)


def _e164(written: str) -> str:
    found = e164(written)
    if found is None:
        raise Unreadable(
            f"{shown(written.strip())} is no telephone number: write 0532 123 45 67",
            f"{shown(written.strip())} bir telefon numarası değil; 0532 123 45 67 gibi yazın.",
        )
    return found
