"""Outages in people's calendars, as iCalendar (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vDuration, vUri

from city.feeds.markup import clean
from city.feeds.source import Source
from city.phases import Shown
from outages.board import OutageView

MEDIA_TYPE = "text/calendar; charset=utf-8"


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
    for each in sorted(source.shown, key=lambda each: (each.outage.starts, each.outage.id)):
        made.add_component(_event(source, each))
    return bytes(made.to_ical())


def _event(source: Source, each: Shown) -> Event:
    words, language, outage = source.wording, source.language, each.outage
    told = words.sentences(source.board, each, language)
    told += [said for said in [words.instruction(outage, language)] if said]
    updated = (outage.updated or outage.starts).astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", f"outage-{outage.id}@{source.host}")
    event.add("sequence", outage.revision)
    event.add("dtstamp", updated)
    event.add("last-modified", updated)
    event.add("dtstart", outage.starts.astimezone(UTC))
    if (end := _end(outage)) and end > outage.starts:
        event.add("dtend", end.astimezone(UTC))
    event.add("summary", clean(words.headline(source.board, each, language)))
    event.add("description", clean("\n".join(told)))
    event.add("location", clean(words.places(source.board, outage, language)))
    event.add("status", "CANCELLED" if each.phase == "cancelled" else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("url", vUri(source.address(each)))
    categories = [words.texts.say("feeds.event", language)]
    if outage.demonstration:
        categories.append(words.texts.say("feeds.demonstration", language))
    event.add("categories", categories)
    return event


def _end(outage: OutageView) -> datetime | None:
    return outage.ended or outage.expected_end
