"""What a process costs, what a machine is, and how times are summed up."""

import math
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
PACKAGES = ("fastapi", "uvicorn", "uvloop", "websockets", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Process:
    """A process with all its threads and children."""

    pid: int

    def cpu_ms(self) -> float:
        """Time on a CPU since it started, in the kernel's accounting, to 10 ms."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._family()) * TICK_MS

    def memory_mb(self) -> float:
        """What it holds now, children included; a page that several share is counted once."""
        return sum(_kb(f"/proc/{pid}/smaps_rollup", "Pss") for pid in self._family()) / 1024

    def peak_mb(self) -> float:
        """The most memory that it ever held, without its children."""
        return _kb(f"/proc/{self.pid}/status", "VmHWM") / 1024

    def _family(self) -> Iterator[int]:
        waiting = [self.pid]
        while waiting:
            yield (pid := waiting.pop())
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += map(int, children.read_text().split())


def _stat(pid: int) -> list[str]:
    """The fields of proc(5) from the third on: the second is a name that may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _kb(file: str, name: str) -> int:
    lines = Path(file).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of them do not exceed; NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def percentiles(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {name: round(percentile(values, share), 2) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


def machine() -> dict[str, str]:
    cpu = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return {
        "cpu": f"{os.cpu_count()} x {cpu.partition(':')[2].strip()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }
