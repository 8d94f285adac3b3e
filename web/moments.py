"""Times and figures as Turkish and English readers write them, in the utility's zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_decimal

from web.texts import Language

_NEAR = {
    "tr": {-1: "dün", 0: "bugün", 1: "yarın"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
_LOCALE = {"tr": "tr_TR", "en": "en_GB"}


class Moments:
    """Formats for one language; `now` is the moment of the page."""

    def __init__(self, language: Language, zone: ZoneInfo, now: datetime) -> None:
        self.language, self.zone, self.now = language, zone, now
        self._locale = _LOCALE[language]

    def moment(self, at: datetime) -> str:
        """ "bugün 14:00", "25 Kas Çar 14:00", with the year only when it is another one."""
        local = at.astimezone(self.zone)
        return f"{self.day(at)} {format_time(local, 'HH:mm', locale=self._locale)}"

    def day(self, at: datetime) -> str:
        local, today = at.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()
        if near := _NEAR[self.language].get((local - today).days):
            return near
        return format_date(local, "d MMM EEE" if local.year == today.year else "d MMM y", locale=self._locale)

    def clock(self, at: datetime) -> str:
        return format_time(at.astimezone(self.zone), "HH:mm", locale=self._locale)

    def full(self, at: datetime) -> str:
        """With date and seconds, for histories."""
        return format_datetime(at.astimezone(self.zone), "d MMM y HH:mm:ss", locale=self._locale)

    def span(self, starts: datetime, end: datetime | None) -> str:
        """ "bugün 14:00 – 18:00"; the second day is named only when it is another one."""
        if end is None:
            return f"{self.moment(starts)} –"
        same = starts.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        return f"{self.moment(starts)} – {self.clock(end) if same else self.moment(end)}"

    def ago(self, at: datetime) -> str:
        """ "5 dakika önce", "in 2 hours"."""
        away = at - self.now
        if abs(away) < timedelta(seconds=45):
            return "şimdi" if self.language == "tr" else "just now"
        return format_timedelta(away, add_direction=True, locale=self._locale)

    def lasting(self, span: timedelta) -> str:
        return format_timedelta(span, threshold=1.2, format="short", locale=self._locale)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._locale)

    def compact(self, value: float) -> str:
        return format_compact_decimal(value, locale=self._locale, fraction_digits=1)

    def iso(self, at: datetime) -> str:
        """For `<time datetime>`."""
        return at.astimezone(self.zone).isoformat(timespec="seconds")
