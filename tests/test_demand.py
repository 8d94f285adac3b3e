"""Many callers from a place where nobody has entered an outage: found in time, and only when it means something."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import insert

from calls.demand import Rule, Suggestion, calls_by_outage, dismiss, draft_facts, suggestions, usual_calls
from calls.journal import Journal
from calls.models import CallRecord
from calls.rows import row_of
from outages.board import Board
from outages.life import OutageFacts
from outages.models import Area
from outages.service import OutageService
from storage.database import Database
from storage.types import use_key
from tests.hotline_world import AREAS, CUMHURIYET, FATIH_GEBZE, GEBZE, NOON, YENI, board, fault, planned
from tests.outage_world import Clock
from tickets.models import Ticket
from tickets.reports import unexplained

SECRET = "a secret of the tests"
RULE = Rule()
_numbers = count(1)


@pytest.fixture(autouse=True)
def _key() -> None:
    use_key("a key of the tests")


def call(area: int | None, at: datetime, caller: str | None = "", **facts: object) -> Journal:
    """A caller whom nobody else is, unless it is said who."""
    number = f"+90532{next(_numbers):07}" if caller == "" else caller
    driver = str(facts.pop("driver", "ari"))
    ended = at + timedelta(seconds=30)
    call_id = f"call-{next(_numbers)}"
    return Journal(call_id, number, at, driver, area_id=area, ended=ended, **facts)  # type: ignore[arg-type]


async def keep(db: Database, journals: Iterable[Journal]) -> None:
    if rows := [row_of(journal, SECRET) for journal in journals]:
        async with db.session() as session:
            await session.execute(insert(CallRecord), rows)
            await session.commit()


async def found(db: Database, now: datetime = NOON, here: Board | None = None, **more: object) -> list[Suggestion]:
    async with db.reading() as session:
        return await suggestions(session, here or board(), now, **{"rule": RULE, "secret": SECRET, **more})  # type: ignore[arg-type]


def minutes_ago(*minutes: float) -> list[datetime]:
    return [NOON - timedelta(minutes=m) for m in minutes]


async def test_five_callers_from_one_place_are_suggested(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(19, 12, 7, 3, 1)])
    (one,) = await found(db)
    assert (one.area_id, one.callers, one.minutes, one.tickets) == (YENI, 5, 20, 0)
    assert one.first == NOON - timedelta(minutes=19)


async def test_four_are_too_few_until_a_fifth_is_in_the_line(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(12, 7, 3, 1)])
    assert await found(db) == []
    (one,) = await found(db, running=[call(YENI, NOON)])
    assert one.callers == 5


async def test_whoever_dials_again_and_again_is_one_caller(db: Database) -> None:
    again = [call(YENI, at, "+905321110000") for at in minutes_ago(*range(1, 13))]
    await keep(db, [*again, *(call(YENI, at) for at in minutes_ago(3, 2, 1))])
    assert await found(db, running=[call(YENI, NOON, "+905321110000")]) == []


async def test_callers_without_a_number_count_for_two_at_most(db: Database) -> None:
    await keep(db, [call(YENI, at, None) for at in minutes_ago(*range(1, 13))])
    assert await found(db) == []
    await keep(db, [call(YENI, at) for at in minutes_ago(3, 2, 1)])
    (one,) = await found(db)
    assert one.callers == 5


async def test_calls_of_half_an_hour_ago_are_not_news(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(25, 24, 23, 22, 21)])
    assert await found(db) == []


@pytest.mark.parametrize(
    "here",
    [
        board(fault()),
        board(fault(areas=(GEBZE,))),
        board(planned(starts=NOON + timedelta(minutes=20))),
    ],
    ids=["known", "whole district", "about to begin"],
)
async def test_a_place_whose_outage_is_known_is_not_suggested(db: Database, here: Board) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(5, 4, 3, 2, 1)])
    assert await found(db, here=here) == []
    assert len(await found(db, here=board(planned()))) == 1


async def test_callers_who_were_told_of_an_outage_do_not_count(db: Database) -> None:
    """It has just ended: those who call now and hear of none are another matter."""
    told = [call(YENI, at, outage_ids=[1]) for at in minutes_ago(*range(8, 16))]
    await keep(db, [*told, *(call(YENI, at) for at in minutes_ago(4, 3, 2, 1))])
    ended = board(fault(ended=NOON - timedelta(minutes=6)))
    assert await found(db, here=ended) == []


async def test_trials_are_no_callers(db: Database) -> None:
    await keep(db, [call(YENI, at, driver="play") for at in minutes_ago(5, 4, 3, 2, 1)])
    assert await found(db) == []


async def test_a_place_that_always_calls_much_must_call_much_more(db: Database) -> None:
    """Three calls in twenty minutes are usual there: 6,048 in four weeks."""
    usual = [call(YENI, NOON - timedelta(days=27, minutes=-n * 6.4)) for n in range(6048)]
    await keep(db, usual)
    await keep(db, [call(FATIH_GEBZE, at) for at in minutes_ago(6, 5, 4, 3, 2)])
    await keep(db, [call(YENI, at) for at in minutes_ago(8, 7, 6, 5, 4, 3, 2, 1)])
    assert [one.area_id for one in await found(db)] == [FATIH_GEBZE]
    await keep(db, [call(YENI, NOON - timedelta(seconds=30)), call(YENI, NOON - timedelta(seconds=20))])
    assert [one.area_id for one in await found(db)] == [FATIH_GEBZE, YENI]


async def test_a_young_installation_knows_little_of_what_is_usual(db: Database) -> None:
    await keep(db, [call(YENI, NOON - timedelta(hours=3, minutes=n)) for n in range(10)])
    async with db.reading() as session:
        usual = await usual_calls(session, [YENI, CUMHURIYET], NOON, RULE.span)
    assert usual == {YENI: pytest.approx(10 * 20 / (24 * 60))}


async def test_reports_of_missing_water_strengthen_it(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(3, 2, 1)])
    async with db.session() as session:
        session.add_all([ticket("a", "no_water"), ticket("b", "low_pressure"), ticket("c", "leak")])
        session.add_all([ticket("d", "no_water", outage_id=4), ticket("e", "no_water", opened=NOON - RULE.span * 2)])
        await session.commit()
    async with db.reading() as session:
        reports = await unexplained(session, NOON - RULE.span)
    assert reports == {YENI: 2}
    assert await found(db) == []
    (one,) = await found(db, tickets=reports)
    assert (one.callers, one.tickets) == (3, 2)
    await dismissed(db, NOON + timedelta(hours=1))
    assert await found(db, tickets=reports) == []


async def test_one_person_with_many_reports_is_still_one_person(db: Database) -> None:
    await keep(db, [call(YENI, at, "+905321110000") for at in minutes_ago(3, 2, 1)])
    assert await found(db, tickets={YENI: 12}) == []


def ticket(call_id: str, category: str, **facts: object) -> Ticket:
    at = NOON - timedelta(minutes=2)
    given = {"area_id": YENI, "opened": at, "updated": at, "urgency": "normal", "number": f"26-{call_id}"}
    given |= {"key": f"phone:{call_id}", "channel": "phone", "state": "new", "language": "tr", "step": 0, "round": 1}
    return Ticket(call_id=call_id, category=category, **(given | facts))


async def dismissed(db: Database, until: datetime, now: datetime = NOON) -> None:
    async with db.session() as session:
        await dismiss(session, YENI, until, "Ayşe", now)
        await session.commit()


async def test_a_dismissed_place_is_left_alone_until_its_time_is_up(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(5, 4, 3, 2, 1)])
    await dismissed(db, NOON + timedelta(hours=1))
    await dismissed(db, NOON + timedelta(minutes=10))
    assert await found(db) == []
    assert len(await found(db, NOON + timedelta(minutes=10))) == 1


async def test_nobody_dismisses_a_place_for_ever(db: Database) -> None:
    await dismissed(db, NOON + timedelta(days=4000))
    later = NOON + timedelta(days=8)
    await keep(db, [call(YENI, later - timedelta(minutes=n)) for n in range(1, 6)])
    assert len(await found(db, later)) == 1


async def test_the_stronger_suggestion_comes_first(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(5, 4, 3, 2, 1)])
    await keep(db, [call(CUMHURIYET, at) for at in minutes_ago(7, 6, 5, 4, 3, 2, 1)])
    assert [one.area_id for one in await found(db)] == [CUMHURIYET, YENI]


async def test_an_area_that_was_merged_counts_for_its_successor(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(5, 4, 3)])
    await keep(db, [call(999, at) for at in minutes_ago(2, 1)])
    await keep(db, [call(998, at) for at in minutes_ago(5, 4, 3, 2, 1)])
    here = Board(1, NOON, AREAS, (), merged={999: YENI})
    assert [(one.area_id, one.callers) for one in await found(db, here=here)] == [(YENI, 5)]


async def test_one_click_makes_a_draft_that_the_wall_then_knows(db: Database) -> None:
    await keep(db, [call(YENI, at) for at in minutes_ago(9, 4, 3, 2, 1)])
    (one,) = await found(db)
    facts = draft_facts(one)
    assert facts == OutageFacts("fault", "unknown", {YENI: None}, NOON - timedelta(minutes=9))
    async with db.session() as session:
        named = {"name": "x", "spoken": "x", "search_key": "x", "keypad": "9"}
        session.add(Area(id=YENI, kind="neighbourhood", number=1, active=True, **named))
        await session.flush()
        draft = await OutageService(session, Clock(NOON), "Ayşe").create(facts, draft=True)
        await session.commit()
        drafted = draft.id
    assert [again.draft_id for again in await found(db)] == [drafted]


async def test_a_burst_main_is_suggested_within_minutes_and_goes_when_it_is_published(db: Database) -> None:
    """A morning in Yeni Mahalle: a call every 40 minutes; from 9:20 one every 90 seconds; at 9:35 it is published."""
    nine, burst = NOON, NOON + timedelta(minutes=20)
    quiet = [call(YENI, nine - timedelta(minutes=40 * n)) for n in range(1, 200)]
    after = [call(YENI, burst + timedelta(seconds=90 * n)) for n in range(10)]
    waiting = sorted([*quiet, *after], key=lambda journal: journal.started)
    suggested: list[int] = []
    for minute in range(60):
        now = nine + timedelta(minutes=minute)
        await keep(db, [waiting.pop(0) for _ in list(waiting) if waiting[0].started <= now])
        here = board(fault(starts=burst)) if minute >= 35 else board()
        suggested += [minute] if await found(db, now, here) else []
    assert suggested == list(range(26, 35))


async def test_calls_about_each_outage_of_the_last_hour(db: Database) -> None:
    hour = NOON - timedelta(hours=1)
    await keep(db, [call(YENI, at, outage_ids=[1]) for at in minutes_ago(59, 30, 1, 61)])
    await keep(db, [call(YENI, NOON, outage_ids=[1, 2]), call(YENI, NOON, outage_ids=[2, 1]), call(YENI, NOON)])
    await keep(db, [call(YENI, NOON, outage_ids=[1], driver="play")])
    async with db.reading() as session:
        assert await calls_by_outage(session, hour) == {1: 5, 2: 2}
