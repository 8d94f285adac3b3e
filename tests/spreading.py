"""What is tested when several processes share the tests (`pytest -n … --dist loadfile`): a file at a time.

Real calls mostly wait, so they begin first and everything else computes beside them.
"""

import pytest

NEXT = ("test_browser_", "test_hostile_cli")
"""How the other files begin that take longest; the rest fills the gaps that these leave."""


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # files are given out in the order below, not by how many tests they hold


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    live = {item.path for item in items if item.get_closest_marker("live")}
    items.sort(key=lambda item: 0 if item.path in live else 1 if item.path.name.startswith(NEXT) else 2)
