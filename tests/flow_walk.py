"""Walks the conversation like every caller there could be, question by question."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from callflows.scripted import SILENCE, ScriptedCall
from tests.hotline_world import Line, dial

ODD = ("9", "*", "#")
"""Other language, repeat, and a key that means nothing in most questions."""
ENTRIES = ("432", "527", "9", "1#", "2", "999", "05321234567#", "232", "101#", "12", "5", "#")
"""What may be typed where letters, area numbers or telephone numbers are asked for."""


def choices(wanted: str, numbers: Sequence[str] = ()) -> list[str]:
    """What a caller may do at a question; the first is to do nothing. `numbers`: of subscribers."""
    if wanted == "record":
        return [SILENCE, ""]
    if wanted == "digits":
        return ["", SILENCE, "0", *([f"{numbers[0]}#", "1111#", "#"] if numbers else [])]
    if wanted == "0123456789*":
        return [SILENCE, *ENTRIES, "0", "*"]
    return [SILENCE, *sorted(set(wanted) - set("09*")), "0", *ODD]


async def every_call(depth: int, **world: Any) -> AsyncIterator[Line]:
    """All calls that differ in what the caller does at the first `depth` questions; afterwards the caller is silent."""
    ahead: list[tuple[int, ...]] = [()]
    while ahead:
        path = ahead.pop()
        widths: list[int] = []
        yield await dial(on_question=_follow(path, widths, _numbers(world)), **world)
        for level in range(len(path), min(len(widths), depth)):
            stem = path + (0,) * (level - len(path))
            ahead += [(*stem, option) for option in range(1, widths[level])]


def _numbers(world: Mapping[str, Any]) -> list[str]:
    return list(world.get("subscribers") or ())


def _follow(path: Sequence[int], widths: list[int], numbers: Sequence[str]) -> Any:
    def decide(call: ScriptedCall, wanted: str) -> None:
        options = choices(wanted, numbers)
        option = path[len(widths)] if len(widths) < len(path) else 0
        widths.append(len(options))
        if not call.keys:
            call.keys = options[option]

    return decide


async def random_call(seed: int, **world: Any) -> Line:
    """A caller who presses anything for as long as the line lets them."""
    dice = random.Random(seed)

    def decide(call: ScriptedCall, wanted: str) -> None:
        if not call.keys:
            call.keys = dice.choice(
                [option for option in choices(wanted, _numbers(world)) if option != "0" or dice.random() < 0.1]
            )

    return await dial(on_question=decide, **world)
