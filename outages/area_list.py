"""A utility's own list of areas, from a spreadsheet."""

from pathlib import Path
from typing import Any

from outages.board import AreaKind
from outages.errors import OutageError
from outages.names import match_key, tidy
from outages.seeds import AreaSeed, seed
from outages.tables import bytes_of, column_key, read_table
from outages.values import Unreadable, whole

_NAMES = {
    "district": "ilce ilceadi district",
    "name": "mahalle mahalleadi ad neighbourhood neighborhood name",
    "kind": "tur tip kind type",
    "spoken": "okunus soylenis spoken",
    "number": "no numara number",
    "population": "nufus population",
    "formerly": "eskiad eskiadi formerly",
    "merged_into": "birlestigi birlestigimahalle mergedinto",
}
_COLUMNS = {name: column for column, names in _NAMES.items() for name in names.split()}
_KINDS: dict[str, AreaKind] = {
    **dict.fromkeys(("ilce", "district"), "district"),
    **dict.fromkeys(("", "mahalle", "koy", "neighbourhood", "neighborhood", "village"), "neighbourhood"),
    **dict.fromkeys(("osb", "sanayi", "sanayibolgesi", "serbestbolge", "industrialzone"), "industrial_zone"),
}


class BadAreaList(OutageError):
    code = "bad_area_list"


def read_areas_csv(source: Path | bytes) -> list[AreaSeed]:
    """A utility's own list, CSV or XLSX, one row for each area; raises BadAreaList with every fault it holds.

    Districts need no row of their own. A number of 0 is given when the list is applied.
    """
    faults: list[str] = []
    seeds: dict[str | tuple[str, int], AreaSeed] = {}
    for record in read_table(bytes_of(source)):
        try:
            area = _listed({_COLUMNS[k]: v for k, v in record.values.items() if k in _COLUMNS})
        except Unreadable as unreadable:
            faults.append(f"line {record.line}: {unreadable}")
            continue
        if area.district is None:
            seeds[match_key(area.name)] = area
        else:
            seeds.setdefault(match_key(area.district), seed("district", area.district, None))
            seeds[area.name, record.line] = area
    if faults:
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise BadAreaList(f"The list of areas has faults, nothing was taken: {'; '.join(faults[:5])}{more}.")
    return list(seeds.values())


def _listed(known: dict[str, Any]) -> AreaSeed:
    if "district" not in known:
        raise Unreadable("names no district (ilçe)", "İlçe yazılmamış.")
    written = {column: " ".join(str(value).split()) for column, value in known.items()}
    if any(len(text) > 100 for text in written.values()):
        raise Unreadable("holds a text longer than 100 characters", "100 karakterden uzun bir metin var.")
    district, name = tidy(written["district"]), written.get("name")
    kind = _KINDS.get(column_key(written.get("kind", "")) or ("" if name else "ilce"))
    if kind is None or (kind == "district") != (name is None):
        raise Unreadable(
            f"{written.get('kind')!r} does not fit: write mahalle or osb, or ilçe and no mahalle",
            f"{written.get('kind')!r} uymuyor; mahalle ya da osb, ya da mahallesiz ilçe yazın.",
        )
    if name and kind == "neighbourhood" and match_key(name).endswith("osb"):
        kind = "industrial_zone"
    shown = district if name is None else name if kind == "industrial_zone" else tidy(name)
    if not match_key(shown):
        raise Unreadable(f"{shown!r} is no name", f"{shown!r} bir ad değil.")
    return seed(
        kind,
        shown,
        None if name is None else district,
        spoken=written.get("spoken"),
        number=whole(known["number"]) if "number" in known else 0,
        population=whole(known["population"]) if "population" in known else None,
        formerly=written.get("formerly"),
        merged_into=written.get("merged_into"),
    )
