"""What a key meant: the words of the question that was just asked, so that no table has to follow the conversation."""

import re
from collections.abc import Sequence

from calls.journal import Heard, Journal
from calls.privacy import hidden

_TURKISH = ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LEFT_OUT = re.compile(r"^(?:for|to) | için$| press$", re.IGNORECASE)
MOST = 80
"""Characters of a meaning."""


def path(journal: Journal) -> list[dict[str, str]]:
    """Every entry with its meaning, the oldest first. Keys between which nothing was said are one entry."""
    steps: list[dict[str, str]] = []
    asked: list[Heard] = []
    begun = journal.started
    for pressed in list(journal.pressed):
        fresh = [heard for heard in journal.heard if begun <= heard.at <= pressed.at]
        begun = pressed.at
        together = steps.pop()["keys"] if steps and not fresh else ""
        asked = fresh or asked
        keys = together + (hidden(pressed.keys) if pressed.private else pressed.keys)
        steps.append({"keys": keys, "means": "" if pressed.private else meaning(asked, keys)})
    return steps


def meaning(asked: Sequence[Heard], keys: str) -> str:
    """ "Su kesintileri" of "Su kesintileri için bir, …"; the question itself where that does not tell; none for `*`."""
    if not asked or not keys.isdecimal():
        return ""
    said = " ".join(heard.text for heard in asked)
    if len(keys) == 1:
        for words in (_TURKISH, _ENGLISH):
            named = re.findall(rf"([^,.;:?!]+?),? {words[int(keys)]}(?=[,.]|$)", said)
            if named:
                return _LEFT_OUT.sub("", _LEFT_OUT.sub("", named[-1].strip()))[-MOST:]
    return asked[-1].text[:MOST]
