"""Cells in processes of this machine.

Each process has a pipe of its own: what is shared, such as a queue, stays locked for ever when a process is killed.
"""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.execution.work import work
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage import machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tpo.experiments.storage.cells import CellStore

STOP = "stop"


@dataclass
class _Worker:
    cell: Cell
    process: Any
    pipe: Connection


class Processes:
    """A process per cell."""

    def __init__(self, jobs: int) -> None:
        """Run `jobs` cells at once."""
        self.jobs = jobs
        self._workers: list[_Worker] = []

    @property
    def running(self) -> int:
        """How many processes there are."""
        return len(self._workers)

    def start(self, cell: Cell, library: CellStore) -> None:
        """Start a process, which never hears of Ctrl-C: it is told to stop."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(cell.to_json(), library.path(cell), theirs), daemon=True)
        with _without_interrupts():
            process.start()
            theirs.close()
            # Before a Ctrl-C that came meanwhile is heard: what is listed is stopped and waited for.
            self._workers.append(_Worker(cell, process, ours))

    def hear(self) -> Sequence[News | Ended]:
        """Wait for the pipes."""
        ready = connection.wait([worker.pipe for worker in self._workers])
        return [self._hear(worker) for worker in list(self._workers) if worker.pipe in ready]

    def _hear(self, worker: _Worker) -> News | Ended:
        try:
            news: News = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
            self._workers.remove(worker)
            return Ended(worker.cell, f"exit code {worker.process.exitcode}")
        return news

    def stop(self) -> None:
        """Through the pipes."""
        for worker in self._workers:
            with suppress(OSError):
                worker.pipe.send(STOP)

    def kill(self) -> None:
        """By the signal that ends stopped processes too; files are written whole or not at all."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
        self._workers.clear()


@contextmanager
def processes(address: str | None, jobs: int | None) -> Iterator[Processes]:
    """The scope of `Processes`: as many jobs as it may use cores if `None`.

    Raises:
        InvalidArgumentError: There is an address.
    """
    if address is not None:
        message = f"an address must come with a launcher that connects to one; got {address!r} for processes of this"
        raise InvalidArgumentError(f"{message} machine. Add --launcher ray.")
    yield Processes(jobs or machine.cores())


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits until the end of the scope; a process started in it never hears of any."""
    # Python's own helper of spawned processes. Begun by the first of them, it would let interrupts through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(values: dict[str, Any], result: Path, pipe: Connection) -> None:
    """In a process of its own: run one cell."""

    def tell(news: News) -> None:
        # Nobody listens where the process that started this one was killed.
        with suppress(OSError):
            pipe.send(news)

    # A pipe has something to read when it says so, or when its other end is gone: both are reasons to stop.
    work(Cell.from_json(values), result, tell, stop=pipe.poll)
