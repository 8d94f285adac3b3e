"""What can be reported, how urgent it is, and where reports come from."""

from enum import StrEnum


class Category(StrEnum):
    no_water = "no_water"
    low_pressure = "low_pressure"
    leak = "leak"
    burst_main = "burst_main"
    sewer = "sewer"
    water_quality = "water_quality"
    meter = "meter"
    bill = "bill"
    subscription = "subscription"
    complaint = "complaint"
    thanks = "thanks"
    information = "information"


class Urgency(StrEnum):
    """The first is the most urgent."""

    hazard = "hazard"
    urgent = "urgent"
    normal = "normal"
    low = "low"

    @property
    def raised(self) -> "Urgency":
        """One step more urgent. Only people who see a hazard call it one."""
        return {Urgency.low: Urgency.normal, Urgency.normal: Urgency.urgent}.get(self, self)


class Channel(StrEnum):
    """Where a report came from."""

    phone = "phone"
    agent = "agent"
    web = "web"
    app = "app"
    email = "email"
    social = "social"
    line_153 = "153"
    cimer = "cimer"
    other = "other"


ON_THE_PHONE: dict[str, tuple[Category, Urgency | None]] = {
    "hazard": (Category.burst_main, Urgency.hazard),
    "no_water": (Category.no_water, None),
    "low_pressure": (Category.low_pressure, None),
    "leak": (Category.leak, None),
    "sewer": (Category.sewer, None),
    "water_quality": (Category.water_quality, None),
}
"""What the phone menu calls a report. Without an urgency, it is that of the category."""
