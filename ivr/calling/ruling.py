"""The rules by which citizens are called, from the settings."""

from zoneinfo import ZoneInfo

from dialling.calendar import is_public_holiday
from dialling.rules import Hours, Rules, never
from ivr.settings import Settings


def rules_of(settings: Settings) -> Rules:
    zone = ZoneInfo(settings.timezone)
    holiday = never if settings.calling_on_holidays else is_public_holiday
    hours = Hours(zone, settings.calling_from, settings.calling_until, holiday)
    return Rules(hours, settings.call_attempts, settings.calls_a_day)
