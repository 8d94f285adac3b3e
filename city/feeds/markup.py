"""XML that stays well-formed whatever people typed."""

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

ATOM = "http://www.w3.org/2005/Atom"
CAP = "urn:oasis:names:tc:emergency:cap:1.2"
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIXES = Lock()
"""ElementTree keeps prefixes for the whole process, and feeds are written in threads."""
Element = ET.Element


def child(parent: Element, name: str, text: str | None = None, /, **attributes: str) -> Element:
    made = ET.SubElement(parent, name, {key.rstrip("_"): clean(value) for key, value in attributes.items()})
    if text is not None:
        made.text = clean(text)
    return made


def clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold, not even escaped."""
    return _IMPOSSIBLE.sub("", text)


def written(root: Element, **namespaces: str) -> bytes:
    """`namespaces` by prefix; `_` is the default one."""
    with _PREFIXES:
        for prefix, namespace in namespaces.items():
            ET.register_namespace(prefix.removeprefix("_"), namespace)
        return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def timestamp(at: datetime, zone: ZoneInfo) -> str:
    """RFC 3339 with the local offset; CAP forbids the letter Z."""
    return at.astimezone(zone).isoformat(timespec="seconds")
