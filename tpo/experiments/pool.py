"""Cells run in processes of their own, several at a time.

Each process has a pipe of its own: what is shared, such as a queue, stays locked for ever when a process is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

from tpo import plugins
from tpo.errors import TPOError
from tpo.experiments.cell import Cell
from tpo.experiments.measure import Interrupted, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection

    from tpo.experiments.library import Library

TRIES = 3
"""How often a cell is started whose process dies; each start goes on from the last checkpoint."""

STOP = "stop"


@dataclass(frozen=True)
class News:
    """What a process says about its cell.

    Attributes:
        digest: Of the cell.
        step: How many steps are done. Each is told at least once: after a process was replaced, some again.
        metrics: What the last of them measured, means over seeds.
        failure: Why the cell cannot be run; `None` while all is well.
        done: Whether this is the last that is heard of the cell.
    """

    digest: str
    step: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: str | None = None
    done: bool = False


@dataclass
class _Worker:
    cell: Cell
    process: Any
    pipe: Connection


def run_all(cells: Sequence[Cell], library: Library, jobs: int, on_news: Callable[[News], None]) -> bool:
    """Run `cells`, `jobs` at a time, and write their results to `library`.

    Args:
        cells: Without results yet.
        library: Locked by the caller.
        jobs: How many processes at once.
        on_news: Called in this process with all that happens.

    Returns:
        Whether all were finished. After a Ctrl-C they are not: each process finishes its step and writes a checkpoint,
        which a second Ctrl-C does not wait for.

    Raises:
        TPOError: A cell cannot be run.
    """
    waiting, running, tries = list(cells), list[_Worker](), dict[str, int]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_start(waiting.pop(0), library))
            for worker in _finished(running, on_news):
                running.remove(worker)
                digest = worker.cell.digest
                if library.path(worker.cell).exists():
                    on_news(News(digest, worker.cell.steps, done=True))
                    continue
                tries[digest] = tries.get(digest, 0) + 1
                _check_tries(worker, tries[digest])
                waiting.insert(0, worker.cell)
    except KeyboardInterrupt:
        _stop(running)
        return False
    finally:
        for worker in running:
            worker.process.terminate()
    return True


def _start(cell: Cell, library: Library) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(cell.to_json(), library, theirs), daemon=True)
    with _without_interrupts():
        process.start()
    theirs.close()
    return _Worker(cell, process, ours)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits until the end of the scope; a process started in it never hears of any."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _finished(running: Sequence[_Worker], on_news: Callable[[News], None]) -> list[_Worker]:
    """Wait until something happens, pass it on, and tell which workers have ended."""
    ready = connection.wait([worker.pipe for worker in running])
    ended = []
    for worker in running:
        if worker.pipe in ready and not _hear(worker, on_news):
            worker.process.join()
            ended.append(worker)
    return ended


def _hear(worker: _Worker, on_news: Callable[[News], None]) -> bool:
    """Pass on what a worker says; whether it may say more."""
    try:
        news: News = worker.pipe.recv()
    except (EOFError, OSError):
        return False
    if news.failure is not None:
        raise TPOError(news.failure)
    on_news(news)
    return True


def _check_tries(worker: _Worker, tries: int) -> None:
    if tries >= TRIES:
        cell, code = worker.cell, worker.process.exitcode
        what = f"{cell.arm.algorithm} on {cell.task}"
        message = f"a run must end with a result; got exit code {code}, {tries} times, for {what}."
        raise TPOError(f"{message} Run it with --jobs 1, or with less memory: --set trainer.seeds_per_cell=1.")


def _stop(running: list[_Worker]) -> None:
    for worker in running:
        with suppress(OSError):
            worker.pipe.send(STOP)
    while running:
        for worker in _finished(running, lambda _: None):
            running.remove(worker)


def _work(values: dict[str, Any], library: Library, pipe: Connection) -> None:
    """In a process of its own: run one cell, on one thread, so that its result does not depend on how many run."""
    cell = Cell.from_json(values)
    os.environ.update(plugins.host().backends()[cell.backend].one_thread)

    def tell(news: News) -> None:
        # Nobody listens where the process that started this one was killed.
        with suppress(OSError):
            pipe.send(news)

    try:
        measure(
            cell,
            library.path(cell),
            lambda step, metrics: tell(News(cell.digest, step + 1, metrics)),
            # A pipe has something to read when it says so, or when its other end is gone: both are reasons to stop.
            stop=pipe.poll,
        )
    except Interrupted:
        pass
    except TPOError as error:
        tell(News(cell.digest, failure=str(error)))
