"""How several processes share the tests, a file at a time (`pytest -n … --dist loadfile`).

Real calls mostly wait: six processes make them from one end of the queue, and the others compute from its other end.
Once no calls are left, two of the six help them with the rest.
"""

import contextlib
import gc
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

CALLING = 6
"""Processes that begin with real calls."""
STAYING = 2
"""Of those, how many go on with what is left: more than four in all push each other out of two cores' caches."""
SAME_HOUSES = (
    ("test_house_calls", "test_live_wall", "test_house_desk"),
    ("test_house_subscribers", "test_house_failures"),
)
"""Files that call the same two houses: those of a group go to one process, which starts them once."""
LONG_CALLS = ("test_calls_back_live", "test_notice_call_live", "test_kept_places_live", "test_loop_live")
"""Each takes minutes, so they begin first; whoever has begun a file of a test or two is given the next one along."""
SHORT_CALLS = ("test_trunk_live", "test_queue_told_live", "test_restoration_live")
CALLS_FIRST = (*chain.from_iterable(SAME_HOUSES), *LONG_CALLS, *SHORT_CALLS)
"""In this order; all other calls come after these."""
LONGEST = ("test_browser_", "test_calling_killed", "test_rest_by_its_description")
"""How the files begin with which those that compute begin; the rest fills the gaps that these leave."""
HOUSELESS = ("test_desk_phones_live", "test_phone_live", "test_queue_live", "test_asterisk_live")
"""Calls that need no house come after those that do: while all speech is rendered, both cores are busy."""
BEHIND = 10
"""Niceness of what computes: words of a call that come late are lost."""


class BothEnds(LoadFileScheduling):
    def _reschedule(self, node: WorkerController) -> None:
        if STAYING <= _number(node) < CALLING and not any(map(_calls, self.workqueue)):
            if not node.shutting_down:
                node.shutdown()
            return
        super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if _number(node) >= CALLING:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((group[0] for group in SAME_HOUSES if Path(file).stem in group), file)


def _number(node: WorkerController) -> int:
    return int(node.gateway.id.removeprefix("gw"))


def _calls(file: str) -> bool:
    name = Path(file).stem
    return name in CALLS_FIRST or "live" in name


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> BothEnds | None:
    return BothEnds(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # files are given out in the order below, not by how many tests they hold


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    live = {item.path for item in items if item.get_closest_marker("live")}

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.stem
        if item.path in live:
            first = CALLS_FIRST.index(name) if name in CALLS_FIRST else len(CALLS_FIRST)
            return 1 if name.startswith(HOUSELESS) else 0, first
        return 3 if name.startswith(LONGEST) else 2, 0

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is there by now stays: looking for garbage in it took a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Only root may come forward again; for others, all is behind from the first test that computes."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, 0 if item.get_closest_marker("live") else BEHIND)
    return (yield)
