"""What REST takes and gives at the outage desk: reviews, templates, pages of the phone menu, previews of imports."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from outages.board import AreaKind, OutageKind
from outages.life import Cause
from outages.recording import LONGEST_REASON
from outages.schemas import (
    Announcement,
    GivenId,
    Moment,
    OutageOut,
    PlaceIn,
    Reason,
    RowErrorOut,
    Strict,
    Subscribers,
    Tankers,
    by_area,
)
from outages.templates import LONGEST_MINUTES, LONGEST_NAME, Pattern
from prompts.prompt import Language

Minutes = Annotated[StrictInt, Field(ge=1, le=LONGEST_MINUTES)]


class ReasonIn(Strict):
    reason: Reason | None = None


class BackIn(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, description="Why it goes back.")]


class PublishIn(ReasonIn):
    at: Moment | None = Field(None, description="When it goes out by itself; left out: now.")


class UndoIn(ReasonIn):
    revision: GivenId = Field(description="The latest revision, which you made within the last 30 seconds.")


class MassCallIn(Strict):
    on: StrictBool = Field(description="Short menus for everybody, whatever the number of calls.")
    until: Moment | None = Field(None, description="When it ends by itself, within 24 hours; needed to switch it on.")


class MassCallOut(BaseModel):
    on: bool
    until: datetime | None = Field(description="When it ends by itself.")


class BroadcastChange(Strict):
    """What is to become different; a field left out stays."""

    text_tr: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    text_en: Announcement | None = None
    district_id: GivenId | None = None
    ends: Moment | None = None

    @model_validator(mode="after")
    def keeps_what_every_broadcast_has(self) -> Self:
        """Refuse to empty what cannot be empty."""
        for name in ("text_tr", "ends"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be emptied; leave it out to keep it")
        return self


class SuggestionOut(BaseModel):
    id: int
    kind: AreaKind
    name: str
    district: str | None
    label: str = Field(description="With its district, so that namesakes are told apart.")
    former: str | None = Field(description="The old name, where it was found by that.")


class TemplateIn(Strict):
    """An outage without its times."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    kind: OutageKind
    cause: Cause
    areas: list[PlaceIn] = Field(min_length=1, max_length=2000)
    minutes: Annotated[StrictInt, Field(ge=1, le=LONGEST_MINUTES)] | None = Field(
        None, description="How long it lasts."
    )
    subscribers: Subscribers | None = None
    tanker_points: Tankers | None = None
    announcement_tr: Announcement | None = None
    announcement_en: Announcement | None = None

    def pattern(self) -> Pattern:
        return Pattern(**self.model_dump(exclude={"name", "areas"}), areas=by_area(self.areas))


class TemplateOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    facts: dict[str, Any] = Field(description="What it says; `areas` maps an area's id to streets.")
    minutes: int | None
    who: str
    created: datetime
    uses: int
    last_used: datetime | None


class PageIn(Strict):
    text: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        description="What callers hear; `null` brings back the text that ships."
    )


class PageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    language: Language
    text: str | None = Field(description="None: the text that ships.")
    revision: int = Field(description="0: never written. Send it as `If-Match` with a change.")
    who: str | None = None
    at: datetime | None = None


class TextIn(Strict):
    text: Annotated[str, Field(max_length=4000)]
    language: Language = "tr"


class FindingOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    level: Literal["error", "warning", "note"] = Field(description="With an error the text may not go on air.")
    code: str
    message_tr: str
    message_en: str
    at: int = Field(description="The character that it is about, from 0.")


class TextOut(BaseModel):
    spoken: str = Field(description="The words that callers hear.")
    seconds: float = Field(description="About how long that takes.")
    findings: list[FindingOut]


class PreviewRowOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int
    external_id: str
    what: Literal["new", "changed", "same", "bad"]
    outage_id: int | None
    differences: dict[str, Any] | None = Field(description="Each changed field with its value before and after.")
    errors: list[RowErrorOut]


class PreviewOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    rows: list[PreviewRowOut]
    digest: str = Field(description="Import the same file with it, and just this is saved.")


class HistoryOut(BaseModel):
    outages: list[OutageOut] = Field(description="The latest start first.")
    total: int
    page: int
    pages: int
