"""Work is planned for tomorrow: Asterisk calls who asked to be told, today, says where and when, and calls no more."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from callflows.speech import answer, here
from callflows.wording import Wording
from dialling.kinds import Outcome, State, Verdict, Why
from dialling.models import CallAttempt, OptOut, OutboundCall
from ivr.asterisk.errors import PhoneFailed
from ivr.asterisk.softphone import Softphone
from ivr.calling.noticing import PAUSE
from ivr.clock import now
from notices.models import Way
from notices.service import NoticeService
from outages.board import AreaView
from outages.life import OutageFacts
from outages.service import OutageService
from people.audit import use_secret
from prompts.prompt import Prompt
from tests.calling_house import CallingHouse, calling_house
from tests.live_house import answer_questions

pytestmark = pytest.mark.live
TOMORROW = timedelta(hours=23, minutes=30)
LOOKED = PAUSE + 15
"""Seconds within which whoever is to be told is called."""


@pytest.fixture(scope="module")
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallingHouse]:
    with calling_house(request, tmp_path_factory) as world:
        yield world


@pytest.fixture(scope="module")
def areas(calling: CallingHouse) -> list[AreaView]:
    """Neighbourhoods of different districts."""
    board = calling.house.board()
    return [board.within(district.id)[0] for district in board.districts]


async def wants(calling: CallingHouse, area: AreaView, way: Way = "call") -> None:
    """The citizen of the test asked to be told, and the number was confirmed."""
    async with calling.database() as db, db.session() as session:
        notices = NoticeService(session, now, calling.house.settings.secret("notices"))
        await notices.ask(calling.number, area.id, way=way, language="tr", source="operator", confirmed_by="ayse")
        await session.commit()


async def plan(calling: CallingHouse, area: AreaView) -> int:
    """Work of eight hours, the day after."""
    settings = calling.house.settings
    use_secret(settings.secret("audit"), settings.audit_anchor)
    starts = (now() + TOMORROW).replace(minute=0, second=0, microsecond=0)
    async with calling.database() as db, db.session() as session:
        facts = OutageFacts("planned", "maintenance", {area.id: None}, starts, starts + timedelta(hours=8))
        made = await OutageService(session, now, "ayse").create(facts)
        await session.commit()
    return made.id


def heard(calling: CallingHouse, phone: Softphone, area: AreaView) -> tuple[list[Prompt], list[Prompt]]:
    """What the citizen heard, and what the board has to say about the place."""
    board = calling.house.board()
    told = answer(board, area, now(), Wording(calling.house.catalogue, "tr"))
    return calling.house.heard(phone.recording, told, board), told


async def calls(calling: CallingHouse, outage_id: int) -> Sequence[tuple[OutboundCall, CallAttempt]]:
    """Once all attempts are over."""
    query = select(OutboundCall, CallAttempt).join(CallAttempt, CallAttempt.outbound_id == OutboundCall.id)
    query = query.where(OutboundCall.why == Why.planned_notice, OutboundCall.subject.startswith(f"{outage_id}-"))
    async with asyncio.timeout(30), calling.database() as db:
        while True:
            async with db.reading() as session:
                found = [(call, attempt) for call, attempt in await session.execute(query)]
            if found and all(attempt.outcome for _, attempt in found):
                return found
            await asyncio.sleep(0.1)


async def test_who_asked_hears_the_day_before_where_why_and_until_when_and_is_not_called_again(
    calling: CallingHouse, areas: list[AreaView]
) -> None:
    area = areas[0]
    async with calling.citizen() as phone:
        await wants(calling, area)
        outage_id = await plan(calling, area)
        assert (await phone.rung(within=LOOKED)).number == "185"
        await phone.accept()
        await answer_questions(phone, "1", "*")
        await phone.ended()
        said, told = heard(calling, phone, area)
        phone.expect_another()
        with pytest.raises(PhoneFailed):
            await phone.rung(within=LOOKED)
    opening = ["call_back.hello", "call_back.about.planned_notice", "call_back.confirm"]
    assert [prompt.key for prompt in said[:3]] == opening
    again = calling.house.phrase("call_back.told")
    assert said[3:] == [*told, again, *told, again, calling.house.phrase("call_back.goodbye")]
    assert here(calling.house.board(), area) in told
    [(call, attempt)] = await calls(calling, outage_id)
    assert (call.state, call.verdict, call.number) == (State.done, Verdict.told, calling.number)
    assert (attempt.outcome, attempt.verdict) == (Outcome.person, Verdict.told)
    assert "planlı bakım" in (attempt.heard or "")


async def test_who_wants_no_more_such_calls_gets_none_about_the_next_work(
    calling: CallingHouse, areas: list[AreaView]
) -> None:
    async with calling.citizen() as phone:
        for area in areas[1:3]:
            await wants(calling, area)
        first = await plan(calling, areas[1])
        await phone.rung(within=LOOKED)
        await phone.accept()
        await answer_questions(phone, "1", "9", "9")
        await phone.ended()
        said, _ = heard(calling, phone, areas[1])
        [(call, attempt)] = await calls(calling, first)
        await plan(calling, areas[2])
        phone.expect_another()
        with pytest.raises(PhoneFailed):
            await phone.rung(within=LOOKED)
    assert [prompt.key for prompt in said[-2:]] == ["call_back.refuse", "call_back.opted_out"]
    assert (call.state, attempt.verdict) == (State.opted_out, Verdict.opted_out)
    async with calling.database() as db, db.reading() as session:
        assert (await session.scalars(select(OptOut.number_hash))).all() == [call.number_hash]
