"""Words of tickets for pages, in the reader's language."""

from typing import Any

from tickets.words import CATEGORY, CAUSES, CHANNEL, HEARD, STATE, URGENCY
from web.texts import Language

OF_WATER = {
    "restored": ("Vatandaş: su geldi", "The citizen says the water is back"),
    "still_off": ("Vatandaş: su gelmedi", "The citizen says the water is still off"),
    "told": ("Haber verildi", "Told"),
}
"""What else citizens answer to the dialler."""
TALKED = {"answered_person": ("Görüşüldü", "Talked to")}
"""Where an answer, if there was one, stands beside it."""
BADGE = {"hazard": "off", "urgent": "late", "normal": "planned", "low": ""}
"""How an urgency looks; its word always stands beside the colour."""


def names(language: Language) -> dict[str, Any]:
    """`names.category[ticket.category]` and so on, for templates."""
    tables = {"category": CATEGORY, "urgency": URGENCY, "state": STATE, "channel": CHANNEL, "cause": CAUSES}
    tables |= {"heard": OF_WATER | HEARD, "outcome": HEARD | TALKED}
    at = 0 if language == "tr" else 1
    told: dict[str, Any] = {name: {str(key): pair[at] for key, pair in table.items()} for name, table in tables.items()}
    return told | {"badge": BADGE}
