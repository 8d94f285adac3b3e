"""What is tested when several processes share the tests (`pytest -n … --dist loadfile`): a file at a time.

Real calls mostly wait, so they begin first and everything else computes beside them.
"""

import pytest

FIRST = ("test_house_", "test_asterisk_", "test_browser_", "test_calls_carried", "test_hostile_cli")
"""How the files begin that take longest; the others fill the gaps that these leave."""


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # files are given out in the order below, not by how many tests they hold


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path.name))


def _turn(file: str) -> int:
    return next((turn for turn, begins in enumerate(FIRST) if file.startswith(begins)), len(FIRST))
