"""Rows of a table or feed into what an outage needs, each fault told with its line, column and reason."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from outages import values
from outages.feed import read_feed
from outages.names import LONGEST, match_key
from outages.parsed import ImportRow, ParsedRows, Place, RowError
from outages.tables import Record, UnreadableFile, bytes_of, read_table
from outages.values import Unreadable

__all__ = ["COLUMNS", "ISTANBUL", "ImportRow", "ParsedRows", "Place", "RowError", "read_outages", "read_place_ids"]

T = TypeVar("T")

ISTANBUL = ZoneInfo("Europe/Istanbul")
COLUMNS = {
    "external_id": "arizaid kesintiid id externalid arizano kesintino no numara",
    "district": "ilceadi ilce district",
    "neighbourhoods": "mahalleler mahalleadi mahalle neighbourhoods neighbourhood neighborhoods neighborhood areas",
    "area_ids": "mahalleid mahalleidler mahalleidleri areaids",
    "streets": "sokaklar sokak cadde caddesokak streets street",
    "kind": "tip tur kesintituru kesintitipi kind type",
    "state": "arizadurumu durum durumu state status",
    "cause": "neden arizanedeni kesintinedeni sebep cause reason",
    "starts": "kesintitarihi baslangic baslangictarihi baslama kesintibaslangici starts start",
    "expected_end": "ongoru ongorulenbitis tahminibitis tahminibitistarihi bitis bitistarihi expectedend end estimate",
    "ended": "arizagiderilmetarihi giderilmetarihi giderilme gerceklesenbitis suverildi ended restored",
    "updated": "guncellemetarihi guncelleme updated",
    "subscribers": "aboneler abone abonesayisi etkilenenabone etkilenenabonesayisi subscribers affectedsubscribers",
    "tanker_points": "tankernoktalari tanker sutankeri tankerpoints watertankers",
    "announcement": "duyuru aciklama not announcement note",
    "announcement_en": "duyuruingilizce ingilizceduyuru announcementen",
}
"""Names that a column may have, folded; where a file has several of them, the first here counts."""
_FIELDS = {name: column for column, names in COLUMNS.items() for name in names.split()}
_ALL = {"", "tumu", "tum", "hepsi", "tumilce", "ilcegeneli", "ilcenintumu", "all", "tummahalleler"}
_BETWEEN = re.compile(r"\s*[,;|/\n]\s*")


def read_outages(
    source: Path | bytes,
    filename: str | None = None,
    *,
    place_ids: Mapping[str, Place] | None = None,
    zone: ZoneInfo = ISTANBUL,
) -> ParsedRows:
    """Outages of a CSV, XLSX or JSON file, with every fault of every row. Raises UnreadableFile for the whole file.

    `place_ids` tells which neighbourhood a `MahalleID` of the feed means, see `read_place_ids`.
    """
    data = bytes_of(source)
    read = read_feed if _is_json(data, filename) else _table
    reader = _Reader(place_ids or {}, zone)
    return _once(reader.read(record) for record in read(data))


def read_place_ids(source: Path | bytes) -> dict[str, Place]:
    """The utility's own numbers of neighbourhoods, from a table with the columns id, ilçe, mahalle."""
    places = {}
    for record in read_table(bytes_of(source)):
        known = _known(record)
        number = record.values.get("id", record.values.get("mahalleid"))
        if number is None or "district" not in known:
            raise UnreadableFile(
                f"Line {record.line} of the list of ids lacks its id or ilçe: give id, ilçe, mahalle.",
                f"Numara listesinin {record.line}. satırında id ya da ilçe eksik; id, ilçe, mahalle yazın.",
            )
        name = known.get("neighbourhoods")
        places[str(number)] = Place(str(known["district"]), str(name) if name is not None else None)
    return places


def _table(data: bytes) -> list[Record]:
    records = read_table(data)
    columns = {_FIELDS[key] for record in records[:1] for key in record.columns if key in _FIELDS}
    lacking = [name for name, shown in _NEEDED.items() if records and name not in columns]
    if lacking:
        names = ", ".join(_NEEDED[name] for name in lacking)
        raise UnreadableFile(
            f"The first line lacks the column {names}: see docs/import.md for the names it may have.",
            f"İlk satırda şu sütun eksik: {names}. Alabileceği adlar docs/import.md dosyasındadır.",
        )
    return records


_NEEDED = {"district": "ilçe", "starts": "başlangıç"}


class _Reader:
    """Reads one record after another; collects what is wrong with it rather than stopping at the first fault."""

    def __init__(self, place_ids: Mapping[str, Place], zone: ZoneInfo) -> None:
        self._place_ids, self._zone = place_ids, zone
        self._errors: list[RowError] = []
        self._record = Record(0, {}, {})

    def read(self, record: Record) -> ImportRow | list[RowError]:
        self._record, self._errors = record, []
        known = _known(record)
        if "#" in record.values:
            self._fault(
                "",
                f"has {record.values['#']} values, more than the header has columns: quote texts with commas",
                f"Satırda {record.values['#']} değer var, başlıkta bu kadar sütun yok; virgüllü metni tırnağa alın.",
            )
        row = self._row(known)
        return self._errors if row is None or self._errors else row

    def _row(self, known: dict[str, Any]) -> ImportRow | None:
        start = self._value(known, "starts", lambda value: values.moment(value, self._zone), needed=True)
        end = self._value(known, "expected_end", lambda value: values.moment(value, self._zone, after=start))
        ended = self._value(known, "ended", lambda value: values.moment(value, self._zone, after=start))
        updated = self._value(known, "updated", lambda value: values.moment(value, self._zone))
        kind = self._value(known, "kind", values.kind)
        state = self._value(known, "state", values.state) or ("restored" if ended else "open")
        subscribers = self._value(known, "subscribers", values.whole)
        streets = _free(known.get("streets"))
        places = tuple(replace(place, streets=streets) for place in self._places(known))
        if ended and state == "open":
            self._fault(
                "ended",
                "tells when the water came back, though the state is still open",
                "Suyun verildiği saat yazılmış ama durum hâlâ sürüyor.",
            )
        if start is None or not places:
            return None
        return ImportRow(
            line=self._record.line,
            external_id=_external_id(known.get("external_id"), kind, places, start),
            kind=kind,
            cause=values.cause(known.get("cause")),
            state=state,
            places=places,
            starts=start,
            expected_end=end,
            ended=ended,
            updated=updated,
            subscribers=subscribers,
            tanker_points=_free(known.get("tanker_points")),
            announcement=_announcement(known),
        )

    def _value(self, known: dict[str, Any], column: str, read: Callable[[Any], T], needed: bool = False) -> T | None:
        if column not in known:
            if needed:
                self._fault(column, "is empty", "Boş bırakılmış.")
            return None
        try:
            return read(known[column])
        except Unreadable as unreadable:
            self._fault(column, str(unreadable), unreadable.turkish)
            return None

    def _places(self, known: dict[str, Any]) -> tuple[Place, ...]:
        district = str(known["district"]) if known.get("district") is not None else None
        names = known.get("neighbourhoods")
        if names is None and "area_ids" in known:
            return self._by_id(district, known["area_ids"])
        listed = names if isinstance(names, list) else _BETWEEN.split(str(names or ""))
        wanted = [str(name) for name in listed if match_key(str(name)) not in _ALL]
        if any(len(name) > LONGEST for name in (district or "", *wanted)):
            self._fault(
                "neighbourhoods",
                f"holds a name longer than {LONGEST} characters",
                f"{LONGEST} karakterden uzun bir ad var.",
            )
            return ()
        if not wanted and district is None:
            self._fault("district", "names neither a district nor a neighbourhood", "Ne ilçe ne mahalle yazılmış.")
            return ()
        return tuple(Place(district, name) for name in wanted) or (Place(district, None),)

    def _by_id(self, district: str | None, ids: Any) -> tuple[Place, ...]:
        places = []
        for one in ids if isinstance(ids, list) else _BETWEEN.split(str(ids)):
            place = self._place_ids.get(str(one))
            if place is None and not re.fullmatch(r"\d+", str(one)):
                place = Place(district, str(one))
            if place is None:
                self._fault(
                    "area_ids",
                    f"the neighbourhood number {values.shown(one)} is unknown: give a list of ids (id, ilçe, mahalle) "
                    "or the names in Mahalleler",
                    f"{values.shown(one)} numaralı mahalle bilinmiyor; numara listesini (id, ilçe, mahalle) verin "
                    "ya da adları Mahalleler sütununa yazın.",
                )
                continue
            places.append(place)
        return tuple(places) if places or self._errors else (Place(district, None),)

    def _fault(self, column: str, reason: str, turkish: str) -> None:
        written = next((name for key, name in self._record.columns.items() if _FIELDS.get(key) == column), column)
        self._errors.append(RowError(self._record.line, written, reason, turkish))


def _once(read: Iterable[ImportRow | list[RowError]]) -> ParsedRows:
    """Rows of one outage, told apart only by their places, become one; contradicting ones are faults."""
    rows: dict[str, ImportRow] = {}
    errors: list[RowError] = []
    for row in read:
        if isinstance(row, list):
            errors += row
            continue
        known = rows.setdefault(row.external_id, row)
        if replace(row, line=known.line, places=known.places) != known:
            errors.append(_contradiction(row.line, known.line))
        rows[row.external_id] = replace(known, places=tuple(dict.fromkeys((*known.places, *row.places))))
    return ParsedRows(tuple(rows.values()), tuple(sorted(errors, key=lambda error: error.line)))


def _contradiction(line: int, other: int) -> RowError:
    return RowError(
        line,
        "",
        f"tells another story than line {other} with the same number",
        f"Aynı numaralı {other}. satırdan farklı şeyler söylüyor.",
    )


def _known(record: Record) -> dict[str, Any]:
    return {_FIELDS[name]: record.values[name] for name in reversed(_FIELDS) if name in record.values}


def _external_id(given: Any, kind: str | None, places: tuple[Place, ...], start: datetime) -> str:
    """The source's number; without one, a digest of what the outage is, so that a re-run finds it again."""
    if given is not None:
        return values.unguarded(str(given))[:LONGEST]
    named = sorted(f"{match_key(place.district or '')}/{match_key(place.name or '')}" for place in places)
    told = "|".join([kind or "", start.isoformat(), *named])
    return f"row-{hashlib.blake2b(told.encode(), digest_size=8).hexdigest()}"


def _announcement(known: dict[str, Any]) -> dict[str, str]:
    texts = {"tr": _free(known.get("announcement")), "en": _free(known.get("announcement_en"))}
    return {language: text for language, text in texts.items() if text}


def _free(value: Any) -> str | None:
    return (values.free_text(value) or None) if value is not None else None


def _is_json(data: bytes, filename: str | None) -> bool:
    return bool(filename and filename.lower().endswith(".json")) or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
        b"[",
        b"{",
    )
