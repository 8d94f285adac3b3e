"""Finished answers, made once and handed out as bytes until what they show has changed."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

Header = tuple[bytes, bytes]
_WORTH = 700
"""Bytes from which compressing saves more than a packet."""
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Document:
    """What a page or a feed says. `modified` None: only its ETag tells whether it changed."""

    body: bytes
    media_type: str
    modified: datetime | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer with nothing left to compute: headers for plain, compressed and not-modified."""

    status: int
    etag: str
    modified: datetime | None
    plain: bytes
    plain_headers: list[Header]
    packed: bytes | None
    packed_headers: list[Header]
    same_headers: list[Header]

    def same(self, if_none_match: bytes | None, if_modified_since: bytes | None) -> bool:
        """Whether the asker holds it already; the ETag counts before the time (RFC 9110, 13.2.2)."""
        if self.status != 200:
            return False
        if if_none_match is not None:
            held = [tag.strip().removeprefix("W/") for tag in if_none_match.decode("latin-1").split(",")]
            return "*" in held or any(tag in (f'"{self.etag}"', f'"{self.etag}-gz"') for tag in held)
        if if_modified_since is None or self.modified is None:
            return False
        try:
            asked = parsedate_to_datetime(if_modified_since.decode("latin-1"))
        except ValueError:
            return False
        return self.modified <= (asked if asked.tzinfo else asked.replace(tzinfo=UTC))


def ready(document: Document) -> Ready:
    etag = hashlib.blake2b(document.body, digest_size=12).hexdigest()
    packed = gzip.compress(document.body, _LEVEL, mtime=0) if len(document.body) > _WORTH else None
    shared = {"vary": "Accept-Encoding", **{name.lower(): value for name, value in document.headers.items()}}
    if document.modified:
        shared["last-modified"] = format_datetime(document.modified.astimezone(UTC), usegmt=True)

    def headers(tag: str, **more: str) -> list[Header]:
        told = {**shared, "etag": f'"{tag}"', **{name.replace("_", "-"): value for name, value in more.items()}}
        return [(name.encode(), value.encode("latin-1")) for name, value in told.items()]

    kind, length = document.media_type, str(len(document.body))
    return Ready(
        document.status,
        etag,
        document.modified,
        document.body,
        headers(etag, content_type=kind, content_length=length),
        packed,
        headers(f"{etag}-gz", content_type=kind, content_length=str(len(packed or b"")), content_encoding="gzip"),
        headers(etag),
    )


class Shelf:
    """A bounded store of answers, emptied when what they show may have changed; the least asked for goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Ready] = OrderedDict()
        self._told: OrderedDict[Hashable, tuple[str, datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        self._kept.clear()

    def get(self, key: Hashable) -> Ready | None:
        return self._kept.get(key)

    def put(self, key: Hashable, document: Document, now: datetime) -> Ready:
        made = ready(self._dated(key, document, now))
        self._kept[key] = made
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def keep(self, key: Hashable, now: datetime, make: Callable[[], Document]) -> Ready:
        return self.get(key) or self.put(key, make(), now)

    def _dated(self, key: Hashable, document: Document, now: datetime) -> Document:
        """Something that merely vanished left no time behind: other bytes are always of a later second."""
        if document.modified is None:
            return document
        modified = document.modified.replace(microsecond=0)
        digest = hashlib.blake2b(document.body, digest_size=12).hexdigest()
        told = self._told.get(key)
        if told and told[0] == digest:
            modified = told[1]
        elif told and modified <= told[1]:
            modified = now.replace(microsecond=0)
        self._told[key] = (digest, modified)
        self._told.move_to_end(key)
        while len(self._told) > self._most:
            self._told.popitem(last=False)
        return Document(document.body, document.media_type, modified, document.status, document.headers)
