"""A journal as a row of the table `calls`."""

import json
from datetime import datetime
from typing import Any

from calls.hearing import phrase_of
from calls.journal import Journal, Outcome
from calls.privacy import hidden, pseudonym

Row = dict[str, Any]

LONGEST_REASON = 60
LONGEST_KEY = 80
TIMES = ("started", "answered", "ended")
_in_json = json.JSONEncoder(ensure_ascii=False).encode


def row_of(journal: Journal, secret: str | None) -> Row:
    def since_start(at: datetime) -> float:
        return round((at - journal.started).total_seconds(), 1)

    heard = [[since_start(h.at), h.key, h.text, h.interrupted] for h in journal.heard]
    keys = [[since_start(p.at), hidden(p.keys) if p.private else p.keys] for p in journal.pressed]
    return {
        "call_id": journal.call_id,
        "driver": journal.driver,
        "language": journal.language,
        "started": journal.started,
        "answered": journal.answered,
        "ended": journal.ended,
        "area_id": journal.area_id,
        "outage_ids": list(journal.outage_ids),
        "outcome": journal.outcome.value,
        "reason": journal.reason and journal.reason[:LONGEST_REASON],
        "ticket_number": journal.ticket_number,
        "first_answer_seconds": since_start(journal.first_answer) if journal.first_answer else None,
        "duration_seconds": since_start(journal.ended) if journal.ended else None,
        "left_at": _left_at(journal),
        "caller": journal.caller,
        "caller_hash": pseudonym(journal.caller, secret) if journal.caller and secret else None,
        "heard": _in_json(heard),
        "keys": _in_json(keys),
    }


def _left_at(journal: Journal) -> str | None:
    if journal.outcome is not Outcome.gave_up or (phrase := phrase_of(journal)) is None:
        return None
    return phrase.key.removesuffix(".short")[:LONGEST_KEY]


def to_line(row: Row) -> str:
    """One line of JSON."""
    return json.dumps(row, ensure_ascii=False, default=datetime.isoformat)


def from_line(line: str) -> Row:
    row: Row = {"left_at": None} | json.loads(line)  # lines of earlier versions have none
    return row | {name: datetime.fromisoformat(row[name]) for name in TIMES if row[name]}
