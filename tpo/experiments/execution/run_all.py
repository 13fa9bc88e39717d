"""Running many cells with a launcher, several at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import TPOError
from tpo.experiments.execution.launchers import REMEDY
from tpo.experiments.execution.messages import Ended, News, WorkerTraceback, ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tpo.experiments.execution.messages import Launcher
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore

TRIES = 3
"""Attempts to run a cell whose worker is lost; each attempt resumes from the last checkpoint."""


def run_all(
    cells: Sequence[Cell],
    library: CellStore,
    launcher: Launcher,
    on_news: Callable[[News], None],
    *,
    on_stop: Callable[[], None] = ignore,
) -> bool:
    """Run `cells`, as many at a time as the launcher has jobs, and write their results to `library`.

    Args:
        cells: Cells without results.
        library: The store, locked by the caller.
        launcher: A launcher that runs nothing else.
        on_news: Called in this process with every message.
        on_stop: Called after a Ctrl-C, before waiting for the running cells.

    Returns:
        Whether all were finished. After a Ctrl-C they are not: each finishes its step and leaves a checkpoint, which a
        second Ctrl-C does not wait for.

    Raises:
        TPOError: A cell cannot be run.
    """
    waiting, ended = list(cells), list[Ended]()
    try:
        while waiting or launcher.running:
            while waiting and launcher.running < launcher.jobs:
                launcher.start(waiting.pop(0), library)
            for end in _hear(launcher, on_news):
                if library.path(end.cell).exists():
                    on_news(News(end.cell.digest, end.cell.steps, done=True))
                    continue
                ended.append(end)
                _check_tries(end, ended)
                waiting.insert(0, end.cell)
    except KeyboardInterrupt:
        on_stop()
        launcher.stop()
        while launcher.running:
            _hear(launcher, ignore)
        return False
    finally:
        launcher.kill()
    lost = library.missing(cells)
    if lost:
        message = f"a launcher must say how each cell has ended; got {len(lost)} without a result, of {len(cells)}."
        raise TPOError(f"{message} {REMEDY}")
    return True


def _hear(launcher: Launcher, on_news: Callable[[News], None]) -> list[Ended]:
    """Wait for messages, pass them on, and return the cells that have ended."""
    heard = launcher.hear()
    for news in heard:
        if isinstance(news, News):
            if news.failure is not None:
                raise TPOError(news.failure) from (WorkerTraceback(news.traceback) if news.traceback else None)
            on_news(news)
    return [end for end in heard if isinstance(end, Ended)]


def _check_tries(end: Ended, ended: Sequence[Ended]) -> None:
    tries = sum(other.cell.digest == end.cell.digest for other in ended)
    if tries >= TRIES:
        what = f"{end.cell.arm.algorithm} on {end.cell.task}"
        message = f"a worker must live until its cell has a result; that of {what} ended {tries} times ({end.how})."
        raise TPOError(f"{message} The machine may lack memory: use --jobs 1, or fewer seeds or contexts at once.")
