"""The conversation in the terminal goes as on the telephone."""

import asyncio
import contextlib
import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from callflows.call import CallEnded, Recording
from callflows.hotline import hotline
from calls.journal import Outcome
from ivr.cli import play
from ivr.service import Service
from ivr.settings import Settings
from ivr.terminal import Keys, Loudspeaker, NoPlayer, PlayCall
from outages.area_import import apply_areas
from outages.gazetteer import numbered, seed
from prompts.engines import engine_for
from prompts.library import PromptLibrary
from prompts.prompt import Prompt
from tests.hotline_world import CALLER, CATALOGUE, YENI, TestDesk, VirtualClock, board, fault
from tests.hotline_world import NOON as NOW
from tickets.models import Ticket

ROOT = Path(__file__).resolve().parents[1]


def wav(path: Path, seconds: int = 2) -> Path:
    with wave.open(str(path), "wb") as message:
        message.setparams((1, 2, 8000, 0, "NONE", ""))
        message.writeframes(b"\1\0" * 8000 * seconds)
    return path


async def played(keys: str, tmp_path: Path, *, knows: int | None = None, message: Path | None = None) -> list[str]:
    shown: list[str] = []
    desk = TestDesk(VirtualClock(NOW), board(fault()), remembered={CALLER: knows} if knows else {})
    call = PlayCall(CALLER, Keys(keys), tmp_path / "in", show=shown.append, clock=desk.now, message=message)
    with contextlib.suppress(CallEnded):
        await hotline(call, desk)
    return shown


async def test_what_is_heard_is_printed_and_keys_stand_in_brackets(tmp_path: Path) -> None:
    shown = await played("2-210", tmp_path, knows=YENI)
    assert shown[0] == "  Alo yüz seksen beş'e hoş geldiniz."
    assert shown[1].startswith("  Gebze ilçesi, Yeni Mahalle'de şebeke arızası nedeniyle su kesintisi var.")
    assert "  [2]" in shown
    assert "  [silence]" in shown
    assert shown[-1] == "  → queue alo185-agents: asked, Gebze, Yeni Mahalle, tr, priority 0"


async def test_a_file_stands_for_the_voice_message(tmp_path: Path) -> None:
    source = wav(tmp_path / "my words.wav")
    shown = await played("22311111#", tmp_path, message=source)
    assert any("recorded" in line and "2.0 s" in line for line in shown)
    assert any("Kayıt numaranız: yirmi altı," in line for line in shown)
    assert source.exists()


async def test_the_voice_message_can_be_listened_to(tmp_path: Path) -> None:
    source = wav(tmp_path / "my words.wav")
    shown = await played("22311*111#", tmp_path, message=source)
    assert shown[shown.index("  [*]") + 1] == "  [your message, 2.0 s]"
    assert any("Kayıt numaranız: yirmi altı," in line for line in shown)


async def test_a_key_cuts_the_voice_message_short(tmp_path: Path) -> None:
    keys = Keys(more=True)
    voice = SlowVoice(keys)
    call = PlayCall(CALLER, keys, tmp_path, show=lambda _: None, voice=voice)
    assert await call.play_back(Recording(tmp_path / "message.wav", 60.0)) == "1"
    assert voice.heard == ["message.wav"]


async def test_a_typed_number_is_not_shown(tmp_path: Path) -> None:
    shown = await played("2231112" + "02621234567#" + "1#", tmp_path, message=wav(tmp_path / "m.wav"))
    assert "  […]" in shown
    assert not any("0262" in line for line in shown)


class SlowVoice:
    """Speaks until it is interrupted."""

    def __init__(self, keys: Keys) -> None:
        self.heard: list[str] = []
        self._keys = keys

    async def say(self, prompt: Prompt, interrupted: asyncio.Task[None] | None) -> None:
        self.heard.append(prompt.key)
        if prompt.key == "menu.main":
            asyncio.get_running_loop().call_soon(self._keys.add, "0")
            assert interrupted
            await interrupted

    async def play(self, message: Path, interrupted: asyncio.Task[None] | None) -> None:
        self.heard.append(message.name)
        asyncio.get_running_loop().call_soon(self._keys.add, "1")
        assert interrupted
        await interrupted


async def test_a_key_cuts_the_voice_short(tmp_path: Path) -> None:
    keys = Keys(more=True)
    voice = SlowVoice(keys)
    desk = TestDesk(VirtualClock(NOW), board(fault()))
    call = PlayCall(CALLER, keys, tmp_path, show=lambda _: None, clock=desk.now, voice=voice)
    await hotline(call, desk)
    assert voice.heard == ["welcome.short", "language.offer", "menu.main", "record.notice", "transfer.connecting"]
    assert call.journal.outcome is Outcome.transferred


async def test_prompts_are_played_by_the_machines_own_player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\nfor file; do :; done\ncat "$file" >> {tmp_path}/heard\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    library = PromptLibrary(tmp_path / "prompts", engine_for("espeak", None))
    prompt = CATALOGUE.phrase("welcome.short", "tr")
    await Loudspeaker(library).say(prompt, None)
    sounding = (tmp_path / "heard").stat().st_size / (2 * 16000)
    assert sounding == pytest.approx(library.seconds(prompt), abs=0.1)
    await library.close()


def test_without_a_player_sound_is_refused_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPlayer, match="install aplay"):
        Loudspeaker(PromptLibrary(tmp_path, engine_for("espeak", None)))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with two districts and no outage."""
    monkeypatch.setenv("ALO185_STATE", str(tmp_path))

    async def fill() -> None:
        service = Service(Settings())
        await service.db.migrate()
        places = [("neighbourhood", "Yeni", "Gebze"), ("neighbourhood", "Derbent", "Kartepe")]
        seeds = [seed("district", "Gebze", None), seed("district", "Kartepe", None)]
        await apply_areas(service.db, numbered([*seeds, *(seed(*place) for place in places)]))  # type: ignore[arg-type]
        await service.stop()

    asyncio.run(fill())
    return tmp_path


def command() -> typer.Typer:
    app = typer.Typer()
    play.register(app)
    return app


def test_the_command_plays_a_call_on_the_own_database_and_opens_a_real_ticket(state: Path) -> None:
    message = wav(state / "words.wav")
    result = CliRunner().invoke(
        command(), ["--from", "0532 123 45 67", "--keys", "2 2 3 527 337 1 1 1 #", "--message", str(message)]
    )
    assert result.exit_code == 0, result.output
    assert "Arıza kaydınız açıldı" in result.output
    assert "outcome: ticket, ticket " in result.output

    async def stored() -> Ticket:
        service = Service(Settings())
        async with service.db.reading() as session:
            ticket = (await session.scalars(select(Ticket))).one()
        await service.stop()
        return ticket

    ticket = asyncio.run(stored())
    assert ticket.callback_number == "+905321234567"
    assert ticket.voice
    assert (state / "tickets" / ticket.voice).read_bytes() == message.read_bytes()
    assert list((state / "recordings").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--keys", "1 a"], "bad_keys"),
        (["--from", "hello"], "bad_number"),
        (["--message", "/nowhere.wav"], "no_message"),
        (["--message", __file__], "no_message"),
    ],
)
def test_wrong_options_get_one_clear_sentence(arguments: list[str], code: str) -> None:
    result = CliRunner().invoke(command(), arguments)
    assert getattr(result.exception, "code", None) == code
    assert str(result.exception).endswith(".")


def test_keys_may_come_through_a_pipe(state: Path) -> None:
    """Line by line; an empty line is silence, the end of the pipe hangs up."""
    program = "import typer; from ivr.cli import play; app = typer.Typer(); play.register(app); app()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\n3\n1\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
        check=True,
    )
    assert "[silence]" in done.stdout
    assert "Faturanızı internet sitemizden" in done.stdout
    assert done.stdout.rstrip().endswith("outcome: served")
