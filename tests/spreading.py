"""How several processes share the tests, a file at a time (`pytest -n … --dist loadfile`).

Real calls mostly wait: six processes make them from one end of the queue, and the others compute from its other end.
Whoever comes to what the others have left helps them.
"""

import contextlib
import gc
import os
from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

CALLING = 6
"""Processes that begin with real calls."""
LONGEST = ("test_browser_", "test_hostile_cli", "test_calling_killed", "test_rest_by_its_description")
"""How the files begin with which those that compute begin; the rest fills the gaps that these leave."""
HOUSELESS = ("test_desk_phones_live", "test_phone_live", "test_queue_live", "test_asterisk_live")
"""Calls that need no house come after those that do: while all speech is rendered, both cores are busy."""
BEHIND = 10
"""Niceness of what computes: words of a call that come late are lost."""


class BothEnds(LoadFileScheduling):
    def _assign_work_unit(self, node: WorkerController) -> None:
        if int(node.gateway.id.removeprefix("gw")) >= CALLING:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> BothEnds | None:
    return BothEnds(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # files are given out in the order below, not by how many tests they hold


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    live = {item.path for item in items if item.get_closest_marker("live")}

    def place(item: pytest.Item) -> int:
        if item.path in live:
            return 1 if item.path.name.startswith(HOUSELESS) else 0
        return 3 if item.path.name.startswith(LONGEST) else 2

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
