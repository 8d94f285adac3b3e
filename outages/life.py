"""The life of an outage, and what is impossible in it. Pure: no database, no clock of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from outages.board import OutageKind
from outages.errors import OutageError


class Life(StrEnum):
    draft = "draft"
    """Seen by operators only."""
    scheduled = "scheduled"
    active = "active"
    restored = "restored"
    cancelled = "cancelled"


PUBLIC = (Life.scheduled, Life.active)


class Cause(StrEnum):
    """Why the water is off; each is spoken by the catalogue's `cause.<cause>`."""

    network_fault = "network_fault"
    main_burst = "main_burst"
    pipe_burst = "pipe_burst"
    power_cut = "power_cut"
    pump_fault = "pump_fault"
    treatment_plant = "treatment_plant"
    damage_by_others = "damage_by_others"
    maintenance = "maintenance"
    renewal = "renewal"
    new_connection = "new_connection"
    tank_cleaning = "tank_cleaning"
    drought = "drought"
    weather = "weather"
    flood = "flood"
    quality = "quality"
    other = "other"
    unknown = "unknown"


class Crew(StrEnum):
    """How far the crew is; each is spoken by the catalogue's `crew.<crew>`."""

    notified = "notified"
    on_the_way = "on_the_way"
    on_site = "on_site"
    working = "working"
    testing = "testing"


class OutageChanges(TypedDict, total=False):
    """What may be given anew; what is left out stays."""

    kind: OutageKind
    cause: str
    areas: Mapping[int, str | None]
    starts: datetime
    expected_end: datetime | None
    actual_end: datetime | None
    subscribers: int | None
    crew: str | None
    tanker_points: str | None
    announcement_tr: str | None
    announcement_en: str | None


@dataclass(frozen=True, slots=True)
class OutageFacts:
    """What operators say about an outage. Times are aware; areas map an area's id to streets, None for all of it."""

    kind: OutageKind
    cause: str
    areas: Mapping[int, str | None]
    starts: datetime
    expected_end: datetime | None = None
    actual_end: datetime | None = None
    subscribers: int | None = None
    crew: str | None = None
    tanker_points: str | None = None
    announcement_tr: str | None = None
    announcement_en: str | None = None


ANNOUNCEMENT_LIMIT = 1000
TANKERS_LIMIT = 500
STREETS_LIMIT = 500
_TEXT_LIMITS = {
    "tanker_points": TANKERS_LIMIT,
    "announcement_tr": ANNOUNCEMENT_LIMIT,
    "announcement_en": ANNOUNCEMENT_LIMIT,
}
SUBSCRIBERS_LIMIT = 20_000_000


def check(facts: OutageFacts, now: datetime) -> None:
    """Refuse with `OutageError` what cannot be true."""
    _check_words(facts)
    _check_times(facts, now)
    if not facts.areas:
        raise OutageError(
            "Name at least one area where the water is off.", "no_area", "Suyun kesik olduğu en az bir yer seçin."
        )
    if facts.subscribers is not None and not 0 <= facts.subscribers <= SUBSCRIBERS_LIMIT:
        raise OutageError(
            f"Affected subscribers must be between 0 and {SUBSCRIBERS_LIMIT}.",
            "bad_subscribers",
            f"Etkilenen abone 0 ile {SUBSCRIBERS_LIMIT} arasında olmalı.",
        )


def life_at(starts: datetime, actual_end: datetime | None, now: datetime) -> Life:
    """The life of a published outage."""
    if actual_end is not None:
        return Life.restored
    return Life.active if starts <= now else Life.scheduled


def check_open(life: Life) -> None:
    """Refuse to touch an outage that was cancelled."""
    if life is Life.cancelled:
        raise OutageError(
            "This outage was cancelled and cannot be changed; create a new one.",
            "cancelled",
            "Bu kesinti iptal edilmiş, değiştirilemez; yenisini yazın.",
        )


def check_end(life: Life, starts: datetime, at: datetime) -> None:
    """Refuse to restore what is not off."""
    check_open(life)
    if life is Life.restored:
        raise OutageError(
            "The water is back already; correct the end if its time is wrong.",
            "already_restored",
            "Bu kesinti zaten bitmiş; saati yanlışsa bitişini düzeltin.",
        )
    if life is Life.draft:
        raise OutageError(
            "A draft cannot be ended; publish it first, or cancel it.",
            "not_published",
            "Taslak bitirilemez; önce yayımlayın ya da iptal edin.",
        )
    if at < starts:
        raise OutageError(
            "This outage had not started by then, so it cannot be restored; cancel it.",
            "not_started",
            "O saatte henüz başlamamıştı; iptal edin.",
        )


def check_cancel(life: Life) -> None:
    check_open(life)
    if life is Life.restored:
        raise OutageError(
            "The water is back already, so there is nothing to cancel.",
            "already_restored",
            "Bu kesinti zaten bitmiş; iptal edilecek bir şey yok.",
        )


def check_century(name: str, moment: datetime) -> None:
    """Refuse a time that is a slip of the keys."""
    if not 2000 <= moment.year < 2100:
        raise OutageError(
            f"The year {moment.year} in {name} cannot be meant; check it.",
            "absurd_time",
            f"{moment.year} yılı olamaz; tarihi denetleyin.",
        )


def check_text(name: str, text: str) -> None:
    """Refuse characters that neither a database nor a voice can take."""
    if any(ord(c) < 32 and c not in "\n\t" for c in text):
        raise OutageError(
            f"The text in {name} holds characters that cannot be written.",
            "bad_text",
            "Metinde yazılamayan karakterler var; silip yeniden yazın.",
        )


def _check_words(facts: OutageFacts) -> None:
    if facts.kind not in ("planned", "fault"):
        raise OutageError("The kind must be planned or fault.", "unknown_kind", "Tür, planlı ya da arıza olmalı.")
    if facts.cause not in Cause.__members__:
        raise OutageError(
            f"Unknown cause; use one of: {', '.join(Cause)}.", "unknown_cause", "Böyle bir neden yok; listeden seçin."
        )
    if facts.crew is not None and facts.crew not in Crew.__members__:
        raise OutageError(
            f"Unknown crew status; use one of: {', '.join(Crew)}.",
            "unknown_crew",
            "Böyle bir ekip durumu yok; listeden seçin.",
        )
    texts = {name: (getattr(facts, name), limit) for name, limit in _TEXT_LIMITS.items()}
    texts |= {f"streets of area {area}": (streets, STREETS_LIMIT) for area, streets in facts.areas.items()}
    for name, (text, limit) in texts.items():
        if text is not None and len(text) > limit:
            raise OutageError(
                f"The text in {name} is longer than {limit} characters.",
                "text_too_long",
                f"Metin {limit} karakterden uzun; kısaltın.",
            )
        if text is not None:
            check_text(name, text)


def _check_times(facts: OutageFacts, now: datetime) -> None:
    for name in ("starts", "expected_end", "actual_end"):
        moment = getattr(facts, name)
        if moment is not None and moment.tzinfo is None:
            raise OutageError(
                f"Give {name} with its time zone, for example 2026-11-25T09:00+03:00.",
                "naive_time",
                "Saati dilimiyle yazın, örneğin 2026-11-25T09:00+03:00.",
            )
        if moment is not None:
            check_century(name, moment)
    if facts.expected_end is not None and facts.expected_end <= facts.starts:
        raise OutageError(
            "The expected end must be later than the start.",
            "end_before_start",
            "Beklenen bitiş, başlangıçtan sonra olmalı.",
        )
    if facts.actual_end is None:
        return
    if facts.actual_end > now:
        raise OutageError(
            "The water cannot have come back in the future; change the expected end instead.",
            "end_in_future",
            "Su gelecekte verilmiş olamaz; beklenen bitişi yazın.",
        )
    if facts.actual_end < facts.starts:
        raise OutageError(
            "The water cannot have come back before it went off.",
            "end_before_start",
            "Su, kesilmeden önce verilmiş olamaz.",
        )
