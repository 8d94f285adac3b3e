"""What figures are called and how they are written, for Turkish and English readers."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from prompts.catalogue import Catalogue
from reports.figures import Cell, Line, Report, Table
from reports.period import Length, Period
from tickets.words import CATEGORY, CHANNEL, URGENCY
from web.texts import Language, Texts

LONGEST_PHRASE = 70
_LOCALE = {"tr": "tr_TR", "en": "en_GB"}
_TICKETS = {"by_category": CATEGORY, "by_channel": CHANNEL, "by_urgency": URGENCY}
_WORDS = {
    "by_reason": "reason",
    "by_verdict": "verdict",
    "by_outcome": "outcome",
    "by_why": "why",
    "by_cause": "cause",
}
_UNITS = {"tr": ("gün", "sa", "dk", "sn"), "en": ("d", "h", "min", "s")}


class Words:
    """One reader's language."""

    def __init__(self, texts: Texts, language: Language, catalogue: Catalogue) -> None:
        self._texts, self.language, self._catalogue = texts, language, catalogue
        self._locale, self._phrases = _LOCALE[language], set(catalogue.keys())

    def say(self, key: str, **slots: object) -> str:
        return self._texts.say(f"figures.{key}", self.language, **slots)

    def title(self, table: Table) -> str:
        return self.say(table.key)

    def column(self, name: str) -> str:
        return self.say(f"column.{name}")

    def line(self, table: Table, line: Line) -> str:
        if line.name is not None:
            return line.name
        by = table.key.partition(".")[2]
        match by:
            case "by_hour":
                return f"{int(line.key):02}:00"
            case "by_day":
                return format_date(date.fromisoformat(line.key), "d MMM EEE", locale=self._locale)
            case "by_district":
                return self.say("line.no_place")
            case "stars":
                return f"{line.key} ★"
            case "left_at":
                return self.phrase(line.key)
        if by in _TICKETS:
            return _TICKETS[by][line.key][0 if self.language == "tr" else 1]
        return self.known(f"{_WORDS.get(by, 'line')}.{line.key}", line.key)

    def value(self, cell: Cell) -> str:
        value = cell.value
        if value is None:
            return "–"
        match cell.kind:
            case "count":
                return format_decimal(value, locale=self._locale)
            case "share":
                return format_percent(value, "#,##0.0%" if self.language == "en" else "%#,##0.0", locale=self._locale)
            case "seconds":
                return f"{format_decimal(round(value, 1), locale=self._locale)} {_UNITS[self.language][3]}"
            case "stars":
                return format_decimal(round(value, 2), locale=self._locale)
            case "minutes":
                return self._lasting(value)

    def period(self, period: Period) -> str:
        """ "Ekim 2026", "5–11 Eki 2026", "9 Ekim 2026 Cuma"."""
        match period.length:
            case Length.month:
                return format_date(period.first, "LLLL y", locale=self._locale)
            case Length.day:
                return format_date(period.first, "d MMMM y EEEE", locale=self._locale)
            case Length.week:
                first = format_date(period.first, "d MMM", locale=self._locale)
                return f"{first} – {format_date(period.last, 'd MMM y', locale=self._locale)}"

    def whose(self, report: Report) -> str:
        return report.unit or self.say("house")

    def _lasting(self, minutes: float) -> str:
        days, hours, short, _ = _UNITS[self.language]
        whole = round(minutes)
        if whole < 60:
            return f"{whole} {short}"
        if whole < 48 * 60:
            return f"{whole // 60} {hours} {whole % 60} {short}"
        return f"{whole // 1440} {days} {whole % 1440 // 60} {hours}"

    def phrase(self, key: str) -> str:
        """The words of the phrase itself say where in the conversation it was."""
        if key not in self._phrases or self._catalogue.slots(key):
            return self.known(f"line.{key}", key)
        text = self._catalogue.phrase(key, self.language).text
        return text if len(text) <= LONGEST_PHRASE else f"{text[: LONGEST_PHRASE - 1].rstrip()}…"

    def known(self, key: str, otherwise: str) -> str:
        """A word by its key; what is not in the list stays as it is."""
        full = f"figures.{key}"
        if self._texts.known(full):
            return self._texts.say(full, self.language)
        return self._texts.say("figures.line.unknown", self.language) if otherwise == "unknown" else otherwise
