"""Is every phrase there to be heard? What `./alo185 prompts check` looks at."""

from collections.abc import Iterable
from pathlib import Path

from prompts import audio
from prompts.formats import FORMATS
from prompts.library import PromptLibrary
from prompts.prompt import Prompt

UNEVEN = 3.0
"""dB by which a prompt may be louder or quieter than the others."""


async def flaws(library: PromptLibrary, prompts: Iterable[Prompt]) -> list[str]:
    """One sentence for each prompt that is not rendered or sounds damaged. Decodes every file, for some seconds."""
    prompts = list(prompts)
    missing = await library.missing(prompts)
    found = [f'"{prompt.key}" ({prompt.language}) is not rendered; run ./alo185 prompts render.' for prompt in missing]
    for prompt in prompts:
        if media := library.media(prompt):
            found += [
                f'"{prompt.key}" ({prompt.language}): {media}.{suffix} {flaw}; delete it, run ./alo185 prompts render.'
                for suffix in FORMATS
                if (flaw := _flaw(Path(f"{media}.{suffix}")))
            ]
    return found


def _flaw(file: Path) -> str:
    level = audio.active_level(*audio.pcm(file))
    if level < audio.QUIETEST:
        return "is silent"
    if abs(level - audio.ACTIVE_LEVEL) > UNEVEN:
        return f"speaks at {level:.0f} dBov where {audio.ACTIVE_LEVEL:.0f} is usual"
    return ""
