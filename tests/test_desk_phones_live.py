"""Agents in browsers and the queue: rung, talked to, sent on, and lost in mid-call without the caller's loss."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from ivr import dialplan
from ivr.asterisk.softphone import Softphone
from ivr.phones.account import Account
from tests.asterisk_stand import live_settings, put_sound, put_wav, sounds_of
from tests.browser_desk import in_one_loop
from tests.live_desk import falls_silent, pieces
from tests.phone_stand import PhoneStand, becomes, connect, hears, phone_stand
from tests.ports import free_ports

pytestmark = [pytest.mark.live, in_one_loop]

LASTS = timedelta(minutes=5)
QUEUE, OTHER = dialplan.QUEUES[0], dialplan.QUEUES[1]
NUMBER = "05321234567"
(OUTSIDE,) = free_ports(1)
"""Where the telephone outside listens."""


@pytest_asyncio.fixture(loop_scope="session")
async def stand(tmp_path: Path, chromium: Browser) -> AsyncIterator[PhoneStand]:
    """Callers go straight to the queue, since no calls are taken."""
    settings = live_settings(tmp_path, driver="ari", dial=f"PJSIP/alo185-local/sip:{{number}}@127.0.0.1:{OUTSIDE}")
    put_sound(settings.fallback / "outages", 11, 0.3)
    async with phone_stand(settings, chromium) as open_stand:
        yield open_stand


def caller(stand: PhoneStand, number: str = NUMBER) -> Softphone:
    folder = stand.settings.state / f"caller-{number}"
    return Softphone(folder, number, server_port=stand.settings.sip_port)


@asynccontextmanager
async def agent(stand: PhoneStand, name: str = "desk-7", queue: str = QUEUE) -> AsyncIterator[tuple[Page, Account]]:
    """At the desk and ready."""
    async with stand.tab() as page:
        account = stand.phones.accounts.create(name, dialplan.DESK_CONTEXT, LASTS, agent=True)
        await connect(page, account, register=True)
        await stand.phones.members.add(name, queue, paused=False)
        yield page, account


async def rings(page: Page) -> None:
    await becomes(page, "phone.calls[0]?.state", lambda state: state == "ringing")


async def answers(page: Page) -> None:
    await rings(page)
    await page.evaluate("phone.calls[0].answer().then(() => true)")
    await becomes(page, "phone.calls[0]?.state", lambda state: state == "talking")


async def test_the_desk_knows_who_calls_while_it_rings_and_both_hear_each_other(stand: PhoneStand) -> None:
    async with agent(stand) as (page, _), caller(stand) as phone:
        await phone.dial("185")
        await rings(page)
        call = await stand.told.event("rings")
        assert (call.endpoint, call.queue) == ("desk-7", QUEUE)
        assert call.joined > 1_600_000_000
        assert await page.evaluate(f"phone.calls[0].header('{dialplan.CALL_HEADER}')") == call.caller
        assert await page.evaluate("phone.calls[0].number") == NUMBER
        await page.evaluate("phone.calls[0].answer().then(() => true)")
        await stand.told.event("answered", call.leg)
        await phone.speaking()  # the browser's microphone beeps
        await page.evaluate("phone.calls[0].hangUp()")
        await stand.told.event("ended", call.leg)
        await phone.ended(within=30)  # who was talked to is not sent back into the line


async def test_an_agent_who_pauses_is_not_rung_and_one_who_leaves_is_no_member(stand: PhoneStand) -> None:
    members = stand.phones.members
    async with agent(stand) as (page, _), agent(stand, "desk-8") as (other, _):
        await members.pause("desk-7", QUEUE, True, "lunch")
        async with caller(stand) as phone:
            await phone.dial("185")
            await answers(other)
            await phone.hang_up()
        await members.remove("desk-8", QUEUE)
        listed = await stand.asterisk.ask(f"queue show {QUEUE}")
        assert "desk-8" not in listed
        assert "desk-7" in listed
        assert await page.evaluate("phone.calls.length") == 0
    assert {call.endpoint for _, call in stand.told.calls} == {"desk-8"}


async def test_a_browser_closed_in_mid_call_puts_its_caller_first_in_line(stand: PhoneStand) -> None:
    async with agent(stand, "desk-8") as (page, _), caller(stand) as phone, caller(stand, "05320000002") as waiting:
        await stand.phones.members.pause("desk-8", QUEUE, True, "lunch")
        async with agent(stand) as (lost, _):
            await phone.dial("185")
            await answers(lost)
            first = await stand.told.event("answered")
            await waiting.dial("185")
        await stand.told.event("ended", first.leg)
        await stand.phones.members.pause("desk-8", QUEUE, False, "")
        await rings(page)
        again = await stand.told.event("rings", at="desk-8")
        assert again.caller == first.caller
        assert await page.evaluate("phone.calls[0].number") == NUMBER
        await phone.hang_up()
        await waiting.hang_up()


async def test_a_caller_is_sent_on_to_another_queue(stand: PhoneStand) -> None:
    async with agent(stand) as (page, _), agent(stand, "desk-8", OTHER) as (other, _), caller(stand) as phone:
        await phone.dial("185")
        await answers(page)
        call = await stand.told.event("answered")
        await phone.speak(put_wav(stand.settings.state / "asked.wav", 7, 10))
        await hears(page)
        await stand.phones.floor.to_queue(call.caller, OTHER)
        await stand.told.event("ended", call.leg)
        await answers(other)
        sent = await stand.told.event("answered", at="desk-8")
        assert (sent.caller, sent.queue) == (call.caller, OTHER)
        await phone.speak(put_wav(stand.settings.state / "said.wav", 7, 10))
        await hears(other)
        await phone.hang_up()


async def test_a_supervisor_listens_unheard_and_then_joins(stand: PhoneStand) -> None:
    async with agent(stand) as (page, _), agent(stand, "desk-9", OTHER) as (boss, _), caller(stand) as phone:
        await phone.dial("185")
        await answers(page)
        call = await stand.told.event("answered")
        await stand.phones.floor.spy("desk-9", call.leg, "listen")
        await rings(boss)
        assert await boss.evaluate(f"phone.calls[0].header('{dialplan.LISTEN_HEADER}')") == call.leg
        await boss.evaluate("phone.calls[0].answer().then(() => true)")
        await hears(boss)  # the agent's microphone beeps
        await falls_silent(page, "phone.calls[0]")  # the caller says nothing, and nothing of the supervisor comes
        await boss.evaluate("phone.calls[0].hangUp()")
        await stand.phones.floor.spy("desk-9", call.leg, "join")
        await answers(boss)
        await hears(page)
        await phone.hang_up()
        await hears(boss)  # the agent is still there
        await page.evaluate("phone.calls[0].hangUp()")
        await becomes(boss, "phone.calls.length", lambda count: count == 0)


async def test_a_call_is_recorded_after_its_notice(stand: PhoneStand) -> None:
    notice = put_sound(sounds_of(stand.settings) / "en" / "alo185" / "desk-recorded", 21, 2)
    async with agent(stand) as (page, _), caller(stand) as phone:
        await phone.dial("185")
        await answers(page)
        call = await stand.told.event("answered")
        await page.evaluate("phone.calls[0].mute(true)")  # its beeps would lie over the notice
        await stand.phones.floor.record(call.caller, call.leg, "7-abc", "en")
        await phone.pause(1)
        await phone.speak(put_wav(stand.settings.state / "said.wav", 7, 10))
        await page.wait_for_timeout(7000)
        await phone.hang_up()
        await stand.told.event("ended", call.leg)
        recording = phone.recording
    said = put_sound(stand.settings.state / "said", 7, 10)
    kept = stand.settings.agent_calls / "7-abc.wav"
    assert pieces(recording, notice) > 0.5
    assert pieces(kept, notice) == 0  # nothing is written down before it was said
    assert pieces(kept, said) > 0.1  # of ten seconds those after the notice


async def test_a_caller_is_sent_outside_and_a_third_telephone_joins(stand: PhoneStand, tmp_path: Path) -> None:
    folder, port = tmp_path / "outside", stand.settings.sip_port
    said = put_wav(tmp_path / "said.wav", 9, 20)
    outside = Softphone(folder, "900", server_port=port, answers=True, listens=OUTSIDE, speaks=said)
    async with agent(stand) as (page, _), caller(stand) as phone, outside:
        await phone.dial("185")
        await answers(page)
        call = await stand.told.event("answered")
        await stand.phones.floor.three_way(call.caller, call.leg, "900")
        await hears(page)
        await outside.hang_up()
        outside.expect_another()
        await stand.phones.floor.to_number(call.caller, "900")
        await stand.told.event("ended", call.leg)
        await phone.speaking()
        await phone.hang_up()


async def test_asterisk_tells_until_when_an_account_lasts_also_of_one_that_was_pushed_anew(stand: PhoneStand) -> None:
    """By that two services on one Asterisk know whose an account is."""
    account = stand.phones.accounts.create("desk-7", dialplan.DESK_CONTEXT, LASTS, agent=True)
    for _ in range(2):
        await stand.phones.asterisk.put(account)
        assert await stand.phones.asterisk.expires("desk-7") == account.expires
    assert await stand.phones.asterisk.expires("desk-8") is None
