"""What REST takes and gives."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from outages.board import LATELY, AreaKind, OutageKind
from outages.life import (
    ANNOUNCEMENT_LIMIT,
    STREETS_LIMIT,
    SUBSCRIBERS_LIMIT,
    TANKERS_LIMIT,
    Cause,
    Crew,
    Life,
    OutageFacts,
)
from outages.models import Area, Outage, OutageRevision
from outages.recording import LONGEST_REASON
from outages.visibility import public_life

Announcement = Annotated[str, Field(max_length=ANNOUNCEMENT_LIMIT)]
Subscribers = Annotated[StrictInt, Field(ge=0, le=SUBSCRIBERS_LIMIT)]
Tankers = Annotated[str, Field(max_length=TANKERS_LIMIT)]
Reason = Annotated[str, Field(max_length=LONGEST_REASON, description="Why; kept in the history.")]
MOST_ID = 2**31 - 1
"""The largest number that a row can have."""
Id = Annotated[int, Field(ge=1, le=MOST_ID)]
"""In an address, where everything is text."""
GivenId = Annotated[StrictInt, Field(ge=1, le=MOST_ID)]
"""In a body, where a number is a number."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _dated(given: object) -> object:
    """A bare number would be taken for seconds since 1970."""
    if isinstance(given, datetime) or (isinstance(given, str) and _DATE.match(given.strip())):
        return given
    raise ValueError("write a time such as 2026-11-25T09:00:00+03:00")


Moment = Annotated[AwareDatetime, BeforeValidator(_dated)]


class Strict(BaseModel):
    """A body in which a misspelt field is an error, not silently nothing."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PlaceIn(Strict):
    area_id: GivenId = Field(description="A district (all of it), neighbourhood or industrial zone.", examples=[101])
    streets: str | None = Field(
        None, max_length=STREETS_LIMIT, description="Only these streets; empty: the whole area."
    )


class OutageIn(Strict):
    """A new outage. Times carry their zone."""

    kind: OutageKind = Field(description="`planned` work or a `fault`.")
    cause: Cause
    areas: list[PlaceIn] = Field(min_length=1, max_length=2000)
    starts: Moment = Field(description="When the water goes or went off.", examples=["2026-11-25T09:00:00+03:00"])
    expected_end: Moment | None = Field(None, description="When it is expected back; may be unknown.")
    subscribers: Subscribers | None = Field(None, description="Affected subscribers.")
    crew: Crew | None = None
    tanker_points: Tankers | None = Field(None, description="Where water tankers stand, in Turkish.")
    announcement_tr: Announcement | None = Field(None, description="Said after the facts.")
    announcement_en: Announcement | None = Field(None, description="Said after the facts to English callers.")
    draft: StrictBool = Field(False, description="Kept from callers until it is published.")
    external_id: str | None = Field(None, min_length=1, max_length=120, description="Its id in your own system.")
    reason: Reason | None = None

    def facts(self) -> OutageFacts:
        given = self.model_dump(exclude={"draft", "external_id", "areas", "reason"})
        return OutageFacts(**given, areas=by_area(self.areas))


class OutageChange(Strict):
    """What is to become different; a field left out stays, `null` empties it."""

    kind: OutageKind | None = None
    cause: Cause | None = None
    areas: list[PlaceIn] | None = Field(None, min_length=1, max_length=2000)
    starts: Moment | None = None
    expected_end: Moment | None = None
    actual_end: Moment | None = Field(None, description="Corrects when the water came back; `null` reopens.")
    subscribers: Subscribers | None = None
    crew: Crew | None = None
    tanker_points: Tankers | None = None
    announcement_tr: Announcement | None = None
    announcement_en: Announcement | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def keeps_what_every_outage_has(self) -> Self:
        """Refuse to empty what cannot be empty."""
        for name in ("kind", "cause", "areas", "starts"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be emptied; leave it out to keep it")
        return self

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True, exclude={"areas", "reason"})
        return given | ({"areas": by_area(self.areas)} if self.areas else {})


class EndIn(Strict):
    at: Moment | None = Field(None, description="When the water came back; left out: now.")
    reason: Reason | None = None


class PlaceOut(BaseModel):
    area_id: int
    name: str
    district: str | None = Field(description="None for a district itself.")
    streets: str | None


class RevisionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    who: str
    what: str = Field(
        description="`created`, `changed`, `submitted`, `sent_back`, `approved`, `published`, `started`, `restored`, "
        "`cancelled` or `undone`."
    )
    changes: dict[str, Any] = Field(description="Each changed field with its value before and after.")
    reason: str | None = Field(description="Why it was done.")
    on_behalf_of: str | None = Field(description="The person who had asked for what the system then did.")


class OutageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: OutageKind
    cause: str
    life: Life
    starts: datetime
    expected_end: datetime | None
    actual_end: datetime | None
    late: bool = Field(description="The estimate has passed and the water is still off: give a new one.")
    areas: list[PlaceOut]
    subscribers: int | None
    crew: str | None
    tanker_points: str | None
    announcement_tr: str | None
    announcement_en: str | None
    updated: datetime = Field(description="When it was last changed.")
    publish_at: datetime | None = Field(description="When this draft goes out by itself.")
    heard_until: datetime | None = Field(description="When callers stop hearing that the water is back.")
    submitted_by: str | None = Field(description="Who asked for its review; with a key of the scope `read` only.")
    submitted_at: datetime | None
    approved_by: str | None = Field(description="Who let it go out; with a key of the scope `read` only.")
    source: Literal["operator", "import", "demo"]
    external_id: str | None
    revision: int = Field(description="Send it as `If-Match` with a change, so that nobody's work is overwritten.")


class OutageWithRevisions(OutageOut):
    revisions: list[RevisionOut] | None = Field(
        description="Who changed what and when, oldest first; with a key of the scope `read` only."
    )


class AreaOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: AreaKind
    name: str
    spoken: str = Field(description="As callers hear it.")
    district_id: int | None
    number: int = Field(description="What a caller may key for it.")
    population: int | None
    active: bool = Field(description="False when it was merged away.")
    merged_into: int | None


class BroadcastIn(Strict):
    """Played before everything, to everybody or in one district, until it ends."""

    text_tr: str = Field(min_length=1, max_length=ANNOUNCEMENT_LIMIT)
    text_en: Announcement | None = None
    district_id: GivenId | None = Field(None, description="Left out: the whole city.")
    ends: Moment


class BroadcastOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    text_tr: str
    text_en: str | None
    district_id: int | None
    created: datetime
    ends: datetime
    who: str | None = Field(description="With a key of the scope `read` only.")


class RowErrorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int
    column: str
    reason: str
    turkish: str = Field(description="The reason in Turkish.")


class ImportOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    added: int
    changed: int
    unchanged: int
    errors: list[RowErrorOut] = Field(description="With any error nothing was imported.")


class Problem(BaseModel):
    code: str = Field(description="Stable; for programs.", examples=["end_before_start"])
    message: str = Field(description="For people.")


class ErrorOut(BaseModel):
    error: Problem


def by_area(places: list[PlaceIn]) -> dict[int, str | None]:
    return {place.area_id: place.streets or None for place in places}


def outage_out(outage: Outage, areas: Mapping[int, Area], now: datetime, *, insider: bool = True) -> OutageOut:
    """An outage with the names of its areas; the public is not told who worked on it."""
    return OutageOut.model_validate(_fields(outage, areas, now, insider))


def outage_with_revisions(
    outage: Outage, areas: Mapping[int, Area], now: datetime, revisions: list[OutageRevision] | None
) -> OutageWithRevisions:
    """`revisions`: None for the public."""
    told = None if revisions is None else [RevisionOut.model_validate(revision) for revision in revisions]
    return OutageWithRevisions.model_validate({**_fields(outage, areas, now, told is not None), "revisions": told})


def _fields(outage: Outage, areas: Mapping[int, Area], now: datetime, insider: bool) -> dict[str, Any]:
    off = outage.life in (Life.scheduled, Life.active) and outage.starts <= now
    made = {"areas", "late", "heard_until"}
    own = {name: getattr(outage, name) for name in OutageOut.model_fields if name not in made}
    if not insider:
        own |= {"submitted_by": None, "approved_by": None, "publish_at": None, "life": public_life(outage.life)}
    return own | {
        "heard_until": outage.actual_end + LATELY if outage.actual_end and outage.life is Life.restored else None,
        "late": off and outage.expected_end is not None and outage.expected_end <= now,
        "areas": [_place(areas[place.area_id], place.streets, areas) for place in outage.places],
    }


def _place(area: Area, streets: str | None, areas: Mapping[int, Area]) -> PlaceOut:
    district = areas[area.district_id].name if area.district_id else None
    return PlaceOut(area_id=area.id, name=area.name, district=district, streets=streets)
