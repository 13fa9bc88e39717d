"""The launcher `processes`: cells run in processes of this machine.

Each process has its own pipe: something shared, such as a queue, could stay locked for ever when a process is killed.
"""

from __future__ import annotations

import multiprocessing
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError
from tpo.experiments.execution.ending_signals import without_ending_signals
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.execution.run_cell import work
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage import machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tpo.experiments.storage.cells import CellStore

STOP = "stop"

HUGE_PAGES = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
"""The environment variable by which glibc asks Linux for huge pages, and its value.

A step allocates large arrays and frees them, and the first touch of each page costs time. Other systems ignore it.
"""


@dataclass
class _Worker:
    cell: Cell
    process: Any
    pipe: Connection


class Processes:
    """A launcher that runs each cell in a process."""

    def __init__(self, jobs: int) -> None:
        """Create a launcher of `jobs` cells at once."""
        self.jobs = jobs
        self._workers: list[_Worker] = []

    @property
    def running(self) -> int:
        """The number of processes."""
        return len(self._workers)

    def start(self, cell: Cell, library: CellStore) -> None:
        """Start a process that blocks the signals that end one, which reach a whole group; a message stops it."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(cell.to_json(), library.path(cell), theirs), daemon=True)
        # Started by the first spawned process, Python's resource tracker would unblock signals.
        resource_tracker.ensure_running()
        with without_ending_signals(), huge_pages():
            process.start()
            theirs.close()
            # Listed before a pending signal is delivered: only listed processes are stopped and waited for.
            self._workers.append(_Worker(cell, process, ours))

    def hear(self) -> Sequence[News | Ended]:
        """Wait for messages on the pipes, and return them."""
        ready = connection.wait([worker.pipe for worker in self._workers])
        return [self._hear(worker) for worker in list(self._workers) if worker.pipe in ready]

    def _hear(self, worker: _Worker) -> News | Ended:
        try:
            # A signal in the midst of a message would leave the rest of it in the pipe.
            with without_ending_signals():
                news: News = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
            self._workers.remove(worker)
            return Ended(worker.cell, f"exit code {worker.process.exitcode}")
        return news

    def stop(self) -> None:
        """Ask all processes to stop, through their pipes."""
        for worker in self._workers:
            with suppress(OSError):
                worker.pipe.send(STOP)

    def kill(self) -> None:
        """Kill all processes, including stopped ones; files are written atomically."""
        # Python waits at its exit for a process that is not killed here, and that blocks its SIGTERM.
        with without_ending_signals():
            for worker in self._workers:
                worker.process.kill()
            for worker in self._workers:
                worker.process.join()
            self._workers.clear()


@contextmanager
def processes(address: str | None, jobs: int | None) -> Iterator[Processes]:
    """Open the launcher `Processes`, with one job per usable core if `jobs` is `None`.

    Raises:
        InvalidArgumentError: An address is given.
    """
    if address is not None:
        message = f"an address must come with a launcher that connects to one; got {address!r} for processes of this"
        raise InvalidArgumentError(f"{message} machine. Add --launcher ray.")
    yield Processes(jobs or machine.cores())


@contextmanager
def huge_pages() -> Iterator[None]:
    """Let processes that are started in the scope use huge pages, unless the user has set the same variable."""
    name, value = HUGE_PAGES
    before = os.environ.get(name)
    os.environ.setdefault(name, value)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def _work(values: dict[str, Any], result: Path, pipe: Connection) -> None:
    """Run one cell; the main function of a worker process."""

    def tell(news: News) -> None:
        # The pipe is broken if the parent process was killed.
        with suppress(OSError):
            pipe.send(news)

    # `poll` is true if there is a message, which is always to stop, or if the other end is closed.
    work(Cell.from_json(values), result, tell, stop=pipe.poll)
