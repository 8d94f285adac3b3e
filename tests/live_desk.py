"""Agents and supervisors in real browsers before a whole house, and what is heard on their callers' telephones."""

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from agents.models import Contact
from agents.setup import Setup
from ivr.asterisk.listening import WAV_HEADER, read_prompt, read_wav
from ivr.asterisk.softphone import Softphone
from people.audit import use_secret
from people.roles import Duty, Role
from people.service import PeopleService
from people.signin import SignIn
from people.web import COOKIE
from storage.database import Database
from storage.types import use_key
from tests.asterisk_stand import put_sound, put_wav, sounds_of
from tests.browser import Desk
from tests.live_house import interrupt
from tests.live_worlds import World
from tests.people_world import add_person, signed_in
from tests.phone_stand import becomes
from tickets.models import Ticket

PHONE = "window.alo185Phone"
PATIENCE = 60_000.0
"""Milliseconds for what is said before."""
QUIET, AUDIBLE = 0.005, 0.01
"""Of full scale: what codecs make of silence stays below the first, speech and beeps are above the second."""
RATE = 8000
KNOWN_BY = 0.3
"""The share of its tenths of seconds by which a sound is known, of which a busy machine lost many; others have none."""
TRIES = 3
"""Times that somebody says what is not heard."""


@dataclass
class Agents:
    """Browsers of people at the desk or before the floor."""

    world: World
    desk: Desk
    db: Database

    @contextlib.asynccontextmanager
    async def person(self, name: str, role: Role, *duties: Duty) -> AsyncIterator[Page]:
        """Somebody in a window of their own, with a microphone that beeps."""
        use_secret(self.world.house.settings.secret("audit"), self.world.house.settings.audit_anchor)
        await add_person(self.db, name, role, now, duties)  # type: ignore[arg-type]
        token = await signed_in(SignIn(self.db, now), name)
        async with self.desk.person({COOKIE: token}, permissions=["microphone"]) as page:
            yield page

    @contextlib.asynccontextmanager
    async def agent(self, name: str) -> AsyncIterator[Page]:
        """At the desk with a telephone that is connected."""
        async with self.person(name, Role.operator, Duty.desk) as page:
            await page.goto("/console/desk")
            await expect(page.locator("#phone-state")).to_have_text("bağlı")
            yield page

    @contextlib.asynccontextmanager
    async def supervisor(self, name: str) -> AsyncIterator[Page]:
        """Before the floor, and not at the desk."""
        async with self.person(name, Role.viewer, Duty.supervisor) as page:
            await page.goto("/console/supervisor")
            yield page

    @contextlib.asynccontextmanager
    async def caller(self, number: str, *keys: str) -> AsyncIterator[Softphone]:
        """Who dials and asks for a person, after these keys."""
        async with self.world.house.phone(number) as phone:
            await phone.dial("185")
            await interrupt(phone, *keys, "0")
            yield phone

    async def serves(self, name: str, queue: str) -> None:
        async with self.db.session() as session:
            user = await PeopleService(session, now, "tests").named(name)
            await Setup(session, now, "tests").serve(user.id, [queue])
            await session.commit()

    async def target(self, label: str, number: str, kind: str) -> str:
        """Onto the list of where calls may go; how the page names it."""
        use_secret(self.world.house.settings.secret("audit"), self.world.house.settings.audit_anchor)
        async with self.db.session() as session:
            row = await Setup(session, now, "tests").add("targets", label=label, number=number, kind=kind)
            await session.commit()
            return f"target:{row.id}"

    async def contacts(self) -> list[Contact]:
        use_key(self.world.house.settings.secret("database-key"))
        async with self.db.reading() as session:
            return list(await session.scalars(select(Contact).order_by(Contact.id)))

    async def tickets(self) -> list[Ticket]:
        async with self.db.reading() as session:
            return list(await session.scalars(select(Ticket).order_by(Ticket.id)))

    def announcement(self, name: str, language: str) -> Path:
        """What Asterisk itself says, as a file without its ending."""
        return sounds_of(self.world.house.settings) / language / "alo185" / name


def now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def agents_of(world: World, chromium: Browser) -> AsyncIterator[Agents]:
    db = Database(world.house.settings.database)
    yield Agents(world, Desk(chromium, world.house.url), db)
    await db.close()


async def ready(page: Page) -> None:
    await page.get_by_role("button", name="Hazırım").click()
    await expect(page.locator("[data-state=ready]")).to_be_visible()


async def answers(page: Page) -> None:
    await expect(page.locator("[data-state=ringing]")).to_be_visible(timeout=PATIENCE)
    await becomes(page, f"{PHONE}.calls[0]?.state", lambda state: state == "ringing")
    await page.keyboard.press("F2")
    await expect(page.locator("[data-state=talking]")).to_be_visible()


async def passes_on(page: Page, to: str, button: str) -> None:
    await page.evaluate("document.getElementById('phone-on').open = true")
    await page.locator("#transfer-to").select_option(to)
    await page.get_by_role("button", name=button, exact=True).click()


async def finishes(page: Page, result: str) -> None:
    """Writes down the result, and is ready for the next."""
    await expect(page.locator("[data-state=wrap_up]")).to_be_visible(timeout=PATIENCE)
    await page.get_by_label(result).check()
    await page.locator("#result button.main").click()
    await expect(page.locator("[data-state=ready]")).to_be_visible()


async def hears(page: Page, call: str = f"{PHONE}.calls[0]") -> None:
    before = await page.evaluate(f"{call}.received()")
    await becomes(page, f"{call}.received()", lambda got: got["energy"] > before["energy"] + 1e-4)


async def hears_nothing(page: Page, milliseconds: float = 2500) -> None:
    before = await page.evaluate(f"{PHONE}.calls[0].received()")
    await page.wait_for_timeout(milliseconds)
    after = await page.evaluate(f"{PHONE}.calls[0].received()")
    assert after["energy"] - before["energy"] < 1e-5
    assert after["bytes"] > before["bytes"]


async def falls_silent(page: Page, call: str = f"{PHONE}.calls[0]", within: float = 20) -> None:
    """What was said before has come to its end."""
    async with asyncio.timeout(within):
        before = await page.evaluate(f"{call}.received()")
        while True:
            await page.wait_for_timeout(2000)
            after = await page.evaluate(f"{call}.received()")
            if after["energy"] - before["energy"] < 1e-5:
                return
            before = after


async def says(phone: Softphone, seed: int, seconds: float = 3) -> Path:
    """Speech of its own kind into the call; the sound that others are to have heard."""
    folder = phone.recording.parent
    await phone.speak(put_wav(folder / f"said-{seed}.wav", seed, seconds))
    return put_sound(folder / f"said-{seed}", seed, seconds)


def so_far(phone: Softphone) -> Path:
    """What has been heard in a call that still goes on: its recording has no complete header before its end."""
    whole = phone.recording.with_name("so-far.wav")
    with wave.open(str(whole), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        sound = phone.recording.read_bytes()[WAV_HEADER:]
        out.writeframes(sound[: len(sound) // 2 * 2])
    return whole


async def loudest(phone: Softphone, seconds: float) -> float:
    """Of what is heard from now on, for so long."""
    begun = len(read_wav(so_far(phone)))
    async with asyncio.timeout(20 + seconds):
        while len(heard := read_wav(so_far(phone))) < begun + seconds * RATE:  # noqa: ASYNC110  # it grows as they talk
            await asyncio.sleep(0.05)
    return float(np.abs(heard[begun:]).max())


async def falls_quiet(phone: Softphone, within: float = 30) -> None:
    """What was on its way to this telephone has come to its end, and nothing follows."""
    async with asyncio.timeout(within):
        while await loudest(phone, 3) >= QUIET:
            pass


async def is_heard(phone: Softphone, sound: Path, since: float, within: float = 20) -> float:
    """Somebody else said it after that second of the call, and it came; from which second on."""
    share, begins = 0.0, []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while share <= KNOWN_BY:
                await asyncio.sleep(0.5)
                recording = so_far(phone)
                begins = agreeing(beginnings(recording, sound, len(read_wav(recording)) / RATE - since))
                share = len(begins) / tenths(sound)
    assert share > KNOWN_BY, f"{share:.0%} of {sound.name} was heard"
    return since + begins[0]


async def reaches(phone: Softphone, sound: Path, speaker: Softphone) -> None:
    """The speaker said it just now, and it came, though perhaps not whole; who is not heard says it again."""
    for _ in range(TRIES):
        share = await share_heard(phone, sound)
        if share > KNOWN_BY:
            return
        await speaker.speak(sound.with_suffix(".wav"))
    raise AssertionError(f"{share:.0%} of {sound.name} was heard")


async def share_heard(phone: Softphone, sound: Path, within: float = 8) -> float:
    """Of a sound that is being said, as soon as it is enough or else at last."""
    share = 0.0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while share <= KNOWN_BY:
                await asyncio.sleep(0.5)
                share = pieces(so_far(phone), sound, last=within)
    return share


def pieces(recording: Path, sound: Path, last: float = 0) -> float:
    """The share of a sound's tenths of seconds that is in a recording, or in the `last` seconds of it.

    A busy machine may leave out some hundredths. Another sound's likeness stays below 0.4, that of one with a gap of
    20 ms in it above 0.6.
    """
    return len(beginnings(recording, sound, last)) / tenths(sound)


def agreeing(begins: list[float]) -> list[float]:
    """Most of those that lie within half a second: by as much a busy machine shifts parts of what is said."""
    return max(([other for other in begins if 0 <= other - one <= 0.5] for one in begins), key=len, default=[])


def tenths(sound: Path) -> int:
    return len(read_prompt(sound)) // (RATE // 10)


def beginnings(recording: Path, sound: Path, last: float = 0) -> list[float]:
    """When a sound began, in seconds, by each of its tenths that is in the recording, or in its `last` seconds."""
    heard, size = read_wav(recording)[-int(last * RATE) :].astype(float), RATE // 10
    if len(heard) < size:
        return []
    length = 1 << (len(heard) + size).bit_length()
    spectrum = np.fft.rfft(heard, length)
    squares = np.concatenate([[0.0], np.cumsum(heard**2)])
    energy = np.sqrt((squares[size:] - squares[:-size]).clip(0)) + 1e-3
    whole = read_prompt(sound).astype(float)
    parts = [whole[start : start + size] for start in range(0, len(whole) - size + 1, size)]
    likeness = (np.fft.irfft(spectrum * np.conj(np.fft.rfft(part, length)), length) for part in parts)
    begins = []
    for number, (like, part) in enumerate(zip(likeness, parts, strict=True)):
        alike = like[: len(energy)] / energy / np.linalg.norm(part)
        place = int(alike.argmax())
        if alike[place] > 0.6:
            begins.append(place / RATE - number / 10)
    return sorted(begins)
