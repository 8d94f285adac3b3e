"""What the utility's own system answers; the description for its makers is in docs/subscribers.md."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from subscribers.rows import LONGEST_TEXT, MOST_PHONES

MOST_FOUND = 50
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,15}$", strict=True)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$", strict=True)]
Place = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True, strict=True)]


class RemoteSubscriber(BaseModel):
    """Fields that are not named here are left unread: the system may tell more than we need."""

    model_config = ConfigDict(extra="ignore")

    number: Number
    name: Annotated[str, StringConstraints(max_length=LONGEST_TEXT["name"], strict=True)] | None = None
    phones: Annotated[list[Phone], Field(max_length=MOST_PHONES)] = []
    district: Place | None = None
    neighbourhood: Place | None = None
    area_number: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None
    """Our own number of the area, where the system knows it."""
    address: Annotated[str, StringConstraints(max_length=LONGEST_TEXT["address"], strict=True)] | None = None
    meter_point: Annotated[str, StringConstraints(max_length=LONGEST_TEXT["meter_point"], strict=True)] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^(tr|en)$", strict=True)] = "tr"


class RemoteAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    subscribers: Annotated[list[RemoteSubscriber], Field(max_length=MOST_FOUND)]
