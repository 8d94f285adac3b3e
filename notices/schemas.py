"""What REST takes and gives about notices. A number is given back masked."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from notices.consent import PRESENT
from notices.models import Source, State, Way
from notices.numbers import LONGEST
from outages.schemas import GivenId

Number = Annotated[str, Field(min_length=4, max_length=LONGEST, examples=["0532 123 45 67"])]


class NoticeIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    number: Number
    area_id: GivenId = Field(description="A neighbourhood, or a district for all of it.")
    way: Way = "sms"
    language: Literal["tr", "en"] = "tr"
    source: Source = Field("operator", description="How the person agreed.")
    consent: str = Field(PRESENT, max_length=40, description="Version of the text that they agreed to.")
    confirmed: StrictBool = Field(False, description="You have spoken with the number's owner.")


class NumberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    number: Number


class NoticeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    area_id: int
    number: str = Field(description="Its last two digits.")
    way: Way
    language: str
    state: State
    consent_version: str
    consent_source: Source
    consented: datetime
    confirmed: datetime | None
    confirmed_by: str | None


class Erased(BaseModel):
    requests: int = Field(description="How many requests the number had.")
