# SPDX-License-Identifier: Apache-2.0
"""A progress bar of a command."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from margincore._source import Watch
from margincore._terminal import plain

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """A progress bar on standard error, where that is a terminal; else nothing."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    @property
    def file(self) -> Watch | None:
        """Wraps a file, to see how far it has been read."""
        if self._progress is None:
            return None
        progress = self._progress

        def wrap(file: Any, name: str, size: int) -> Any:
            return progress.wrap_file(file, total=size, description=plain(f"reading {Path(name).name}"))

        return wrap

    @property
    def accounts(self) -> Callable[[int, int], None] | None:
        """Takes the number of accounts done and of all."""
        if self._progress is None:
            return None
        progress = self._progress
        task = progress.add_task("computing", total=None)
        return lambda done, total: progress.update(task, completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away, before anything else is written."""
        if self._progress is not None:
            self._progress.stop()


@contextlib.contextmanager
def watching() -> Iterator[Bar]:
    """Show a bar while something long is done."""
    if not sys.stderr.isatty():
        yield Bar(None)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)
