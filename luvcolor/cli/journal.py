"""What a run tells its user, on standard error, and what it adds up to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from luvcolor.errors import LuvcolorError

Item = TypeVar("Item")


@dataclass
class Journal:
    """Counts what went well and what did not, and says so.

    Attributes
    ----------
    strict
        Raise at the first failure.
    done
        Pictures that came out.
    failures
        What was said of those that did not; the same picture may fail the same way twice.
    """

    strict: bool = False
    done: int = 0
    failures: set[str] = field(default_factory=set)
    _bar: Any = None

    def say(self, line: str) -> None:
        """Write one line to standard error."""
        text = " ".join(line.split("\n"))
        if self._bar is not None:
            self._bar.console.print(
                f"luvcolor: {text}", markup=False, highlight=False, soft_wrap=True
            )
        else:
            sys.stderr.write(f"luvcolor: {text}\n")
            sys.stderr.flush()

    def failed(self, name: str, error: LuvcolorError) -> None:
        """Note that the picture `name` failed, and why."""
        if self.strict:
            raise error
        text = str(error) if name in str(error) else f"{name}: {error}"
        if text not in self.failures:
            self.failures.add(text)
            self.say(text)

    def close(self) -> int:
        """Sum up when something failed; return the exit status."""
        if self.failures:
            count = len(self.failures)
            rest = "the rest are done" if self.done else "none is done"
            self.say(f"{count} picture{'s' if count > 1 else ''} failed; {rest}")
        return 1 if self.failures else 0

    def progress(
        self, items: Iterable[Item], title: str, total: int | None = None
    ) -> Iterator[Item]:
        """Yield `items` under a progress bar, where standard error is a terminal."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        if not sys.stderr.isatty() or self._bar is not None:
            yield from items
            return
        with self._drawn() as bar:
            task = bar.add_task(title, total=total)
            for item in items:
                yield item
                bar.advance(task)

    @contextmanager
    def _drawn(self) -> Iterator[Any]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            self._bar = bar
            try:
                yield bar
            finally:
                self._bar = None
