"""The one field in which operators write when the water is off: "bugün 14-18", "yarın 22-04", "şimdi +3 saat"."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outages.time_words import UnclearTime, day_of, has_weekday, plain
from outages.values import duration

__all__ = ["Span", "UnclearTime", "parse", "shown"]

LONGEST = 100
_KEPT = re.compile(r"@([pm])(\d\d):(\d\d)")
_FROM = re.compile(r"(\d)\s?'?(?:den|dan|ten|tan)(?: itibaren$)")
_BETWEEN = re.compile(r"(\d)\s?'?(?:den|dan|ten|tan)\b")
_SUFFIX = re.compile(r"(\d)'(?:y?[aeiu]|n?[aeiu]|d[ae]|t[ae])\b")
_SPLIT = re.compile(r"\s*-\s*|\s+(?:to|until|till|ile|and)\s+")
_CLOCK = re.compile(
    r"(?<![\d.:])(?:(?:saat|at)\s?)?(\d{1,2})(?:[:.](\d{2}))?(?:\s?([ap])\.?m\.?)?(?:\s?@([pm])(\d\d):(\d\d))?$"
)
_LASTS = re.compile(
    r"^(?P<start>.*?)\s*\+?\s*(?<![\d.,:])"
    r"(?P<first>\d{1,3}(?:[.,]5)?\s?(?:saat|sa|hours?|h|dakika|dk|minutes?|min|gun|days?))"
    r"(?:\s(?P<second>\d{1,3}\s?(?:dakika|dk|minutes?|min)))?$"
)
_NOW = {"simdi", "su an", "now", ""}


@dataclass(frozen=True, slots=True)
class Span:
    """Aware, in UTC."""

    starts: datetime
    expected_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Side:
    """One end of a span as written."""

    day: str
    clock: time | None
    later: int = 0
    """Days by which 24:00 is past its day."""
    offset: timedelta | None = None
    """From UTC, where an hour occurs twice."""
    is_now: bool = False


def parse(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """When the water goes and when it is expected back. Raises UnclearTime, whose sentence says what to write."""
    return _Reader(now, zone).read(_normal(text))


def shown(span: Span, now: datetime, zone: ZoneInfo, language: str = "tr") -> str:
    """The span as an operator would write it: to be read, changed and understood again as the same minutes."""
    start = span.starts.astimezone(zone)
    day = _day_shown(start.date(), now.astimezone(zone).date(), language)
    begun = f"{day} {_clock_shown(start)}"
    if span.expected_end is None:
        return begun
    end = span.expected_end.astimezone(zone)
    same_day = end.date() == start.date() and end.time() > start.time()
    overnight = end.date() == start.date() + timedelta(days=1) and end.time() < start.time()
    if same_day or overnight:
        return f"{begun}-{_clock_shown(end)}"
    return f"{begun} - {_day_shown(end.date(), now.astimezone(zone).date(), language)} {_clock_shown(end)}"


class _Reader:
    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self._zone = zone
        self._now = now.astimezone(zone).replace(second=0, microsecond=0)

    def read(self, text: str) -> Span:
        if until := re.fullmatch(r"(?:until|till|by) (.+)|(.+?) kadar", text):
            if len(_SPLIT.split(until[1] or until[2])) == 1:
                return self._until(_side(until[1] or until[2]))
            text = until[1] or until[2]
        if lasts := _LASTS.match(text):
            length = (duration(lasts["first"]) or timedelta()) + (duration(lasts["second"] or "") or timedelta())
            start = self._start(_side(lasts["start"]), None)
            if not length:
                raise _wrong_order()
            return Span(start, start + length)
        sides = [_side(part) for part in _SPLIT.split(text)]
        if len(sides) > 2:
            raise _unclear(text)
        start = self._start(sides[0], sides[1] if len(sides) > 1 else None)
        if len(sides) == 1:
            return Span(start)
        end = self._end(sides[1], start)
        if not (sides[0].day or sides[0].is_now) and end <= self._now:
            written = text.replace(" ", "")
            raise UnclearTime(
                f"Bu saatler bugün için geçti; “yarın {written}” ya da “bugün {written}” yazın.",
                f"These hours are over for today; write “tomorrow {written}” or “today {written}”.",
            )
        return Span(start, end)

    def _until(self, side: _Side) -> Span:
        now = self._now.astimezone(UTC)
        if side.day:
            end = self._at(side, day_of(side.day, self._now.date()))
        else:
            end = self._at(side, self._now.date())
            end = end if end > now else self._at(side, self._now.date() + timedelta(days=1))
        if end <= now:
            raise _wrong_order()
        return Span(now, end)

    def _start(self, side: _Side, end: _Side | None) -> datetime:
        if side.is_now:
            return self._now.astimezone(UTC)
        today = self._now.date()
        start = self._at(side, day_of(side.day, today) if side.day else today)
        if has_weekday(side.day) and start < self._now.astimezone(UTC):
            passed = end is None or self._end(end, start) <= self._now
            return self._at(side, day_of(side.day, today) + timedelta(days=7)) if passed else start
        return start

    def _end(self, side: _Side, start: datetime) -> datetime:
        if side.is_now:
            raise UnclearTime(
                "Bitiş olarak suyun beklenen dönüş saatini yazın: “09:00-17:00”.",
                "Write as end when the water is expected back: “09:00-17:00”.",
            )
        first = start.astimezone(self._zone).date()
        if side.day:
            end = self._at(side, day_of(side.day, first if has_weekday(side.day) else self._now.date()))
        else:
            end = self._at(side, first)
            end = self._at(side, first + timedelta(days=1)) if end < start else end
        if end <= start:
            raise _wrong_order()
        return end

    def _at(self, side: _Side, day: date) -> datetime:
        if side.clock is None:
            raise UnclearTime(
                f"“{side.day}” için saat de yazın: “{side.day} 09:00-17:00”.",
                f"Write the hour of “{side.day}” too: “{side.day} 09:00-17:00”.",
            )
        local = datetime.combine(day + timedelta(days=side.later), side.clock, self._zone)
        if side.offset is not None and local.replace(fold=1).utcoffset() == side.offset:
            local = local.replace(fold=1)
        return local.astimezone(UTC)


def _side(text: str) -> _Side:
    text = text.strip(" ,")
    if text in _NOW:
        return _Side("", None, is_now=True)
    found = _CLOCK.search(text)
    if found is None:
        return _Side(text, None)
    hour, minute = int(found[1]), int(found[2] or 0)
    if found.start() == 0 and (hour, minute) > (24, 0):
        return _Side(text, None)
    if found[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    later, hour = (1, 0) if (hour, minute) == (24, 0) else (0, hour)
    if hour > 23 or minute > 59:
        raise UnclearTime(
            f"“{found[0]}” bir saat değil; “09:00-17:00” gibi yazın.",
            f"“{found[0]}” is no time of day; write it as “09:00-17:00”.",
        )
    offset = _KEPT.search(found[0])
    sign = 1 if offset and offset[1] == "p" else -1
    shift = sign * timedelta(hours=int(offset[2]), minutes=int(offset[3])) if offset else None
    return _Side(text[: found.start()].strip(" ,"), time(hour, minute), later, shift)


def _normal(text: str) -> str:
    """Small Latin letters, one kind of dash and apostrophe, dates with dots; hours without their Turkish suffixes."""
    if len(text) > LONGEST:
        raise UnclearTime("Zaman çok uzun; “bugün 14-18” gibi yazın.", "This is too long; write “today 14-18”.")
    text = plain(text)
    if not text:
        raise UnclearTime("Zamanı yazın: “bugün 14-18”.", "Write the time: “today 14-18”.")
    text = re.sub(r"utc([+-])(\d\d:\d\d)", lambda found: f"@{'p' if found[1] == '+' else 'm'}{found[2]}", text)
    text = re.sub(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d))?", r"\3.\2.\1 ", text)
    text = re.sub(r"\b(\d{1,2})([-/])(\d{1,2})\2(\d{4})\b", r"\1.\3.\4", text)
    text = re.sub(r"\b(\d{1,2})/(\d{1,2})\b", r"\1.\2", text)
    text = re.sub(r"\b(?:gece yarisi|midnight)(?:na)?\b", "24:00", text)
    text = re.sub(r"\b(?:oglen|ogle|noon)\b", "12:00", text)
    text = re.sub(r"\b(?:arasi|arasinda|from|between|on)\b", " ", text)
    text = _BETWEEN.sub(r"\1 - ", _FROM.sub(r"\1", text))
    return " ".join(_SUFFIX.sub(r"\1", text).split())


def _day_shown(day: date, today: date, language: str) -> str:
    words = ("bugün", "yarın", "dün") if language == "tr" else ("today", "tomorrow", "yesterday")
    near = {0: words[0], 1: words[1], -1: words[2]}
    return near.get((day - today).days) or f"{day:%d.%m.%Y}"


def _clock_shown(at: datetime) -> str:
    """With its distance from UTC where the clocks go back and the hour comes a second time."""
    if at.fold and at.replace(fold=0).utcoffset() != at.utcoffset():
        offset = f"{at:%z}"
        return f"{at:%H:%M} utc{offset[:3]}:{offset[3:5]}"
    return f"{at:%H:%M}"


def _wrong_order() -> UnclearTime:
    return UnclearTime(
        "Bitiş başlangıçtan sonra olmalı; “bugün 14-18” gibi yazın.",
        "The end must be later than the start; write “today 14-18”.",
    )


def _unclear(text: str) -> UnclearTime:
    return UnclearTime(
        f"“{text[:40]}” anlaşılmadı; “bugün 14-18”, “yarın 09:00-17:00” ya da “şimdi +3 saat” yazın.",
        f"“{text[:40]}” is not understood; write “today 14-18”, “tomorrow 09:00-17:00” or “now +3h”.",
    )
