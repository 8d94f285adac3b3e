"""Outages in people's calendars, as iCalendar (RFC 5545)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from icalendar import Calendar, Event, vDuration, vUri

from city.feeds.markup import clean
from city.feeds.source import Source
from city.phases import Shown

MEDIA_TYPE = "text/calendar; charset=utf-8"
_END = b"END:VCALENDAR\r\n"


class _Entry(NamedTuple):
    """All that an event says."""

    uid: str
    sequence: int
    updated: datetime
    starts: datetime
    end: datetime | None
    summary: str
    description: str
    location: str
    status: str
    url: str
    categories: tuple[str, ...]


def calendar(source: Source, path: str) -> bytes:
    """`path`: where this very calendar is found."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//Alo 185//Water outages//TR")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", source.title)
    made.add("name", source.title)
    made.add("source", vUri(f"{source.base_url}{path}"), {"VALUE": "URI"})
    made.add("refresh-interval", vDuration(timedelta(minutes=15)), {"VALUE": "DURATION"})
    shown = sorted(source.shown, key=lambda each: (each.outage.starts, each.outage.id))
    events = [_event(_entry(source, each)) for each in shown]
    return b"".join([bytes(made.to_ical()).removesuffix(_END), *events, _END])


def _entry(source: Source, each: Shown) -> _Entry:
    words, language, outage = source.wording, source.language, each.outage
    told = words.sentences(source.board, each, language)
    told += [said for said in [words.instruction(outage, language)] if said]
    categories = [words.texts.say("feeds.event", language)]
    if outage.demonstration:
        categories.append(words.texts.say("feeds.demonstration", language))
    return _Entry(
        f"outage-{outage.id}@{source.host}",
        outage.revision,
        (outage.updated or outage.starts).astimezone(UTC).replace(microsecond=0),
        outage.starts.astimezone(UTC),
        end.astimezone(UTC) if (end := outage.ended or outage.expected_end) and end > outage.starts else None,
        clean(words.headline(source.board, each, language)),
        clean("\n".join(told)),
        clean(words.places(source.board, outage, language)),
        "CANCELLED" if each.phase == "cancelled" else "CONFIRMED",
        source.address(each),
        tuple(categories),
    )


@lru_cache(maxsize=4096)
def _event(entry: _Entry) -> bytes:
    """Kept, because most outages are the same in the next calendar, and folding lines takes its time."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.updated)
    event.add("last-modified", entry.updated)
    event.add("dtstart", entry.starts)
    if entry.end:
        event.add("dtend", entry.end)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("location", entry.location)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT")
    event.add("url", vUri(entry.url))
    event.add("categories", list(entry.categories))
    return bytes(event.to_ical())
