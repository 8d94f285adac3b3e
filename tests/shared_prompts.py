"""What is always alike, speech and the register of areas, is kept in pytest's cache, for all tests and the next run."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outages.register import read_register
from prompts.engines import RATES, EspeakEngine
from prompts.formats import VERSION

CITY = "41"


def shared_prompts(config: pytest.Config) -> Path:
    return Path(str(config.cache.mkdir("prompts")))  # type: ignore[union-attr]


@contextmanager
def rendering(folder: Path) -> Iterator[None]:
    """The first of a run goes alone: the others find everything rendered, instead of rendering it once more beside."""
    done = folder.with_name(f"{folder.name}.{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            yield
            for earlier in folder.parent.glob(f"{folder.name}.*"):
                if earlier.suffix != ".lock":
                    earlier.unlink()
            done.touch()
            return
    yield


def open_folder(own: Path, shared: Path) -> None:
    """A folder of prompts that can be taken away without the others missing anything."""
    engine = EspeakEngine()
    own.mkdir()
    for language, pace in RATES:
        voice = f"{engine.voice(language, pace)}.v{VERSION}"
        (shared / voice).mkdir(exist_ok=True)
        (own / voice).symlink_to(shared / voice)


def share_register(state: Path, prompts: Path) -> None:
    """An installation's areas without asking the network for each: test_gazetteer's are the ones that do."""
    kept = prompts.with_name("areas")
    read_register(CITY, kept)
    shutil.copy(kept / f"areas-{CITY}.json", state)
