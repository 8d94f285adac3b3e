"""The outage form: what somebody typed, kept as typed, and read into facts or into sentences beside the fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from console.outage_words import PLANNED_CAUSES
from outages.area_text import Unclear, named
from outages.board import Board, OutageKind
from outages.errors import OutageError
from outages.life import ANNOUNCEMENT_LIMIT, STREETS_LIMIT, TANKERS_LIMIT, Cause, Crew, OutageFacts, check
from outages.text_check import Finding, findings
from outages.time_field import Span, parse, shown
from outages.values import Unreadable, whole
from prompts.prompt import Language

MOST_AREAS = 200
LIMITS = {"announcement_tr": ANNOUNCEMENT_LIMIT, "announcement_en": ANNOUNCEMENT_LIMIT, "tanker_points": TANKERS_LIMIT}
SPOKEN: Mapping[str, Language] = {"announcement_tr": "tr", "announcement_en": "en", "tanker_points": "tr"}
_FIELD_OF = {
    "no_area": "where",
    "unknown_area": "where",
    "end_before_start": "when",
    "absurd_time": "when",
    "end_in_future": "ended",
    "bad_subscribers": "subscribers",
    "unknown_cause": "cause",
    "unknown_crew": "crew",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The form's fields as they were sent."""

    areas: tuple[int, ...] = ()
    where: str = ""
    """Areas by name, typed but not chosen from the list."""
    streets: Mapping[int, str] = field(default_factory=dict)
    kind: str = ""
    cause: str = ""
    when: str = ""
    when_shown: str = ""
    """What the page had written there: "bugün" means another day once midnight has passed."""
    ended: str = ""
    subscribers: str = ""
    crew: str = ""
    tanker_points: str = ""
    announcement_tr: str = ""
    announcement_en: str = ""
    reason: str = ""
    publish_at: str = ""
    from_area: str = ""
    """The area from which the caller of the preview calls."""
    revision: int | None = None
    overlaps_seen: frozenset[int] = frozenset()
    """Outages at the same place and time of which the page has told already."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood. Without facts there are sentences in `wrong`, by field."""

    areas: tuple[int, ...]
    facts: OutageFacts | None
    span: Span | None
    wrong: Mapping[str, Exception]
    unclear: tuple[Unclear, ...]
    findings: Mapping[str, list[Finding]]


def typed(form: FormData) -> Typed:
    """Whatever a browser may send, cut to what a form can hold."""
    texts = {name: _text(form, name) for name in Typed.__dataclass_fields__ if name not in _OTHERS}
    revision = _text(form, "revision")
    return Typed(
        areas=tuple(_ids(form.getlist("area")))[:MOST_AREAS],
        streets={area: text for area in _ids(form.getlist("area")) if (text := _text(form, f"streets-{area}"))},
        revision=int(revision) if revision.isdecimal() and len(revision) < 10 else None,
        overlaps_seen=frozenset(_ids(form.getlist("overlaps_seen"))),
        **texts,
    )


_OTHERS = {"areas", "streets", "revision", "overlaps_seen"}


def typed_from(facts: OutageFacts, now: datetime, zone: ZoneInfo, language: Language, revision: int | None) -> Typed:
    """The form of what an outage says now."""
    when = shown(Span(facts.starts, facts.expected_end), now, zone, language)
    return Typed(
        areas=tuple(facts.areas),
        streets={area_id: streets for area_id, streets in facts.areas.items() if streets},
        kind=facts.kind,
        cause=facts.cause,
        when=when,
        when_shown=when,
        ended=shown(Span(facts.actual_end), now, zone, language) if facts.actual_end else "",
        subscribers="" if facts.subscribers is None else str(facts.subscribers),
        crew=facts.crew or "",
        tanker_points=facts.tanker_points or "",
        announcement_tr=facts.announcement_tr or "",
        announcement_en=facts.announcement_en or "",
        revision=revision,
    )


def with_added(given: Typed, add: Mapping[int, str]) -> Typed:
    """The form with more areas, each with its streets; what it tells of an area already stays in front of the new."""
    streets = dict(given.streets)
    for area, more in add.items():
        held, more = streets.get(area, ""), more.strip()[:STREETS_LIMIT]
        if more and more not in held and (held or area not in given.areas):
            streets[area] = f"{held}, {more}" if held else more
    return replace(given, areas=tuple(dict.fromkeys([*given.areas, *add])), streets=streets)


class Reader:
    """Reads forms at one moment, for one reader."""

    def __init__(self, board: Board, now: datetime, zone: ZoneInfo, language: Language) -> None:
        self._board, self._now, self._zone, self._language = board, now, zone, language

    def read(self, given: Typed, before: OutageFacts | None = None) -> Read:
        """`before`: what it said when the form was shown; times that were not touched stay to the second."""
        wrong: dict[str, Exception] = {}
        areas, unclear = self._areas(given)
        if unclear:
            wrong["where"] = OutageError("Some of these places are not clear; choose below.", "unclear_area")
        span = self._span(given, before, wrong)
        ended = self._ended(given, before, wrong)
        subscribers = _subscribers(given, wrong)
        checked = {name: findings(getattr(given, name), language) for name, language in SPOKEN.items()}
        _too_long(given, wrong)
        facts = None
        if span and not wrong:
            facts = OutageFacts(
                kind=kind_of(given),
                cause=given.cause,
                areas={area: given.streets.get(area) for area in areas},
                starts=span.starts,
                expected_end=span.expected_end,
                actual_end=ended,
                subscribers=subscribers,
                crew=given.crew or None,
                tanker_points=given.tanker_points or None,
                announcement_tr=given.announcement_tr or None,
                announcement_en=given.announcement_en or None,
            )
        elif not areas and not unclear:
            wrong["where"] = OutageError("Name at least one area where the water is off.", "no_area")
        if given.cause not in Cause.__members__:
            wrong["cause"] = OutageError("Choose the cause.", "choose_cause")
        return self._checked(Read(areas, facts, span, wrong, unclear, checked))

    def _checked(self, read: Read) -> Read:
        if read.facts is None or read.wrong:
            return replace(read, facts=None)
        try:
            check(read.facts, self._now)
        except OutageError as error:
            return replace(read, facts=None, wrong={_FIELD_OF.get(error.code, ""): error})
        return read

    def _areas(self, given: Typed) -> tuple[tuple[int, ...], tuple[Unclear, ...]]:
        chosen = [area.id for area_id in given.areas if (area := self._board.area(area_id))]
        written = named(self._board, given.where)
        return tuple(dict.fromkeys([*chosen, *written.area_ids])), written.unclear

    def _span(self, given: Typed, before: OutageFacts | None, wrong: dict[str, Exception]) -> Span | None:
        if before and given.when and given.when == given.when_shown:
            return Span(before.starts, before.expected_end)
        try:
            span = parse(given.when, self._now, self._zone)
        except OutageError as error:
            wrong["when"] = error
            return None
        return Span(_kept(span.starts, before.starts), span.expected_end) if before else span

    def _ended(self, given: Typed, before: OutageFacts | None, wrong: dict[str, Exception]) -> datetime | None:
        if not given.ended:
            return None
        try:
            ended = parse(given.ended, self._now, self._zone).starts
        except OutageError as error:
            wrong["ended"] = error
            return None
        return _kept(ended, before.actual_end if before else None)


def _kept(read: datetime, before: datetime | None) -> datetime:
    """To the second where the minute is still the same."""
    return before if before and read == before.replace(second=0, microsecond=0) else read


def kind_of(given: Typed) -> OutageKind:
    """As chosen, else what the cause makes likely."""
    if given.kind in ("planned", "fault"):
        return "planned" if given.kind == "planned" else "fault"
    return "planned" if given.cause in PLANNED_CAUSES else "fault"


def end_of(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When the water is expected back, as written in a field of its own: "17:30", "+3 saat", "yarın 02:00"."""
    try:
        span = parse(text if text.lstrip().startswith("+") else f"until {text}", now, zone)
    except OutageError:
        span = parse(text, now, zone)
    return span.expected_end or span.starts


def _subscribers(given: Typed, wrong: dict[str, Exception]) -> int | None:
    if not given.subscribers:
        return None
    try:
        return whole(given.subscribers)
    except Unreadable:
        wrong["subscribers"] = OutageError("Give the subscribers as a whole number.", "bad_subscribers")
        return None


def _too_long(given: Typed, wrong: dict[str, Exception]) -> None:
    for name, limit in LIMITS.items():
        if len(getattr(given, name)) > limit:
            wrong[name] = OutageError(
                f"At most {limit} characters.", "too_many_characters", f"En çok {limit} karakter yazın."
            )
    if any(len(text) > STREETS_LIMIT for text in given.streets.values()):
        limit = STREETS_LIMIT
        wrong["where"] = OutageError(
            f"At most {limit} characters of streets.", "too_many_characters", f"Sokaklar için en çok {limit} karakter."
        )
    if given.crew and given.crew not in Crew.__members__:
        wrong["crew"] = OutageError("There is no such state of a crew.", "unknown_crew")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""


def _ids(values: Iterable[object]) -> Iterable[int]:
    return dict.fromkeys(int(v) for v in values if isinstance(v, str) and v.isdecimal() and len(v) < 10)
