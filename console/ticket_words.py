"""Words of tickets for pages, in the reader's language."""

from typing import Any

from tickets.words import CATEGORY, CAUSES, CHANNEL, HEARD, STATE, URGENCY
from web.texts import Language

BADGE = {"hazard": "off", "urgent": "late", "normal": "planned", "low": ""}
"""How an urgency looks; its word always stands beside the colour."""


def names(language: Language) -> dict[str, Any]:
    """`names.category[ticket.category]` and so on, for templates."""
    tables = {"category": CATEGORY, "urgency": URGENCY, "state": STATE, "channel": CHANNEL, "cause": CAUSES}
    tables |= {"heard": HEARD}
    at = 0 if language == "tr" else 1
    told: dict[str, Any] = {name: {str(key): pair[at] for key, pair in table.items()} for name, table in tables.items()}
    return told | {"badge": BADGE}
