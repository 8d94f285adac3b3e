"""The share of a real trunk for those who call us: a caller on the line holds calls to citizens back."""

from collections.abc import Iterator

import pytest

from dialling.kinds import Outcome, Verdict
from ivr.asterisk.errors import PhoneFailed
from tests.calling_house import CallingHouse, calling_house
from tests.live_house import answer_questions

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallingHouse]:
    """Of its two channels one is kept for those who call."""
    with calling_house(request, tmp_path_factory, trunk_channels=2, trunk_reserved=0.5) as world:
        yield world


async def test_nobody_is_called_while_callers_need_what_is_left_of_the_trunk(calling: CallingHouse) -> None:
    async with calling.citizen() as citizen:
        async with calling.house.phone("05320000001") as caller:
            await caller.dial("185")
            await caller.speaking()
            call_id = await calling.call()
            with pytest.raises(PhoneFailed):
                await citizen.rung(within=5)
            await caller.hang_up()
        await citizen.rung(within=30)
        await citizen.accept()
        await answer_questions(citizen, "1", "2")
        await citizen.ended()
    _, attempt = await calling.settled(call_id)
    assert (attempt.outcome, attempt.verdict) == (Outcome.person, Verdict.not_solved)
