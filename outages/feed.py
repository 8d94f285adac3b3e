"""The JSON feed in the style that Turkish utilities publish: `ArizaID, IlceAdi, MahalleID[], Tip, ArizaDurumu, …`."""

import json
from typing import Any

from outages.tables import MOST_CELL, MOST_ROWS, Record, UnreadableFile, check_size, column_key

_WRAPPERS = ("data", "result", "results", "items", "arizalar", "kesintiler", "liste")


def read_feed(data: bytes) -> list[Record]:
    """A list of entries, bare or inside one object (`{"data": [...]}`). Raises UnreadableFile."""
    try:
        document = json.loads(check_size(data))
    except UnicodeDecodeError:
        raise UnreadableFile(
            "The JSON feed is not UTF-8: ask its publisher for UTF-8.",
            "JSON akışı UTF-8 değil; yayımlayandan UTF-8 isteyin.",
        ) from None
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"Line {error.lineno} is no JSON ({error.msg}): check what was downloaded.",
            f"{error.lineno}. satır JSON değil; indirileni denetleyin.",
        ) from None
    except (RecursionError, ValueError):
        raise UnreadableFile(
            "The JSON feed is nested too deeply or holds absurd numbers: it is refused.",
            "JSON akışı çok derin iç içe ya da içinde olmayacak sayılar var; kabul edilmedi.",
        ) from None
    entries = _entries(document)
    if len(entries) > MOST_ROWS:
        raise UnreadableFile(
            f"The feed holds more than {MOST_ROWS} entries: split it and import the parts.",
            f"Akıştaki kayıtlar {MOST_ROWS} sınırını aşıyor; bölüp parça parça alın.",
        )
    return [_record(position, entry) for position, entry in enumerate(entries, start=1)]


def _entries(document: Any) -> list[Any]:
    if isinstance(document, dict):
        by_key = {column_key(key): value for key, value in document.items()}
        document = next((by_key[key] for key in _WRAPPERS if isinstance(by_key.get(key), list)), document)
    if not isinstance(document, list):
        raise UnreadableFile(
            'The JSON feed is no list of outages: it should be [{"ArizaID": …}, …].',
            'JSON akışı bir kesinti listesi değil; [{"ArizaID": …}, …] biçiminde olmalı.',
        )
    return document


def _record(position: int, entry: Any) -> Record:
    if not isinstance(entry, dict):
        return Record(position, {}, {})
    values = {column_key(key): _value(value) for key, value in entry.items()}
    filled = {key: value for key, value in values.items() if value is not None and value != []}
    return Record(position, filled, {column_key(key): key for key in entry})


def _value(value: Any) -> Any:
    """Numbers, texts and lists of them; an object in their place becomes its JSON, to be told as unreadable."""
    if isinstance(value, list):
        return [item for item in map(_value, value) if item is not None]
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)[:MOST_CELL]
    if isinstance(value, str):
        return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:MOST_CELL] or None
    return value
