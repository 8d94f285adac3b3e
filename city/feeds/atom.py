"""Outages for news readers, as Atom (RFC 4287)."""

from city.feeds.markup import ATOM, Element, child, timestamp, written
from city.feeds.source import Source
from city.phases import Shown

MEDIA_TYPE = "application/atom+xml; charset=utf-8"


def atom(source: Source, path: str) -> bytes:
    """`path`: where this very feed is found."""
    feed = Element(f"{{{ATOM}}}feed", {"xml:lang": source.language})
    zone = source.wording.zone
    _add(feed, "id", source.tag(f"outages:{source.district.number if source.district else 'all'}:{source.language}"))
    _add(feed, "title", source.title)
    _add(feed, "subtitle", source.wording.texts.say("feeds.about", source.language))
    _add(feed, "updated", timestamp(source.modified, zone))
    child(_add(feed, "author"), f"{{{ATOM}}}name", source.wording.texts.say("feeds.sender", source.language))
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{source.base_url}{path}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{source.prefix}/")
    for each in source.shown:
        _entry(_add(feed, "entry"), source, each)
    return written(feed, _=ATOM)


def _entry(entry: Element, source: Source, each: Shown) -> None:
    words, language = source.wording, source.language
    _add(entry, "id", source.tag(f"outage:{each.outage.id}"))
    _add(entry, "title", words.headline(source.board, each, language), type="text")
    _add(entry, "updated", timestamp(each.since, words.zone))
    _add(entry, "link", rel="alternate", type="text/html", href=source.address(each))
    _add(entry, "category", term=each.phase, label=words.phase(each.phase, language))
    _add(entry, "category", term=each.outage.kind)
    if each.outage.demonstration:
        _add(entry, "category", term="demonstration", label=words.texts.say("feeds.demonstration", language))
    told = words.sentences(source.board, each, language)
    told += [said for said in [words.instruction(each.outage, language)] if said]
    _add(entry, "summary", " ".join(told), type="text")


def _add(parent: Element, name: str, text: str | None = None, /, **attributes: str) -> Element:
    return child(parent, f"{{{ATOM}}}{name}", text, **attributes)
