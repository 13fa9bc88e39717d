"""A progress bar for several files, one after the other."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from tpo.cli.escaping import escaped
from tpo.cli.rendering.progress import progress_bar
from tpo.data.download import ignore_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, ProgressColumn, TaskID

    from tpo.data.download import OnBytes


@contextmanager
def file_progress(done: ProgressColumn, waiting: str) -> Iterator[OnBytes]:
    """Create the progress display of files: a bar on a terminal, nothing elsewhere.

    Args:
        done: The column that shows the progress.
        waiting: The text before there is progress.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ignore_bytes
        return
    with progress_bar(console, done) as progress:
        yield Bar(progress, waiting)


class Bar:
    """A progress bar for the current file."""

    def __init__(self, progress: Progress, waiting: str) -> None:
        """Add the bar to `progress`, with the text `waiting`."""
        self._progress, self._name = progress, ""
        self._task: TaskID = progress.add_task(waiting, total=None)

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Show `done` of `total` parts of the file `name`."""
        if name != self._name:
            self._name = name
            self._progress.reset(self._task, description=escaped(name))
        self._progress.update(self._task, completed=done, total=total)
