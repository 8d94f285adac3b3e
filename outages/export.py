"""Outages as CSV or XLSX that the import understands again, and that no spreadsheet program mistakes for formulas."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from outages.life import Cause, Life
from outages.models import Area, Outage
from outages.values import guarded

OWN = "alo185-"
"""Before our own number, where an outage has none of another system."""
HEADER = (
    "Kesinti No", "İlçe", "Mahalleler", "Sokaklar", "Tür", "Durum", "Neden", "Başlangıç", "Tahmini Bitiş",
    "Gerçekleşen Bitiş", "Etkilenen Abone", "Tanker Noktaları", "Duyuru", "Duyuru (İngilizce)",
)  # fmt: skip
CAUSES = {
    Cause.network_fault: "Şebeke arızası",
    Cause.main_burst: "Ana hat patlağı",
    Cause.pipe_burst: "Boru patlağı",
    Cause.power_cut: "Elektrik kesintisi",
    Cause.pump_fault: "Pompa arızası",
    Cause.treatment_plant: "Arıtma tesisi",
    Cause.damage_by_others: "Üçüncü şahıs hasarı",
    Cause.maintenance: "Bakım",
    Cause.renewal: "Şebeke yenileme",
    Cause.new_connection: "Yeni hat bağlantısı",
    Cause.tank_cleaning: "Depo temizliği",
    Cause.drought: "Kuraklık",
    Cause.weather: "Hava koşulları",
    Cause.flood: "Sel",
    Cause.quality: "Su kalitesi",
}
"""As offices write them; the import reads each back as the same cause."""
_STATES = {Life.restored: "giderildi", Life.cancelled: "iptal"}
_KINDS = {"planned": "planlı", "fault": "arıza"}
_WIDTH = 22


def as_csv(outages: Sequence[Outage], areas: Mapping[int, Area], zone: ZoneInfo) -> bytes:
    """UTF-8 with the mark by which Excel knows it, semicolons between."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=";")
    table.writerow(HEADER)
    for row in _rows(outages, areas):
        table.writerow([_written(value, zone) for value in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(outages: Sequence[Outage], areas: Mapping[int, Area], zone: ZoneInfo) -> bytes:
    """Times are times, so that they can be sorted."""
    from openpyxl import Workbook  # see outages.tables

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kesintiler")
    for column in range(len(HEADER)):
        sheet.column_dimensions[chr(ord("A") + column)].width = _WIDTH
    sheet.freeze_panes = "A2"
    sheet.append(HEADER)
    for row in _rows(outages, areas):
        sheet.append([_cell(value, zone) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(outages: Sequence[Outage], areas: Mapping[int, Area]) -> Iterator[list[Any]]:
    """A row for each district of an outage, and for each group of its streets. Drafts are nobody's business yet."""
    for outage in outages:
        if outage.life is not Life.draft:
            for district, names, streets in _places(outage, areas):
                yield _row(outage, district, names, streets)


def _row(outage: Outage, district: str, names: str | None, streets: str | None) -> list[Any]:
    return [
        outage.external_id or f"{OWN}{outage.id}",
        district,
        names,
        streets,
        _KINDS[outage.kind],
        _STATES.get(outage.life, "devam ediyor"),
        CAUSES.get(Cause(outage.cause), outage.cause),
        outage.starts,
        outage.expected_end,
        outage.actual_end,
        outage.subscribers,
        outage.tanker_points,
        outage.announcement_tr,
        outage.announcement_en,
    ]


def _places(outage: Outage, areas: Mapping[int, Area]) -> Iterator[tuple[str, str | None, str | None]]:
    groups: dict[tuple[str, str | None], list[str]] = {}
    for place in outage.places:
        area = areas[place.area_id]
        if area.district_id is None:
            yield area.name, None, place.streets
        else:
            groups.setdefault((areas[area.district_id].name, place.streets), []).append(area.name)
    for (district, streets), names in groups.items():
        yield district, " | ".join(names), streets


def _written(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{local:%d.%m.%Y %H:%M}" if _plain(local) else local.isoformat()
    return guarded(value) if isinstance(value, str) else value


def _cell(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return local.replace(tzinfo=None) if _plain(local) else local.isoformat()
    return guarded(value) if isinstance(value, str) else value


def _plain(local: datetime) -> bool:
    """Whether the minutes of the wall clock say it all: no seconds, and no hour that occurs twice."""
    other = local.replace(fold=1 - local.fold)
    return local.second == local.microsecond == 0 and other.utcoffset() - local.utcoffset() == timedelta()  # type: ignore[operator]
