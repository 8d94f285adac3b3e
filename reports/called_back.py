"""Figures of calls to citizens: who was reached, what they said, how content they were."""

from collections.abc import Callable

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.kinds import Outcome, State, Verdict, Why
from dialling.models import CallAttempt, OutboundCall
from reports.figures import Cell, Rows, Scope, Table, counts, share, summary
from reports.sql import Condition, counted, whole
from tickets.models import Ticket

CITIZENS, ATTEMPTS = Rows("citizens"), Rows("attempts")
SETTLED = {"reached": State.done, "not_reached": State.given_up, "opted_out": State.opted_out, "off": State.cancelled}
"""How a wish to call somebody ends."""


def conditions(scope: Scope) -> list[Condition]:
    """Calls that were settled in the period: talked to, given up, not wanted or not needed any more."""
    period = scope.period
    found = [OutboundCall.finished >= period.start, OutboundCall.finished < period.end]
    return found if scope.unit_id is None else [*found, _of_unit(scope.unit_id)]


def attempt_conditions(scope: Scope) -> list[Condition]:
    """Times that a number was dialled in the period."""
    period = scope.period
    found = [CallAttempt.at >= period.start, CallAttempt.at < period.end]
    if scope.unit_id is None:
        return found
    own = select(OutboundCall.id).where(_of_unit(scope.unit_id))
    return [*found, CallAttempt.outbound_id.in_(own)]


def filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    return {
        "settled": lambda word: OutboundCall.state == SETTLED[word],
        "why": lambda word: OutboundCall.why == Why(word),
    }


def attempt_filters(scope: Scope) -> dict[str, Callable[[str], Condition]]:
    return {
        "outcome": _ended,
        "verdict": lambda word: CallAttempt.verdict == Verdict(word),
        "stars": lambda word: CallAttempt.stars.is_not(None) if word == "any" else CallAttempt.stars == whole(word, 5),
    }


def _ended(word: str) -> Condition:
    return CallAttempt.outcome.is_(None) if word == "running" else CallAttempt.outcome == Outcome(word)


async def tables(session: AsyncSession, scope: Scope) -> list[Table]:
    these = attempt_conditions(scope)
    outcomes = await counted(session, CallAttempt.outcome, *these)
    verdicts = await counted(session, CallAttempt.verdict, *these, CallAttempt.verdict.is_not(None))
    stars = await counted(session, CallAttempt.stars, *these, CallAttempt.stars.is_not(None))
    whys = await counted(session, OutboundCall.why, *conditions(scope))
    rated = {str(n): stars.get(n, 0) for n in (5, 4, 3, 2, 1)}
    return [
        await _summary(session, scope, sum(outcomes.values()), stars),
        counts("called_back.stars", rated if stars else {}, ATTEMPTS, "stars", top=False),
        counts("called_back.by_verdict", verdicts, ATTEMPTS, "verdict"),
        counts("called_back.by_outcome", {w or "running": n for w, n in outcomes.items()}, ATTEMPTS, "outcome"),
        counts("called_back.by_why", whys, CITIZENS, "why"),
    ]


async def _summary(session: AsyncSession, scope: Scope, attempts: int, stars: dict[int, int]) -> Table:
    states = await counted(session, OutboundCall.state, *conditions(scope))
    told = {word: states.get(state, 0) for word, state in SETTLED.items()}
    rated = sum(stars.values())
    mean = sum(star * times for star, times in stars.items()) / rated if rated else None
    reached = CITIZENS.also(settled="reached")
    return summary(
        "called_back",
        [
            ("citizens", Cell(sum(states.values()), rows=CITIZENS)),
            *((word, Cell(number, rows=CITIZENS.also(settled=word))) for word, number in told.items()),
            ("reached_share", share(told["reached"], told["reached"] + told["not_reached"], reached)),
            ("attempts", Cell(attempts, rows=ATTEMPTS)),
            ("rated", Cell(rated, rows=ATTEMPTS.also(stars="any"))),
            ("satisfaction", Cell(mean, "stars", ATTEMPTS.also(stars="any"))),
        ],
    )


def _of_unit(unit_id: int) -> Condition:
    """About a ticket that the unit has now."""
    numbers = select(Ticket.number).where(Ticket.unit_id == unit_id)
    return and_(OutboundCall.why == Why.ticket_check, OutboundCall.subject.in_(numbers))
