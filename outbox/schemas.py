"""What REST takes and gives about webhooks."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from outbox.models import ALL_EVENTS, State
from outbox.target import LONGEST_URL

Event = Annotated[str, Field(pattern=r"^([a-z]+(\.[a-z_]+)*|\*)$", max_length=60)]
Url = Annotated[str, Field(min_length=8, max_length=LONGEST_URL)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class WebhookIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    url: Url = Field(examples=["https://example.org/alo185"])
    events: list[Event] = Field(default=[ALL_EVENTS], min_length=1, max_length=20, description="`*` means all.")
    allow_private: StrictBool = Field(False, description="Deliver also into this machine's own network.")


class WebhookChange(BaseModel):
    """A field left out stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    url: Url | None = None
    events: list[Event] | None = Field(None, min_length=1, max_length=20)
    active: StrictBool | None = Field(None, description="Switched off, it also loses what waits for it.")
    allow_private: StrictBool | None = None


class WebhookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    url: str
    events: list[str]
    active: bool
    note: str | None = Field(description="Why it was switched off.")
    allow_private: bool
    made: datetime
    made_by: str


class WebhookWithSecret(WebhookOut):
    secret: str = Field(description="Shown this once; messages are signed with it.")


class DeliveryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    uuid: str = Field(description="The header `webhook-id`, the same in every attempt.")
    event: str
    state: State
    attempts: int
    due: datetime = Field(description="When it is or was tried next.")
    settled: datetime | None
    note: str | None


class AttemptOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    status: int | None = Field(description="Empty where there was no answer.")
    ms: int
    answer: str | None = Field(description="Its first 500 bytes.")
    problem: str | None


class DeliveryWithLog(DeliveryOut):
    payload: dict[str, Any]
    log: list[AttemptOut]
