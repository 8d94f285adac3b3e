"""One real call to 185, and what it heard: for people who want to see it work, and for tests of the whole house."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ivr.asterisk.errors import PhoneFailed
from ivr.asterisk.listening import listen, read_wav
from ivr.asterisk.softphone import Softphone
from ivr.settings import Settings
from prompts.formats import NARROW
from prompts.prompt import Prompt

NUMBER = "185"
BETWEEN_PROMPTS = 0.8
"""Seconds of silence after which a caller takes it that it is their turn."""
NOTHING_MORE = 1.8
LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """Something heard: from `start` for `seconds`."""

    start: float
    seconds: float
    prompt: Prompt
    whole: bool
    score: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A call that was made."""

    recording: Path
    seconds: float
    lines: Sequence[Line]

    def transcript(self) -> str:
        """What was heard, one prompt a line, with its second."""
        said = [
            f"{line.start:6.1f} s  {line.prompt.text}{'' if line.whole else ' …'}  [{line.prompt.key}]"
            for line in self.lines
        ]
        return "\n".join(said) or "nothing that this installation can say was heard"


async def place_call(settings: Settings, caller: str, entries: Sequence[str], folder: Path | None = None) -> Path:
    """Call 185 as `caller`, type each entry once what is being said has ended, hang up when nothing follows.

    Returns the recording. Raises PhoneFailed when the call is not answered.
    """
    folder = folder or settings.state / "trials" / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    async with Softphone(folder, caller, server_port=settings.sip_port) as phone:
        await phone.dial(NUMBER)
        for entry in entries:
            await phone.pause(BETWEEN_PROMPTS, within=LONGEST_WAIT)
            await phone.press(entry)
        with contextlib.suppress(PhoneFailed):
            await phone.pause(NOTHING_MORE, within=LONGEST_WAIT)
        await phone.hang_up()
    (folder / "silence.wav").unlink(missing_ok=True)
    return phone.recording


def heard_in(recording: Path, said: Mapping[Path, Prompt]) -> Trial:
    """A recorded call in words; `said` are the prompts that may have been heard, by their files without extension."""
    lines = [
        Line(match.start, match.seconds, said[match.prompt], match.whole, match.score)
        for match in listen(recording, said)
    ]
    return Trial(recording, len(read_wav(recording)) / NARROW, lines)
