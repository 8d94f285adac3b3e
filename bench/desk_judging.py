"""What agents saw and callers heard, against what SIPp's own logs say happened; and the page that tells it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.crowd import Caller
from bench.desk_crew import Agent
from bench.measure import percentile, percentiles
from bench.report import aim, stamp_lines, table, three
from bench.rtp import Sound
from bench.sipp_run import Line
from bench.told import Ear, Queue, Told, Verdict, announcements, judge_minutes, judge_places

LIMIT = 500.0
"""Milliseconds from the ringing to the screen-pop, at the 95th of a hundred calls."""
LONG_ENOUGH = 10.0
"""Seconds: whoever waits for longer is told something."""


def joined(queue_log: str) -> dict[str, float]:
    """Who joined the queue when, by number: in whole seconds, and by parts of one in the order of Asterisk's log."""
    rows = [line.split("|") for line in queue_log.splitlines()]
    entered = [(row[6], int(row[0])) for row in rows if len(row) > 6 and row[4] == "ENTERQUEUE"]
    return {number: at + index / 1e5 for index, (number, at) in enumerate(entered)}


def judged(
    agents: Sequence[Agent], callers: Sequence[Caller], ear: Ear, phones: Sequence[Line], joined: Mapping[str, float]
) -> dict[str, Any]:
    """`phones`: what the agents' telephones wrote down."""
    shown, missing = _shown(agents, phones)
    queue = Queue(joined, {line.fields[2]: line.at for line in phones if line.event == "answered"})
    heard = {each.number: announcements(ear.words(Sound.of(each.heard))) for each in callers if each.keeps}
    places, minutes = judge_places(heard, queue), judge_minutes(heard, queue)
    return {
        "served": len(queue.answered),
        "pop_ms": percentiles(shown),
        "pop_p95_ms": percentile(shown, 0.95),
        "rang_without_pop": missing,
        "listened_with": len(heard),
        "places": _counts(places),
        "minutes": _counts(minutes),
        "told_nothing": _silent(heard, queue),
    }


def _shown(agents: Sequence[Agent], phones: Sequence[Line]) -> tuple[list[float], int]:
    """Milliseconds from the INVITE to the screen-pop, and how many rings had none."""
    pops = {(agent.phone, caller): at for agent in agents for caller, at in agent.shown.items()}
    rang: dict[tuple[str, str], float] = {}
    for line in phones:
        if line.event == "rang":
            rang.setdefault((line.fields[0], line.fields[1]), line.at)
    times = [max(0.0, pops[ring] - at) * 1000 for ring, at in rang.items() if ring in pops]
    return times, len(rang) - len(times)


def _silent(heard: Mapping[str, Sequence[Told]], queue: Queue) -> list[str]:
    """Who waited and was not told a place."""
    return [
        caller
        for caller, told in heard.items()
        if queue.waited(caller) > LONG_ENOUGH and not any(each.what == "place" for each in told)
    ]


def _counts(verdict: Verdict) -> dict[str, Any]:
    return {"right": verdict.right, "wrong": list(verdict.wrong)}


def page_of(result: dict[str, Any]) -> list[str]:
    places, minutes = result["places"], result["minutes"]
    wrong = [f"- {each}" for each in (*places["wrong"], *minutes["wrong"])[:10]]
    return [
        f"## The agents' desk: {result['agents']} agents, {result['callers']} callers in the queue, by SIPp",
        "",
        *stamp_lines(result["about"]),
        f"- waiting before the first agent was ready: {result['waiting_before_the_first_agent']};"
        f" {result['later']} more came while agents answered; served: {result['served']}",
        f"- listened with {result['listened_with']} callers, who were told their place rightly {places['right']} times,"
        f" their wait {minutes['right']} times",
        f"- CPU ms a second: Asterisk {result['asterisk_cpu_ms_per_second']},"
        f" service {result['service_cpu_ms_per_second']}",
        *(["- wrongly told:", *wrong] if wrong else []),
        "",
        *table(("", "p50 / p95 / p99 ms"), [("INVITE to screen-pop", three(result["pop_ms"]))]),
        "",
        *table(
            ("aim", "wanted", "measured", "held"),
            [
                aim("INVITE to screen-pop, p95", LIMIT, result["pop_p95_ms"], "ms"),
                aim("rings without a screen-pop", 0, result["rang_without_pop"], ""),
                aim("runs of SIPp with a failed call", 0, result["runs_with_failed_calls"], ""),
                aim("callers who were not served", 0, result["callers"] + result["later"] - result["served"], ""),
                aim("places told wrongly", 0, len(places["wrong"]), ""),
                aim("waits told wrongly", 0, len(minutes["wrong"]), ""),
                aim("callers who waited and were told no place", 0, len(result["told_nothing"]), ""),
            ],
        ),
    ]
