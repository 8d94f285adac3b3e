"""What an outage says: read from its row, written into it, told apart, and kept in JSON."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from outages.life import OutageFacts
from outages.models import Outage, OutageArea

_TIMES = ("starts", "expected_end", "actual_end")


def facts_of(outage: Outage) -> OutageFacts:
    """What an outage says now."""
    return OutageFacts(
        kind=outage.kind,
        cause=outage.cause,
        areas={place.area_id: place.streets for place in outage.places},
        starts=outage.starts,
        expected_end=outage.expected_end,
        actual_end=outage.actual_end,
        subscribers=outage.subscribers,
        crew=outage.crew,
        tanker_points=outage.tanker_points,
        announcement_tr=outage.announcement_tr,
        announcement_en=outage.announcement_en,
    )


def write(outage: Outage, facts: OutageFacts) -> None:
    places = {place.area_id: place for place in outage.places}
    for name, value in asdict(facts).items():
        if name != "areas":
            setattr(outage, name, value)
    outage.places = [places.get(area_id) or OutageArea(area_id=area_id) for area_id in facts.areas]
    for place in outage.places:
        place.streets = facts.areas[place.area_id]


def differences(before: OutageFacts | None, after: OutageFacts) -> dict[str, Any]:
    """Each changed field with its value before and after."""
    old = asdict(before) if before else {}
    return {
        name: [plain(old.get(name)), plain(value)] for name, value in asdict(after).items() if value != old.get(name)
    }


def plain(value: Any) -> Any:
    """As JSON keeps it; times in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {str(key): inner for key, inner in value.items()}
    return value


def with_plain(facts: OutageFacts | None, values: Mapping[str, Any]) -> OutageFacts:
    """The facts with what JSON kept of some of them; fields that are no facts are left aside."""
    given = {name: _rich(name, value) for name, value in values.items() if name in OutageFacts.__dataclass_fields__}
    return replace(facts, **given) if facts else OutageFacts(**given)


def _rich(name: str, value: Any) -> Any:
    if name in _TIMES and value is not None:
        return datetime.fromisoformat(value)
    if name == "areas":
        return {int(area_id): streets for area_id, streets in value.items()}
    return value
