"""All that is held about a person, for that person (KVKK 11): as JSON, and as a ZIP of tables and recordings."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.models import CallRecording, Contact
from calls.models import CallRecord, RememberedCaller
from citizens.whose import Citizen, Secrets
from dialling.models import CallAttempt, OptOut, OutboundCall
from notices.models import NoticeRequest
from outages.values import guarded
from people import audit
from people.models import AuditEntry
from storage.base import Base
from subscribers.service import Subscribers
from tickets.models import Ticket, TicketEvent, TicketFile, TicketNote

Row = dict[str, Any]
Held = dict[str, list[Row]]
_HIDDEN = {
    "number_hash",
    "caller_hash",
    "fingerprint",
    "search_key",
    "token",
    "digest",
    "worker",
    "lease",
    "key",
    "leg",
    "session_id",
}
"""Columns that tell nothing of the person, and whose meaning is a secret of the installation."""


async def held(session: AsyncSession, citizen: Citizen, secrets: Secrets, service: Subscribers) -> Held:
    """By section; a section without rows is there too, so that it is seen that nothing is held."""
    callers, notices = citizen.callers(secrets), citizen.notices(secrets)
    tickets = await _rows(session, Ticket, Ticket.number_hash.in_(callers))
    ids = [ticket["id"] for ticket in tickets]
    return {
        **await _subscriber(session, citizen, service),
        "calls": [_opened(row) for row in await _rows(session, CallRecord, CallRecord.caller_hash.in_(callers))],
        **await _talks(session, callers),
        "tickets": tickets,
        "ticket_history": await _rows(session, TicketEvent, TicketEvent.ticket_id.in_(ids)),
        "ticket_notes": await _rows(session, TicketNote, TicketNote.ticket_id.in_(ids)),
        "recordings": _recordings(tickets, await _rows(session, TicketFile, TicketFile.ticket_id.in_(ids))),
        "calls_to_them": await _rows(session, OutboundCall, OutboundCall.number_hash.in_(callers)),
        "attempts_to_call": [
            _opened(row) for row in await _rows(session, CallAttempt, CallAttempt.number_hash.in_(callers))
        ],
        "notices": await _rows(session, NoticeRequest, NoticeRequest.number_hash.in_(notices)),
        "remembered_area": await _rows(session, RememberedCaller, RememberedCaller.caller_hash.in_(callers)),
        "wants_no_calls": await _rows(session, OptOut, OptOut.number_hash.in_(callers)),
        "who_looked": await _lookers(session, citizen.subject(secrets)),
    }


async def note(session: AsyncSession, now: Any, who: str, subject: str, found: Held) -> None:
    """Into the audit log: how much was given out."""
    counts = {section: len(rows) for section, rows in found.items() if rows}
    await audit.record(session, now, who, "person_exported", subject, counts=counts)


def as_json(found: Held) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=2, default=_plain).encode()


def as_zip(found: Held, folder: Path) -> bytes:
    """`everything.json`, a table for each section, and what the person said or sent. `folder`: that of the tickets."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("everything.json", as_json(found))
        for section, rows in found.items():
            if rows:
                archive.writestr(f"{section}.csv", _table(rows))
        for recording in found["recordings"]:
            path = folder / Path(recording["file"]).name
            if path.is_file():
                archive.write(path, f"recordings/{path.name}")
    return packed.getvalue()


def _table(rows: Sequence[Row]) -> bytes:
    """For spreadsheet programs: UTF-8 with its mark, semicolons, and no text that would calculate."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer.writerow(names)
    writer.writerows([guarded(_cell(row.get(name))) for name in names] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return (
        value
        if isinstance(value, str)
        else _plain(value)
        if isinstance(value, datetime)
        else json.dumps(value, ensure_ascii=False, default=_plain)
    )


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def _subscriber(session: AsyncSession, citizen: Citizen, service: Subscribers) -> Held:
    known = citizen.subscriber
    if known is None:
        return {"subscriber": [], "consents": []}
    consents = await service.consent_history(known.id) if known.id else list(known.consents)
    plain = asdict(known) | {"consents": None, "id": None}
    return {
        "subscriber": [{name: value for name, value in plain.items() if value is not None}],
        "consents": [asdict(consent) for consent in consents],
    }


async def _talks(session: AsyncSession, callers: Sequence[str]) -> Held:
    """With agents, and what was recorded of them."""
    talks = await _rows(session, Contact, Contact.number_hash.in_(callers))
    which = CallRecording.contact_id.in_([talk["id"] for talk in talks])
    return {"talks": talks, "recorded_talks": await _rows(session, CallRecording, which)}


async def _rows(session: AsyncSession, table: type[Base], which: Any) -> list[Row]:
    names = [column.key for column in table.__table__.columns if column.key not in _HIDDEN]
    found = await session.scalars(select(table).where(which))
    return [{name: getattr(row, name) for name in names} for row in found]


def _opened(row: Row) -> Row:
    """What was heard and pressed, as lists instead of text."""
    return row | {name: json.loads(row[name]) for name in ("heard", "keys") if row.get(name)}


def _recordings(tickets: Sequence[Row], files: Sequence[Row]) -> list[Row]:
    numbers: Mapping[int, str] = {ticket["id"]: ticket["number"] for ticket in tickets}
    voices = [
        {"ticket": ticket["number"], "kind": "voice", "file": ticket["voice"], "at": ticket["opened"]}
        for ticket in tickets
        if ticket["voice"]
    ]
    sent = [
        {"ticket": numbers[each["ticket_id"]], "kind": each["kind"], "file": each["stored"], "at": each["at"]}
        for each in files
    ]
    return [*voices, *sent]


async def _lookers(session: AsyncSession, subject: str) -> list[Row]:
    query = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    return [{"at": each.at, "who": each.who, "what": each.what} for each in await session.scalars(query)]
