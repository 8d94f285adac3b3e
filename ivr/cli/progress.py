"""Long steps shown as they go: bars in a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

EVERY = 5.0
"""Seconds between the lines of one step where no bar can be shown."""


class Steps:
    """One step at a time. A step is told once, a longer one with its share done."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._bar: TaskID | None = None
        self._step = ""
        self._told = 0.0

    def now(self, step: str) -> None:
        """A new step begins."""
        self._end_bar()
        self._step, self._told = step, time.monotonic()
        self._console.print(f"· {step}", highlight=False, markup=False, soft_wrap=True)

    def share(self, step: str, done: float) -> None:
        """The step is `done` (0 to 1)."""
        if step != self._step:
            self.now(step)
        if self._console.is_terminal:
            if self._bar is None:
                self._bar = self._bars.add_task(f"  {step}", total=1.0)
                self._bars.start()
            self._bars.update(self._bar, completed=done)
        elif time.monotonic() - self._told > EVERY:
            self._told = time.monotonic()
            self._console.print(f"  {step}: {done:.0%}", highlight=False)

    def count(self, step: str, done: int, total: int) -> None:
        if total:
            self.share(step, done / total)

    def tell(self, text: str) -> None:
        """What the user keeps; goes to standard output."""
        self._end_bar()
        Console().print(text, highlight=False, markup=False, soft_wrap=True)

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bars.stop()
            self._bars.remove_task(self._bar)
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()
