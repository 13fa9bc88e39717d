"""The launcher `ray`: cells run as Ray actors, on this machine or on others.

A worker shares no folder with the machine that `tpo` runs on: checkpoints and results come back through Ray and are
written here. An actor has several threads, one of which runs the cell.
"""

from __future__ import annotations

import functools
import logging
import os
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ray

from tpo.errors import InvalidArgumentError
from tpo.experiments.execution.cell_actor import CellActor, Exited, Written
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.storage import output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore

LOCAL: dict[str, Any] = {
    "address": "local",
    "include_dashboard": False,
    "logging_level": logging.ERROR,
    "object_store_memory": 2**28,
}
"""Settings of a local Ray. Its object store only has to hold checkpoints of some megabytes."""

SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Environment variables of a local Ray, unless the user has set them: no usage reports, no hidden devices."""

THREADS = 8
"""Threads of an actor: one runs, one waits for messages, one takes the stop; a Ctrl-C may leave others waiting."""

PATIENCE = 10.0
"""Timeout for a machine to answer, in seconds."""


@dataclass
class _Worker:
    cell: Cell
    library: CellStore
    actor: Any
    hearing: Any
    arrived: int = 0


class Ray:
    """A launcher that runs each cell in an actor on one CPU."""

    def __init__(self, address: str | None, jobs: int | None, leaving: ExitStack) -> None:
        """Connect to `address`, or start a local Ray, when the first cell is run; disconnect when `leaving` closes."""
        self._address, self._jobs, self._leaving = address, jobs, leaving
        self._workers: list[_Worker] = []

    @functools.cached_property
    def jobs(self) -> int:
        """The number of jobs that was asked for, or the number of CPUs of the cluster."""
        _start(self._jobs) if self._address is None else _join(self._address)
        self._leaving.callback(ray.shutdown)
        return self._jobs or int(ray.cluster_resources()["CPU"])

    @property
    def running(self) -> int:
        """The number of actors."""
        return len(self._workers)

    def start(self, cell: Cell, library: CellStore) -> None:
        """Start an actor, and send it the checkpoint."""
        actor = ray.remote(num_cpus=1, max_concurrency=THREADS)(CellActor).remote()
        path = library.checkpoint(cell)
        content = path.read_bytes() if path.exists() else None
        actor.run.remote(cell.to_json(), cell.digest, str(path), content)
        self._workers.append(_Worker(cell, library, actor, actor.hear.remote(0)))

    def hear(self) -> Sequence[News | Ended]:
        """Wait for messages of the actors, and write the files that they contain."""
        ready, _ = ray.wait([worker.hearing for worker in self._workers])
        return [said for worker in list(self._workers) if worker.hearing in ready for said in self._hear(worker)]

    def _hear(self, worker: _Worker) -> list[News | Ended]:
        try:
            items = ray.get(worker.hearing)
        except ray.exceptions.RayError as error:
            items = [Exited(f"a lost worker ({type(error).__name__})")]
        for item in items:
            if isinstance(item, Written):
                output.write(worker.library.folder / item.name, item.content)
        news: list[News | Ended] = [item for item in items if isinstance(item, News)]
        ends = [Ended(worker.cell, item.how) for item in items if isinstance(item, Exited)]
        if ends:
            worker.library.discard_checkpoint(worker.cell)
            self._kill(worker)
        else:
            worker.arrived += len(items)
            worker.hearing = worker.actor.hear.remote(worker.arrived)
        return news + ends

    def stop(self) -> None:
        """Stop the actors that have started; the others are dropped, and lose nothing."""
        for worker in list(self._workers):
            if worker.arrived:
                worker.actor.stop.remote()
            else:
                self._kill(worker)

    def kill(self) -> None:
        """Kill the actors' processes."""
        for worker in list(self._workers):
            self._kill(worker)

    def _kill(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        ray.kill(worker.actor)


def _start(jobs: int | None) -> None:
    """Start a local Ray with `jobs` CPUs; all of this machine's if `None`."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    ray.init(**LOCAL, num_cpus=jobs)


def _join(address: str) -> None:
    """Connect to the Ray at `address`.

    Raises:
        InvalidArgumentError: There is no Ray.
    """
    try:
        _check_port(address)
        ray.init(address=address, logging_level=logging.ERROR)
    except (OSError, ValueError) as error:
        message = f"`--address` must be that of a Ray that runs; got {address!r} ({error})."
        raise InvalidArgumentError(f"{message} Start one there: ray start --head.") from error


def _check_port(address: str) -> None:
    """Check that a port is open, since Ray would wait for minutes; addresses of other forms are left to Ray.

    Raises:
        OSError: Nothing listens at the port.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()


@contextmanager
def on_ray(address: str | None, jobs: int | None) -> Iterator[Ray]:
    """Open the launcher `Ray`; leaving the scope disconnects, and ends a Ray that was started."""
    with ExitStack() as leaving:
        yield Ray(address, jobs, leaving)
