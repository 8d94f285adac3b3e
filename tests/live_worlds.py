"""The two houses that the live tests call: ARI on PostgreSQL and FastAGI on SQLite, with one outage published."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callflows.speech import full_name, here, name
from outages.board import AreaView, Board
from prompts.prompt import Prompt
from tests.clusters import Cluster, new_cluster
from tests.live_house import LiveHouse
from tests.shared_prompts import rendering, shared_prompts

DISTRICT = "Karamürsel"
CAUSE = "pump_fault"
LETTERS = 3
CHECKED: dict[str, object] = {"subscriber_check": "luhn"}
"""Subscriber numbers have a check digit."""


@dataclass
class World:
    house: LiveHouse
    board: Board
    district: AreaView
    area: AreaView
    cluster: Cluster | None
    calls: dict[str, object] = field(default_factory=dict)

    def recording(self, call: str) -> Path:
        outcome = self.calls[call]
        if isinstance(outcome, BaseException):
            raise outcome
        assert isinstance(outcome, Path)
        return outcome

    def heard(self, recording: Path) -> list[Prompt]:
        expected = [here(self.board, self.area), name(self.area), *full_name(self.board, self.area)]
        return self.house.heard(recording, expected, self.board)

    @property
    def keys_to_district(self) -> list[str]:
        """Another district than those by name, then three letters, which two districts share."""
        letters = self.district.keypad[:LETTERS]
        sharing = [district for district in self.board.districts if district.keypad.startswith(letters)]
        return ["5", letters, str(1 + sharing.index(self.district))]


@pytest.fixture(scope="session")
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """Both houses, up side by side for all tests that call them."""
    prompts = shared_prompts(request.config)
    cluster = new_cluster()
    houses = {
        "ari on PostgreSQL": LiveHouse(
            tmp_path_factory.mktemp("ari") / "state",
            prompts,
            driver="ari",
            database_url=cluster.url("postgres"),
            **CHECKED,
        ),
        "agi on SQLite": LiveHouse(tmp_path_factory.mktemp("agi") / "state", prompts, driver="agi", **CHECKED),
    }
    try:
        with rendering(prompts):
            opened_worlds = {called: opened(house, cluster) for called, house in houses.items()}
        yield opened_worlds
        assert [house.stop() for house in houses.values()] == [0, 0]
    finally:
        for house in houses.values():
            house.kill()
        cluster.remove()


@contextmanager
def one_house(request: pytest.FixtureRequest, factory: pytest.TempPathFactory, **settings: object) -> Iterator[World]:
    """On SQLite, over ARI, up until the tests of a file are over."""
    prompts = shared_prompts(request.config)
    house = LiveHouse(factory.mktemp("house") / "state", prompts, driver="ari", **settings)
    try:
        with rendering(prompts):
            made = opened(house, None)
        yield made
        assert house.stop() == 0
    finally:
        house.kill()


def opened(house: LiveHouse, cluster: Cluster | None) -> World:
    house.start()
    district, area = alone_with_its_letters(house.board())
    house.publish(area, CAUSE)
    return World(house, house.board(), district, area, cluster if house.settings.database_url else None)


def alone_with_its_letters(board: Board) -> tuple[AreaView, AreaView]:
    """A neighbourhood that its first three letters single out in its district."""
    district = next(area for area in board.districts if area.name == DISTRICT)
    inside = board.within(district.id)
    for area in inside:
        if sum(other.keypad.startswith(area.keypad[:LETTERS]) for other in inside) == 1:
            return district, area
    raise AssertionError("every neighbourhood shares its letters")
