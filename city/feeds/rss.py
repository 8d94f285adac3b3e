"""Outages for news readers that know only RSS 2.0."""

from datetime import UTC, datetime
from email.utils import format_datetime

from city.feeds.markup import ATOM, Element, child, written
from city.feeds.source import Source
from city.phases import Shown

MEDIA_TYPE = "application/rss+xml; charset=utf-8"


def rss(source: Source, path: str) -> bytes:
    """`path`: where this very feed is found."""
    root = Element("rss", {"version": "2.0"})
    channel = child(root, "channel")
    child(channel, "title", source.title)
    child(channel, "link", f"{source.prefix}/")
    child(channel, "description", source.wording.texts.say("feeds.about", source.language))
    child(channel, "language", source.language)
    child(channel, "lastBuildDate", _date(source.modified))
    child(channel, "ttl", "1")
    child(channel, f"{{{ATOM}}}link", rel="self", type="application/rss+xml", href=f"{source.base_url}{path}")
    for each in source.shown:
        _item(child(channel, "item"), source, each)
    return written(root, atom=ATOM)


def _item(item: Element, source: Source, each: Shown) -> None:
    words, language = source.wording, source.language
    told = words.sentences(source.board, each, language)
    told += [said for said in [words.instruction(each.outage, language)] if said]
    child(item, "title", words.headline(source.board, each, language))
    child(item, "link", source.address(each))
    child(item, "description", " ".join(told))
    child(item, "category", words.phase(each.phase, language))
    if each.outage.demonstration:
        child(item, "category", words.texts.say("feeds.demonstration", language))
    child(item, "guid", source.tag(f"outage:{each.outage.id}:{each.outage.revision}"), isPermaLink="false")
    child(item, "pubDate", _date(each.since))


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
