"""Finished answers, made once and handed out as bytes until what they show has changed."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
class _Kept:
    answer: Ready
    signature: Hashable
    turn: int
    until: datetime


class Shelf:
    """A bounded store of answers; the oldest go first.

    Whoever asks says at which turn of events they ask. An answer of an earlier turn is good again once its signature,
    which is cheap to tell, is found to be the same.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._told: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, turn: int, now: datetime) -> Ready | None:
        kept = self._kept.get(key)
        return kept.answer if kept is not None and kept.turn == turn and now < kept.until else None

    def revived(self, key: str, turn: int, now: datetime, signature: Hashable) -> Ready | None:
        """What is there, if it still says what is to be said."""
        kept = self._kept.get(key)
        if kept is None or kept.signature != signature or now >= kept.until:
            return None
        kept.turn = turn
        return kept.answer

    def put(
        self, key: str, document: Document, now: datetime, *, turn: int, until: datetime, signature: Hashable = None
    ) -> Ready:
        made = ready(self._dated(key, document, now))
        self._kept[key] = _Kept(made, signature, turn, until)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def _dated(self, key: str, document: Document, now: datetime) -> Document:
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
        return replace(document, modified=modified)
