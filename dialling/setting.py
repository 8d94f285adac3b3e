"""Calling hours, patience and pace that administrators change while the service runs; the settings file is the default.

Every process reads them anew before it claims calls, so that a change needs no restart.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dialling.calendar import is_public_holiday
from dialling.errors import DiallingError
from dialling.models import DiallerRules
from dialling.rules import Hours, Lines, Rules, never
from dialling.stopping import ABOUT_ALL
from people import audit

THE_ONE = 1
MINUTE = timedelta(minutes=1)
MOST_ATTEMPTS = 20
MOST_PAUSES = 10
SHORTEST_PAUSE, LONGEST_PAUSE = 5, 7 * 24 * 60
"""Minutes. Shorter, the telephone might still ring of the attempt before."""
FASTEST = 50.0
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Policy:
    """All by which citizens are called at this moment."""

    rules: Rules
    lines: Lines
    per_second: float


@dataclass(frozen=True, slots=True)
class Typed:
    """What an administrator typed, or what would be typed for what counts now."""

    opens: str = ""
    closes: str = ""
    on_holidays: bool = False
    attempts: str = ""
    a_day: str = ""
    spacing: str = ""
    per_second: str = ""
    at_once: str = ""
    reserved: str = ""


async def set_rules(session: AsyncSession) -> DiallerRules | None:
    """What an administrator set; None while the settings file counts."""
    return await session.get(DiallerRules, THE_ONE, populate_existing=True)


async def policy_of(session: AsyncSession, default: Policy) -> Policy:
    row = await set_rules(session)
    return applied(row, default) if row else default


async def rules_of(session: AsyncSession, default: Rules) -> Rules:
    return (await policy_of(session, Policy(default, Lines(), 1.0))).rules


def applied(row: DiallerRules, default: Policy) -> Policy:
    """The zone and how much the trunk carries stay those of the machine."""
    hours = Hours(
        default.rules.hours.zone,
        time.fromisoformat(row.opens),
        time.fromisoformat(row.closes),
        never if row.on_holidays else is_public_holiday,
    )
    spacing = tuple(int(each) * MINUTE for each in row.spacing.split())
    rules = replace(default.rules, hours=hours, attempts=row.attempts, a_day=row.a_day, spacing=spacing)
    return Policy(rules, replace(default.lines, reserved=row.reserved / 100, at_once=row.at_once), row.per_second)


def typed_of(policy: Policy) -> Typed:
    rules, lines = policy.rules, policy.lines
    return Typed(
        rules.hours.opens.strftime("%H:%M"),
        rules.hours.closes.strftime("%H:%M"),
        rules.hours.holiday is never,
        str(rules.attempts),
        str(rules.a_day),
        " ".join(str(int(pause / MINUTE)) for pause in rules.spacing),
        f"{policy.per_second:g}",
        str(lines.at_once),
        str(round(lines.reserved * 100)),
    )


class RuleSetting:
    """One administrator's work in one session. Nothing here commits: the edge does."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str, default: Policy) -> None:
        self.session, self.now, self.who, self._default = session, now, who, default

    async def save(self, typed: Typed) -> None:
        """It counts from the next claim on, for every process. Raises what `checked` raises."""
        before = typed_of(await policy_of(self.session, self._default))
        values = checked(typed, before)
        row = await set_rules(self.session)
        if row is None:
            row = DiallerRules(id=THE_ONE)
            self.session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.changed, row.who = self.now(), self.who[:120]
        await self.session.flush()
        await self._note("dialler_rules_changed", before)

    async def drop(self) -> None:
        """The settings file counts again."""
        row = await set_rules(self.session)
        if row is None:
            return
        before = typed_of(applied(row, self._default))
        await self.session.delete(row)
        await self.session.flush()
        await self._note("dialler_rules_dropped", before)

    async def _note(self, what: str, before: Typed) -> None:
        after = typed_of(await policy_of(self.session, self._default))
        names = [field.name for field in fields(Typed)]
        changed = {
            name: f"{getattr(before, name)} → {getattr(after, name)}"
            for name in names
            if getattr(before, name) != getattr(after, name)
        }
        await audit.record(self.session, self.now, self.who, what, ABOUT_ALL, **changed)


def checked(typed: Typed, before: Typed) -> dict[str, object]:
    """The row's columns. Raises a `DiallingError` that says which field is wrong."""
    opens, closes = _clock(typed.opens), _clock(typed.closes)
    if opens >= closes and (opens, closes) != (before.opens, before.closes):
        raise DiallingError("Calls must end later on the same day than they begin.", "bad_calling_hours")
    return {
        "opens": opens,
        "closes": closes,
        "on_holidays": typed.on_holidays,
        "attempts": _whole(typed.attempts, 1, MOST_ATTEMPTS, "bad_attempts"),
        "a_day": _whole(typed.a_day, 1, MOST_ATTEMPTS, "bad_a_day"),
        "spacing": _spacing(typed.spacing),
        "per_second": _pace(typed.per_second),
        "at_once": _whole(typed.at_once, 1, MOST_AT_ONCE, "bad_at_once"),
        "reserved": _whole(typed.reserved, 0, 100, "bad_reserved"),
    }


def _clock(text: str) -> str:
    hour, colon, minute = text.strip().replace(".", ":").partition(":")
    if not (_figures(hour, 2) and _figures(minute, 2) and colon and int(hour) < 24 and int(minute) < 60):
        raise DiallingError("Write hours as 09:00.", "bad_clock")
    return f"{int(hour):02}:{int(minute):02}"


def _whole(text: str, least: int, most: int, code: str) -> int:
    plain = text.strip()
    if not _figures(plain, 4) or not least <= int(plain) <= most:
        raise DiallingError(f"Write a whole number from {least} to {most}.", code)
    return int(plain)


def _pace(text: str) -> float:
    whole, _, part = text.strip().replace(",", ".").partition(".")
    if not _figures(whole or "0", 2) or (part and not _figures(part, 3)):
        raise DiallingError("Write the pace as 0.5 or 2.", "bad_pace")
    pace = float(f"{whole or 0}.{part or 0}")
    if not 0.01 <= pace <= FASTEST:
        raise DiallingError("From one call in 100 seconds to 50 calls a second.", "bad_pace")
    return pace


def _spacing(text: str) -> str:
    pauses = text.replace(",", " ").replace(";", " ").split()
    if not 1 <= len(pauses) <= MOST_PAUSES or not all(_figures(each, 5) for each in pauses):
        raise DiallingError("Write the pauses in minutes, parted by spaces: 15 60 240 1440.", "bad_spacing")
    minutes = [int(each) for each in pauses]
    if minutes != sorted(minutes) or not SHORTEST_PAUSE <= minutes[0] <= minutes[-1] <= LONGEST_PAUSE:
        raise DiallingError("Pauses grow, from 5 minutes to 7 days.", "bad_spacing")
    return " ".join(map(str, minutes))


def _figures(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= most
