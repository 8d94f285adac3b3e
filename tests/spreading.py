"""Who tests what when several processes share the tests (`pytest -n`): a file at a time, and the houses in one of them.

Real calls mostly wait, so they begin first and the others compute beside them.
"""

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

HOUSES = "test_house_"
"""How the files begin whose tests call the two houses of `tests.live_worlds`: starting them takes long."""
SLOW = (HOUSES, "test_asterisk_", "test_rules", "test_calls_carried")
"""Beginnings of the files whose tests take longest; everything else fills the gaps that they leave."""


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return HOUSES if Path(file).name.startswith(HOUSES) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False  # the order of the collection, not the number of tests
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "worlds" in getattr(item, "fixturenames", ()) and not item.path.name.startswith(HOUSES):
            raise pytest.UsageError(f"{item.nodeid} calls the houses: its file's name has to begin with {HOUSES}.")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    return next((turn for turn, begins in enumerate(SLOW) if item.path.name.startswith(begins)), len(SLOW))
