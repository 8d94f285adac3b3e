"""Facts of the board turned into what is said. Pure: the same board and the same minute give the same words."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from callflows.clock import local
from callflows.numbers import number_prompts, telephone, ticket_number
from callflows.places import area_prompts, full_name, here, name, unique
from callflows.wording import Wording
from outages.board import LATELY, NEXT, AreaView, Board, BroadcastView, OutageView
from prompts.catalogue import Catalogue
from prompts.days import evening_of
from prompts.grammar import grammar
from prompts.prompt import LANGUAGES, Prompt

__all__ = [
    "announcement",
    "answer",
    "area_prompts",
    "broadcast",
    "crowded",
    "full_name",
    "here",
    "name",
    "number_prompts",
    "page",
    "prompts_for",
    "telephone",
    "ticket_number",
    "written_pages",
]

AHEAD = timedelta(minutes=15)
"""How far in advance words are made; a board that is older has lost its database, and callers are told so."""
WITHOUT_DATABASE = timedelta(hours=24)
"""How long a board must be able to speak when nothing newer can be had."""
STALE = (
    (timedelta(hours=6), "board.six_hours_old"),
    (timedelta(hours=1), "board.one_hour_old"),
    (AHEAD, "board.minutes_old"),
)
MOST_OUTAGES = 2
MOST_NAMES = 4
MOST_ANNOUNCED = 6
_TURKISH = grammar("tr")


class _Minute:
    """Answers out of one board in one minute of the clock: when the water goes, all ask about the same few places."""

    def __init__(self, board: Board, number: int) -> None:
        self.board = board
        self.number = number
        self.answers: dict[tuple[int, Wording], list[Prompt]] = {}


_minute: _Minute | None = None


def answer(board: Board, area: AreaView, now: datetime, wording: Wording) -> list[Prompt]:
    """Whether, why and until when the water is off in an area; else what comes next or has just ended."""
    answers = _answers_of(board, now)
    told = answers.get((area.id, wording))
    if told is None:
        told = answers[area.id, wording] = _put_together(board, area, now, wording)
    return list(told)


def _answers_of(board: Board, now: datetime) -> dict[tuple[int, Wording], list[Prompt]]:
    global _minute
    number = int(now.timestamp()) // 60
    minute = _minute
    if minute is None or minute.board is not board or minute.number != number:
        minute = _minute = _Minute(board, number)
    return minute.answers


def _put_together(board: Board, area: AreaView, now: datetime, wording: Wording) -> list[Prompt]:
    place = [here(board, area)] if wording.language == "tr" else full_name(board, area)
    said = _answer(board, area, now, wording) if _words_hold(board, now) else _timeless(board, area, now, wording)
    age = now - board.made
    return [*place, *said, *(wording.phrase(key) for key in [key for limit, key in STALE if age > limit][:1])]


def _answer(board: Board, area: AreaView, now: datetime, wording: Wording) -> list[Prompt]:
    current = _by_relevance(board.current(area.id, now), area)
    if current:
        told: list[Prompt] = []
        for outage in current[:MOST_OUTAGES]:
            places = _inside(board, area, outage, wording)
            also = bool(told) and not places
            told += [*places, *_off(outage, now, wording, also=also, streets=outage.streets.get(area.id))]
        more = [wording.phrase("outage.more")] if len(current) > MOST_OUTAGES and area.district_id is None else []
        return [*told, *more]
    restored = board.restored(area.id, now)[:1]
    if restored:
        said = [*_restored(restored[0], now, wording), wording.phrase("outage.restored_hint")]
    else:
        said = [wording.phrase("outage.none")]
    for work in board.upcoming(area.id, now)[:1]:
        said += [*_next(work, now, wording), *_only(work.streets.get(area.id), wording)]
    return said


def _timeless(board: Board, area: AreaView, now: datetime, wording: Wording) -> list[Prompt]:
    """Without hours: a new day began and nobody could make new words for it."""
    current = _by_relevance(board.current(area.id, now), area)[:1]
    if not current:
        return [wording.phrase("outage.none")]
    return [
        p
        for outage in current
        for p in (*_inside(board, area, outage, wording), _because("outage.off", outage, wording))
    ]


def _words_hold(board: Board, now: datetime) -> bool:
    """Whether "bugün" and "bu gece" still mean what they meant when the board's words were made."""
    return now <= board.made + AHEAD or _day_of(now) == _day_of(board.made)


def _day_of(at: datetime) -> tuple[date, date]:
    return local(at).date(), evening_of(local(at))


def broadcast(view: BroadcastView, wording: Wording) -> list[Prompt]:
    """An emergency announcement in the caller's language, or in Turkish where it has no other; never cut short."""
    language = wording.language if wording.language in view.text else "tr"
    text = grammar(language).spoken(view.text[language])
    return [wording.phrase("broadcast.intro"), Prompt("broadcast.text", text, language, skippable=False)]


def crowded(board: Board, now: datetime, wording: Wording) -> list[Prompt]:
    """What everybody hears first when all call at once: where the water is off."""
    districts = board.affected_districts(now)
    if not districts:
        return [wording.phrase("mass.intro_none")]
    others = [wording.phrase("mass.and_others")] if len(districts) > MOST_NAMES else []
    return [wording.phrase("mass.intro"), *(name(district) for district in districts[:MOST_NAMES]), *others]


def page(board: Board, key: str, wording: Wording) -> Prompt:
    """An information page as operators wrote it, else as it ships. A studio's recording is of the latter only."""
    text = board.pages.get(key, {}).get(wording.language)
    if text is None:
        return wording.phrase(key)
    return Prompt(f"{key}.written", wording.grammar.spoken(text), wording.language)


def written_pages(board: Board, catalogue: Catalogue) -> list[Prompt]:
    """The pages that operators wrote, in every language."""
    wordings = {language: Wording(catalogue, language) for language in LANGUAGES}
    return [
        page(board, key, wordings[language])
        for key, texts in board.pages.items()
        for language in LANGUAGES
        if language in texts
    ]


def prompts_for(board: Board, now: datetime, catalogue: Catalogue) -> list[Prompt]:
    """Everything that callers may hear from this board in 15 minutes, and later where nothing newer can be had."""
    wordings = [Wording(catalogue, language) for language in LANGUAGES]
    return unique(
        prompt
        for wording in wordings
        for prompt in (
            *written_pages(board, catalogue),
            *(p for view in board.broadcasts if view.ends > now for p in broadcast(view, wording)),
            *(p for outage in board.outages for p in _ever_said(outage, now, wording)),
        )
    )


def announcement(board: Board, now: datetime, catalogue: Catalogue) -> list[Prompt]:
    """What is played, in Turkish, when nobody can look at the board any more: where the water was off, and why.

    It may be played hours later, so it holds no estimates and no "bugün".
    """
    wording = Wording(catalogue, "tr")
    current = sorted((o for o in board.outages if o.off_at(now)), key=lambda o: (-len(o.area_ids), o.starts, o.id))
    intro = [p for view in board.broadcasts_now(now) for p in broadcast(view, wording)]
    if not current:
        return [*intro, wording.phrase("fallback.no_outage_known")]
    told = [p for outage in current[:MOST_ANNOUNCED] for p in _announced(board, outage, wording)]
    more = [wording.phrase("fallback.more")] if len(current) > MOST_ANNOUNCED else []
    return [*intro, wording.phrase("fallback.intro"), *told, *more]


def _by_relevance(outages: Iterable[OutageView], area: AreaView) -> list[OutageView]:
    """Those that name the area itself before those of its whole district, the latest first."""
    return sorted(outages, key=lambda o: (area.id not in o.area_ids, -o.starts.timestamp()))


def _inside(board: Board, area: AreaView, outage: OutageView, wording: Wording) -> list[Prompt]:
    """For a district: the neighbourhoods that an outage touches, unless it is all of them."""
    if area.district_id is not None or area.id in outage.area_ids:
        return []
    touched = [inner for inner in board.within(area.id) if inner.id in outage.area_ids]
    others = [wording.phrase("area.and_others")] if len(touched) > MOST_NAMES else []
    return [wording.phrase("area.these"), *(name(inner) for inner in touched[:MOST_NAMES]), *others]


def _announced(board: Board, outage: OutageView, wording: Wording) -> list[Prompt]:
    areas = sorted((board.areas[i] for i in outage.area_ids if i in board.areas), key=lambda a: a.number)
    others = [wording.phrase("fallback.and_others")] if len(areas) > MOST_NAMES else []
    return [*(here(board, area) for area in areas[:MOST_NAMES]), *others, _because("outage.off", outage, wording)]


def _off(
    outage: OutageView, now: datetime, wording: Wording, *, also: bool, streets: str | None = None
) -> list[Prompt]:
    said = [_because("outage.also_off" if also else "outage.off", outage, wording), *_only(streets, wording)]
    said.append(_until(outage, now, wording))
    if outage.crew and (crew := wording.known(f"crew.{outage.crew}")):
        said.append(crew)
    return [*said, *_tankers(outage, wording), *_free_text(outage, wording)]


def _until(outage: OutageView, now: datetime, wording: Wording) -> Prompt:
    """An estimate that has passed is never spoken as if it still held."""
    if outage.expected_end is None:
        return wording.phrase("outage.no_estimate")
    if outage.expected_end <= now:
        return wording.phrase("outage.late")
    return wording.phrase("outage.until", moment=wording.moment(outage.expected_end, now, "locative"))


def _next(outage: OutageView, now: datetime, wording: Wording) -> list[Prompt]:
    if outage.expected_end is None:
        moment = wording.moment(outage.starts, now, "locative")
        return [_because("outage.next_open", outage, wording, moment=moment)]
    return [_because("outage.next", outage, wording, span=wording.span(outage.starts, outage.expected_end, now))]


def _restored(outage: OutageView, now: datetime, wording: Wording) -> list[Prompt]:
    if outage.ended is None:
        return []
    return [wording.phrase("outage.restored", moment=wording.moment(outage.ended, now, "locative"))]


def _because(key: str, outage: OutageView, wording: Wording, **slots: str) -> Prompt:
    cause = wording.known(f"cause.{outage.cause}")
    if cause is None:
        return wording.phrase(f"{key}_plain", **slots)
    return wording.phrase(key, cause=cause.text, **slots)


def _only(streets: str | None, wording: Wording) -> list[Prompt]:
    """Where a part of a neighbourhood is off, so that the others need not wait for a crew."""
    return (
        [wording.phrase("outage.streets"), Prompt("outage.street_names", _TURKISH.spoken(streets))] if streets else []
    )


def _tankers(outage: OutageView, wording: Wording) -> list[Prompt]:
    if not outage.tanker_points:
        return []
    return [wording.phrase("outage.tankers"), Prompt("outage.tanker_points", _TURKISH.spoken(outage.tanker_points))]


def _free_text(outage: OutageView, wording: Wording) -> list[Prompt]:
    text = outage.announcement.get(wording.language)
    return [Prompt("outage.announcement", wording.grammar.spoken(text), wording.language)] if text else []


def _ever_said(outage: OutageView, now: datetime, wording: Wording) -> Iterator[Prompt]:
    """Every sentence about an outage that may be needed before newer words are made, in whichever phase it is."""
    until = now + WITHOUT_DATABASE
    for streets in outage.streets.values():
        yield from _only(streets, wording)
    for at in _wordings_change(now):
        if outage.starts <= until and (outage.ended is None or outage.ended > now):
            for also in (False, True):
                yield from _off(outage, at, wording, also=also)
            yield wording.phrase("outage.late")
        if outage.ended is None and now < outage.starts <= until + NEXT:
            yield from _next(outage, at, wording)
        if outage.ended is not None and outage.ended + LATELY >= now:
            yield from _restored(outage, at, wording)


def _wordings_change(now: datetime) -> list[datetime]:
    """Now, and a full hour that is near: "bugün", "bu gece" and "yarın" change their meaning only then."""
    hour = local(now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return [now, hour] if hour <= now + AHEAD else [now]
