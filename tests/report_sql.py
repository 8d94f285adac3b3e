"""What every figure of a report has to be, told from the raw rows by SQL that shares nothing with ours."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

PHONES = "driver IN ('ari', 'agi')"
SOLVED = "(round > 1 OR state IN ('done', 'confirming', 'closed', 'unreachable'))"
OPEN = "state IN ('new', 'sent', 'accepted', 'reopened', 'on_the_way', 'on_site') AND merged_into IS NULL"
LATE = "(k.breached IS NOT NULL OR k.met > k.due)"
IN_TIME = "(k.breached IS NULL AND k.met <= k.due)"
RUNNING = "(k.breached IS NULL AND k.met IS NULL)"
DISTRICT = "coalesce((SELECT coalesce(a.district_id, a.id) FROM areas a WHERE a.id = {}.area_id), 0)"
CONTAINED = "c.outcome IN ('served', 'ticket')"


@dataclass
class Raw:
    """Moments are those of the period in UTC, as each database writes them."""

    session: AsyncSession
    start: str
    end: str
    unit: int | None

    @property
    def sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"

    def local(self, column: str) -> str:
        """Istanbul has been three hours ahead of UTC since 2016."""
        return (
            f"datetime(substr({column}, 1, 19), '+3 hours')"
            if self.sqlite
            else f"({column} AT TIME ZONE 'Europe/Istanbul')"
        )

    def hour(self, column: str) -> str:
        at = self.local(column)
        return f"CAST(strftime('%H', {at}) AS INTEGER)" if self.sqlite else f"CAST(to_char({at}, 'HH24') AS INTEGER)"

    def day(self, column: str) -> str:
        at = self.local(column)
        return f"date({at})" if self.sqlite else f"to_char({at}, 'YYYY-MM-DD')"

    def hours(self, first: str, second: str) -> str:
        if self.sqlite:
            return f"(julianday({second}) - julianday({first})) * 24"
        return f"extract(epoch FROM {second} - {first})::float8 / 3600"

    async def rows(self, query: str) -> list[Any]:
        return list(await self.session.execute(text(query)))

    async def value(self, query: str) -> Any:
        found = (await self.rows(query))[0][0]
        return float(found) if isinstance(found, Decimal) else found

    async def by(self, query: str) -> dict[str, Any]:
        return {str(key): value for key, value in await self.rows(query)}

    @property
    def calls(self) -> str:
        return f"FROM calls c WHERE c.{PHONES} AND c.started >= '{self.start}' AND c.started < '{self.end}'"

    @property
    def again(self) -> str:
        soon = f"{self.hours('c.started', 'n.started')} <= 24"
        return (
            f"EXISTS (SELECT 1 FROM calls n WHERE n.{PHONES} AND n.caller_hash = c.caller_hash AND n.id <> c.id"
            f" AND n.started > c.started AND {soon})"
        )

    @property
    def known(self) -> str:
        return "(c.caller_hash IS NOT NULL OR c.called_again IS NOT NULL)"

    @property
    def truly(self) -> str:
        true, false = ("1", "0") if self.sqlite else ("true", "false")
        again = f"(coalesce(c.called_again, {false}) = {true} OR {self.again})"
        return f"{CONTAINED} AND {self.known} AND NOT {again}"

    @property
    def tickets(self) -> str:
        own = f" AND t.unit_id = {self.unit}" if self.unit else ""
        return f"FROM tickets t WHERE t.opened >= '{self.start}' AND t.opened < '{self.end}'{own}"

    @property
    def promises(self) -> str:
        return self.tickets.replace("FROM tickets t", "FROM ticket_clocks k JOIN tickets t ON t.id = k.ticket_id")

    @property
    def citizens(self) -> str:
        return f"FROM outbound_calls o WHERE o.finished >= '{self.start}' AND o.finished < '{self.end}'{self._own}"

    @property
    def attempts(self) -> str:
        both = "FROM call_attempts e JOIN outbound_calls o ON o.id = e.outbound_id"
        return f"{both} WHERE e.at >= '{self.start}' AND e.at < '{self.end}'{self._own}"

    @property
    def _own(self) -> str:
        of_unit = f"SELECT 1 FROM tickets t WHERE t.unit_id = {self.unit} AND t.number = o.subject"
        return f" AND o.why = 'ticket_check' AND EXISTS ({of_unit})" if self.unit else ""

    @property
    def outages(self) -> str:
        lives = "g.life IN ('active', 'restored')"
        return f"FROM outages g WHERE {lives} AND g.starts >= '{self.start}' AND g.starts < '{self.end}'"


async def calls(raw: Raw) -> dict[tuple[str, str], dict[str, Any]]:
    """Figures by table and column."""
    found, count = {}, f"SELECT count(*) {raw.calls}"
    calls = await raw.value(count)
    outcomes = ("served", "transferred", "ticket", "gave_up", "failed")
    told = {"calls": calls} | {o: await raw.value(f"{count} AND c.outcome = '{o}'") for o in outcomes}
    known, contained = await raw.value(f"{count} AND {raw.known}"), await raw.value(f"{count} AND {CONTAINED}")
    told |= {"known": known, "withheld": calls - known, "contained": contained / calls if calls else None}
    told["truly_contained"] = await raw.value(f"{count} AND {raw.truly}") / known if known else None
    told["first_answer"] = await raw.value(f"SELECT avg(c.first_answer_seconds) {raw.calls}")
    found["calls.summary", "value"] = told
    keys = {"by_hour": raw.hour("c.started"), "by_day": raw.day("c.started"), "by_district": DISTRICT.format("c")}
    for table, key in keys.items():
        for column, only in (("calls", ""), ("transferred", "transferred"), ("gave_up", "gave_up")):
            ended = f" AND c.outcome = '{only}'" if only else ""
            found[f"calls.{table}", column] = await raw.by(f"SELECT {key}, count(*) {raw.calls}{ended} GROUP BY 1")
    reason = "coalesce(c.reason, 'unknown')"
    to_person = f"{raw.calls} AND c.outcome IN ('transferred', 'failed')"
    found["calls.by_reason", "count"] = await raw.by(f"SELECT {reason}, count(*) {to_person} GROUP BY 1")
    left = f"SELECT coalesce(c.left_at, 'unknown'), count(*) {raw.calls} AND c.outcome = 'gave_up' GROUP BY 1"
    found["calls.left_at", "count"] = await raw.by(left)
    return found


async def tickets(raw: Raw) -> dict[tuple[str, str], dict[str, Any]]:
    found, count = {}, f"SELECT count(*) {raw.tickets}"
    solved, reopened = await raw.value(f"{count} AND {SOLVED}"), await raw.value(f"{count} AND round > 1")
    found["tickets.summary", "value"] = {
        "tickets": await raw.value(count),
        "merged": await raw.value(f"{count} AND merged_into IS NOT NULL"),
        "open": await raw.value(f"{count} AND {OPEN}"),
        "solved": solved,
        "reopened": reopened,
        "reopen_rate": reopened / solved if solved else None,
    }
    keys = {"by_hour": raw.hour("t.opened"), "by_day": raw.day("t.opened"), "by_district": DISTRICT.format("t")}
    for table, key in {**keys, "by_category": "category", "by_channel": "channel", "by_urgency": "urgency"}.items():
        found[f"tickets.{table}", "count"] = await raw.by(f"SELECT {key}, count(*) {raw.tickets} GROUP BY 1")
    only = {"promised": "", "in_time": f" AND {IN_TIME}", "late": f" AND {LATE}", "running": f" AND {RUNNING}"}
    for column, condition in only.items():
        query = f"SELECT promise, count(*) {raw.promises}{condition} GROUP BY 1"
        found["tickets.promises", column] = await raw.by(query)
    in_time, late = found["tickets.promises", "in_time"], found["tickets.promises", "late"]
    decided = {promise: in_time.get(promise, 0) + late.get(promise, 0) for promise in {*in_time, *late}}
    shares = {promise: in_time.get(promise, 0) / number for promise, number in decided.items()}
    found["tickets.promises", "kept_share"] = shares
    for column, percent in (("median", 50), ("nine_in_ten", 90)):
        found["tickets.promises", column] = {p: await _nth(raw, p, percent) for p in ("answer", "site", "solution")}
    return found


async def _nth(raw: Raw, promise: str, percent: int) -> int | None:
    """All of them fetched and counted off, in whole minutes."""
    took = f"SELECT {raw.hours('t.opened', 'k.met')} * 3600 {raw.promises}"
    rows = sorted(r[0] for r in await raw.rows(f"{took} AND promise = '{promise}' AND k.round = 1 AND met IS NOT NULL"))
    return int(round(rows[-(-len(rows) * percent // 100) - 1], 2) // 60) if rows else None


async def called_back(raw: Raw) -> dict[tuple[str, str], dict[str, Any]]:
    found, count = {}, f"SELECT count(*) {raw.citizens}"
    states = {"reached": "done", "not_reached": "given_up", "opted_out": "opted_out", "off": "cancelled"}
    told = {word: await raw.value(f"{count} AND o.state = '{state}'") for word, state in states.items()}
    tried = told["reached"] + told["not_reached"]
    rated = f"{raw.attempts} AND e.stars IS NOT NULL"
    found["called_back.summary", "value"] = told | {
        "citizens": await raw.value(count),
        "reached_share": told["reached"] / tried if tried else None,
        "attempts": await raw.value(f"SELECT count(*) {raw.attempts}"),
        "rated": await raw.value(f"SELECT count(*) {rated}"),
        "satisfaction": await raw.value(f"SELECT avg(e.stars * 1.0) {rated}"),
    }
    found["called_back.stars", "count"] = await raw.by(f"SELECT e.stars, count(*) {rated} GROUP BY 1")
    said = f"SELECT e.verdict, count(*) {raw.attempts} AND e.verdict IS NOT NULL GROUP BY 1"
    found["called_back.by_verdict", "count"] = await raw.by(said)
    ended = f"SELECT coalesce(e.outcome, 'running'), count(*) {raw.attempts} GROUP BY 1"
    found["called_back.by_outcome", "count"] = await raw.by(ended)
    found["called_back.by_why", "count"] = await raw.by(f"SELECT o.why, count(*) {raw.citizens} GROUP BY 1")
    return found


async def outages(raw: Raw) -> dict[tuple[str, str], dict[str, Any]]:
    found, length = {}, raw.hours("g.starts", "g.actual_end")
    count = f"SELECT count(*) {raw.outages}"
    kinds = {kind: await raw.value(f"{count} AND kind = '{kind}'") for kind in ("fault", "planned")}
    mean = await raw.value(f"SELECT avg({length}) * 60 {raw.outages} AND g.actual_end IS NOT NULL")
    found["outages.summary", "value"] = kinds | {"outages": await raw.value(count), "mean_length": mean}
    figures = {"count": "count(*)", "over": "count(g.actual_end)"}
    figures |= {"mean_length": f"avg({length}) * 60", "longest": f"max({length}) * 60"}
    for column, figure in figures.items():
        found["outages.by_cause", column] = await raw.by(f"SELECT cause, {figure} {raw.outages} GROUP BY 1")
    lengths = await raw.rows(f"SELECT {length} {raw.outages}")
    bounds = {"under_2": 2, "under_4": 4, "under_8": 8, "under_24": 24, "over_24": 1e9}
    told = dict.fromkeys((*bounds, "still_off"), 0)
    for (hours,) in lengths:
        told["still_off" if hours is None else next(b for b, most in bounds.items() if round(hours, 6) < most)] += 1
    found["outages.by_length", "count"] = told
    return found
