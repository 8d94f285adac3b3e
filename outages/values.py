"""Dates, kinds and causes as Turkish offices write them, into what an outage holds."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from outages.board import OutageKind
from outages.keys import folded
from outages.life import Cause

State = Literal["open", "restored", "cancelled"]

_KINDS: dict[OutageKind, str] = {
    "planned": "planli, planli kesinti, planli calisma, planli bakim, bakim, planned",
    "fault": "ariza, plansiz, plansiz kesinti, ariza kesintisi, fault, unplanned",
}
_STATES: dict[State, str] = {
    "open": "acik, aktif, devam ediyor, devam eden, suruyor, calisiliyor, basladi, planlandi, planli, bekliyor,"
    " baslayacak, active, open, ongoing, scheduled, planned",
    "restored": "giderildi, ariza giderildi, tamamlandi, bitti, kapandi, kapali, sonlandi, su verildi, restored,"
    " closed, done, ended, resolved",
    "cancelled": "iptal, iptal edildi, cancelled, canceled",
}
KINDS = {name: kind for kind, names in _KINDS.items() for name in names.split(", ")}
STATES = {name: state for state, names in _STATES.items() for name in names.split(", ")}
_CAUSES: tuple[tuple[Cause, str], ...] = (
    (Cause.main_burst, "ana hat, ana boru, isale hatti, main burst, transmission"),
    (Cause.pipe_burst, "boru pat, patlak, patlama, pipe burst, burst"),
    (Cause.power_cut, "elektrik, enerji, power"),
    (Cause.pump_fault, "pompa, terfi, pump"),
    (Cause.treatment_plant, "aritma, treatment"),
    (Cause.tank_cleaning, "depo temiz, tank clean"),
    (Cause.new_connection, "yeni hat, baglanti, hat deplase, new connection"),
    (Cause.renewal, "yenileme, degisim, renewal, replacement"),
    (Cause.damage_by_others, "ucuncu, 3 kisi, hasar, damage"),
    (Cause.drought, "kurak, su kayna, drought"),
    (Cause.flood, "sel , taskin, flood"),
    (Cause.weather, "hava, don , firtina, weather, frost"),
    (Cause.quality, "kalite, bulanik, quality"),
    (Cause.maintenance, "bakim, maintenance"),
    (Cause.network_fault, "sebeke ari, ariza, network fault"),
)
MONTHS = ("oca", "sub", "mar", "nis", "may", "haz", "tem", "agu", "eyl", "eki", "kas", "ara")
_TURKISH = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ ,T]+(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?)?$")
_WORDED = re.compile(r"^(\d{1,2}) ([^\W\d]+) (\d{4})(?: [^\W\d]+)?(?:,? (?:saat )?(\d{1,2})[:.](\d{2}))?$", re.I)
_CLOCK = re.compile(r"^(?:saat )?(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?$", re.I)
_SPAN = re.compile(r"^(\d{1,3})(?: (5))? ?(saat|sa|hours?|h|dakika|dk|minutes?|min|gun|days?)$")
_FORMULA = tuple("=+-@|%\t\r'")
"""Signs with which spreadsheet programs begin to calculate, or hide one."""
_ASP_NET = re.compile(r"^/Date\((\d{9,14})(?:[+-]\d{4})?\)/$")
_WRITE = "write it as 25.11.2026 09:00 or 2026-11-25T09:00"
_YAZ = "25.11.2026 09:00 ya da 2026-11-25T09:00 gibi yazın"


class Unreadable(ValueError):
    """A value that cannot be understood; the text is the reason told to the operator, `turkish` the same in Turkish."""

    def __init__(self, reason: str, turkish: str) -> None:
        super().__init__(reason)
        self.turkish = turkish


def moment(value: Any, zone: ZoneInfo, *, after: datetime | None = None) -> datetime:
    """An aware time in UTC. Times without a zone are local. With `after`, "17:00" and "3 saat" count from it."""
    found = _moment(value, zone, after)
    if found is None:
        raise Unreadable(
            f"{shown(value)} is no date and time: {_WRITE}", f"{shown(value)} tarih ve saat değil; {_YAZ}."
        )
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    if not 2000 <= found.year < 2100:
        raise Unreadable(
            f"{shown(value)} lies in another century: {_WRITE}", f"{shown(value)} başka bir yüzyılda kalıyor; {_YAZ}."
        )
    return found.astimezone(UTC)


def _moment(value: Any, zone: ZoneInfo, after: datetime | None) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        if isinstance(value, time):
            return _next(value, zone, after)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _serial(value)
        return _written(str(value), zone, after)
    except Unreadable:
        raise
    except (ValueError, OverflowError):
        return None


def _written(text: str, zone: ZoneInfo, after: datetime | None) -> datetime | None:
    if found := _TURKISH.match(text):
        day, month, year, hour, minute = found.groups()
        return _on(date(int(year), int(month), int(day)), hour, minute, text)
    if found := _WORDED.match(text):
        day, name, year, hour, minute = found.groups()
        return _on(date(int(year), MONTHS.index(folded(name)[:3]) + 1, int(day)), hour, minute, text)
    if found := _CLOCK.match(text):
        return _next(time(int(found[1]) % 24, int(found[2])), zone, after)
    if after and (lasts := duration(text)) is not None:
        return after + lasts
    if found := _ASP_NET.match(text):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", text):
        return _serial(float(text.replace(",", ".")))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise _no_hour(text)
    return datetime.fromisoformat(text) if re.match(r"\d{4}-\d{2}-\d{2}[T ]", text) else None


def _no_hour(text: str) -> Unreadable:
    return Unreadable(f"{text!r} lacks the hour: {_WRITE}", f"{text!r} yazısında saat eksik; {_YAZ}.")


def _on(day: date, hour: str | None, minute: str | None, text: str) -> datetime:
    if hour is None or minute is None:
        raise _no_hour(text)
    later, hours = divmod(int(hour), 24) if (hour, minute) == ("24", "00") else (0, int(hour))
    return datetime.combine(day, time(hours, int(minute))) + timedelta(days=later)


def _next(clock: time, zone: ZoneInfo, after: datetime | None) -> datetime | None:
    """The first such hour after the start: "17:00" the same day, "02:00" the night that follows."""
    if after is None:
        return None
    local = after.astimezone(zone)
    found = datetime.combine(local.date(), clock, zone)
    return found if found > local else datetime.combine(local.date() + timedelta(days=1), clock, zone)


def duration(text: str) -> timedelta | None:
    """ "3 saat", "2,5 saat", "90 dk", "2 gün"; None for anything else."""
    found = _SPAN.match(folded(text))
    if found is None:
        return None
    amount = float(found[1]) + (0.5 if found[2] else 0)
    unit = found[3]
    if unit.startswith(("saat", "sa", "h")):
        return timedelta(hours=amount)
    return timedelta(days=amount) if unit.startswith(("g", "day")) else timedelta(minutes=amount)


def _serial(value: float) -> datetime | None:
    """Excel's day number; other numbers are no dates."""
    from openpyxl.utils.datetime import from_excel  # see outages.tables

    found = from_excel(value) if 36_000 <= value <= 73_000 else None
    return found.replace(microsecond=0) if isinstance(found, datetime) else None


def kind(value: Any) -> OutageKind:
    found = KINDS.get(folded(str(value)))
    if found is None:
        raise Unreadable(
            f"{shown(value)} is no kind of outage: write planlı or arıza",
            f"{shown(value)} bir kesinti türü değil; planlı ya da arıza yazın.",
        )
    return found


def state(value: Any) -> State:
    found = STATES.get(folded(str(value)))
    if found is None:
        raise Unreadable(
            f"{shown(value)} is no known state: write devam ediyor, giderildi or iptal",
            f"{shown(value)} bilinen bir durum değil; devam ediyor, giderildi ya da iptal yazın.",
        )
    return found


def cause(value: Any) -> Cause | None:
    """From a key of the list of causes, or from a sentence that names one; the first that fits."""
    text = str(value or "").strip()
    if text in Cause.__members__:
        return Cause(text)
    said = f" {folded(text)} "
    return next((key for key, signs in _CAUSES if any(f" {sign}" in said for sign in signs.split(", "))), None)


def whole(value: Any) -> int:
    digits = re.sub(r"[.,\s](?=\d{3}\b)", "", str(value))
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,7}", digits):
        raise Unreadable(
            f"{shown(value)} is no count: write a whole number such as 1250",
            f"{shown(value)} bir sayı değil; 1250 gibi bir tam sayı yazın.",
        )
    return int(digits)


def free_text(value: Any) -> str:
    """Text that stays harmless when a spreadsheet opens it again: it never begins as a formula."""
    return unguarded(str(value)).lstrip("=+-@|%\t ").strip()


def harmless(text: str) -> str:
    """The text as it comes back out of a spreadsheet."""
    return free_text(" ".join("".join(c if c.isprintable() else " " for c in text).split()))


def guarded(text: str) -> str:
    """For a cell: what would be a formula, or looks guarded already, gets an apostrophe before it."""
    return f"'{text}" if text[:1] in _FORMULA else text


def unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA and len(text) > 1 else text


def shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
