"""The whole house as a user starts it: `./alo185 run` as a process of its own, a database of its own, real calls."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import httpx

from callflows.speech import here, name, prompts_for
from ivr.asterisk.listening import Match, listen
from ivr.asterisk.softphone import Softphone
from ivr.clock import now
from ivr.dialplan import AGENT_ENDPOINTS
from ivr.settable import ROOT
from outages.board import AreaView, Board
from outages.snapshot import load_board
from prompts.catalogue import load_catalogue
from prompts.engines import engine_for
from prompts.library import PromptLibrary
from prompts.prompt import Prompt
from storage.database import Database
from tests.asterisk_stand import live_settings
from tests.clusters import in_own_loop
from tests.shared_prompts import open_folder, share_register

UP = "Alo 185 is up"
START_SECONDS = 240.0


class LiveHouse:
    """One installation that is up. Its prompts outlast the tests, since they are always alike."""

    def __init__(self, state: Path, prompts: Path, **settings: object) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.settings = live_settings(state, **settings)
        self._prompts = prompts
        open_folder(self.settings.prompts, prompts)
        self.catalogue = load_catalogue()
        self._phones = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        share_register(self.settings.state, self._prompts)
        self.output = (self.settings.state / "run.out").open("wb")
        command = [sys.executable, "-m", "ivr", "run", "--no-call"]
        environment = {**os.environ, **self.settings.as_environment()}
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.output, stderr=self.output)
        deadline = time.monotonic() + START_SECONDS
        while UP not in self.told():
            assert self._process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.1)

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        status = self._process.wait(30)
        self.output.close()
        return status

    def kill(self) -> None:
        """Leave nothing running, whatever went wrong before."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def told(self) -> str:
        return (self.settings.state / "run.out").read_text(errors="replace")

    @property
    def supervisor_pid(self) -> int:
        """The process that we started, which keeps the service and Asterisk alive."""
        assert self._process
        return self._process.pid

    @property
    def service_pid(self) -> int:
        """The service's process, a child of the one that we started."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        serving = [int(pid) for pid in children if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(serving) == 1
        return serving[0]

    @property
    def asterisk_pid(self) -> int:
        """Its own process, a child of the one that we started."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        running = [int(pid) for pid in children if b"asterisk.conf" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(running) == 1
        return running[0]

    def healthy_again(self, other_than: int) -> None:
        """Wait until another process than that one answers."""
        deadline = time.monotonic() + 60
        while not self._healthy() or self.service_pid == other_than:
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.1)

    def phone(self, number: str, **more: object) -> Softphone:
        self._phones += 1
        folder = self.settings.state / f"phone-{self._phones}"
        return Softphone(folder, number, server_port=self.settings.sip_port, **more)

    def agent(self, index: int = 0) -> Softphone:
        user = AGENT_ENDPOINTS[index]
        return self.phone(user, password=self.settings.secret(user), answers=True)

    def board(self) -> Board:
        async def load() -> Board:
            db = Database(self.settings.database)
            async with db.reading() as session:
                board = await load_board(session, now())
            await db.close()
            return board

        return in_own_loop(load())

    def command(self, *arguments: str) -> str:
        """What `./alo185 …` prints for this installation."""
        environment = {**os.environ, **self.settings.as_environment()}
        command = [sys.executable, "-m", "ivr", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def publish(self, area: AreaView, cause: str) -> None:
        """An outage through REST; returns once the next caller hears it."""
        body = {"kind": "fault", "cause": cause, "areas": [{"area_id": area.id}], "starts": now().isoformat()}
        key = {"X-API-Key": self.settings.secret("api-key")}
        answer = httpx.post(f"{self.url}/api/v1/outages", json=body, headers=key, trust_env=False, timeout=10)
        assert answer.status_code == 201, answer.text
        deadline = time.monotonic() + 10
        while self._get(f"/dialplan/outage?area={area.number}").text != "off":
            assert time.monotonic() < deadline
            time.sleep(0.05)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def phrase(self, key: str, language: str = "tr", **slots: str) -> Prompt:
        return self.catalogue.phrase(key, language, **slots)

    def heard(self, recording: Path, expected: Iterable[Prompt], board: Board) -> list[Prompt]:
        return [prompt for _, prompt in self.matched(recording, expected, board)]

    def matched(self, recording: Path, expected: Iterable[Prompt], board: Board) -> list[tuple[Match, Prompt]]:
        """What a recording holds, in order: of what is expected, all of the catalogue, and all about every outage."""
        decoys = [*self.catalogue.statics(), *prompts_for(board, now(), self.catalogue)]
        districts = [form for area in board.districts for form in (name(area), here(board, area))]
        files = in_own_loop(self._files([*expected, *decoys, *districts]))
        return [(match, files[match.prompt]) for match in listen(recording, files)]

    def sound(self, prompts: list[Prompt]) -> bytes:
        """The samples of these prompts in a row, as the desk's browsers get them."""
        files = {prompt: file for file, prompt in in_own_loop(self._files(prompts)).items()}
        return b"".join(Path(f"{files[prompt]}.sln16").read_bytes() for prompt in prompts)

    async def _files(self, prompts: list[Prompt]) -> dict[Path, Prompt]:
        library = PromptLibrary(self.settings.prompts, engine_for("espeak"))
        await library.prepare(prompts)
        found = {library.media(prompt): prompt for prompt in reversed(prompts)}
        await library.close()
        return {media: prompt for media, prompt in found.items() if media}

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", trust_env=False, timeout=2)

    def _healthy(self) -> bool:
        try:
            return self._get("/health").status_code == 200
        except httpx.HTTPError:
            return False


async def answer_questions(phone: Softphone, *entries: str) -> None:
    """Type each entry once what is being said has ended; on a busy machine, a gap in it may last a second."""
    for entry in entries:
        await phone.pause(1.2)
        await phone.press(entry)


async def interrupt(phone: Softphone, *entries: str) -> None:
    """Type each entry while something is being said, as those do who know what they want."""
    for entry in entries:
        await phone.speaking()
        await phone.press(entry)


async def together(**calls: object) -> dict[str, object]:
    """All calls at once; what each returned, or the error that it ended with."""
    done = await asyncio.gather(*calls.values(), return_exceptions=True)  # type: ignore[call-overload]
    return dict(zip(calls, done, strict=True))
