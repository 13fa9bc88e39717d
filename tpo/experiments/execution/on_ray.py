"""Cells as actors of Ray, on this machine or on others.

A worker shares no folder with the machine that `tpo` runs on: checkpoints and results come back through Ray, and are
written here. An actor answers in several threads, of which one runs the cell.
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
"""A Ray for this machine alone. What passes through its store are checkpoints, of some megabytes."""

SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Of a Ray that is started here, unless the user has set them: it reports to nobody, and hides no device."""

THREADS = 8
"""Of an actor: one runs, one waits until there is news, one is told to stop; a Ctrl-C may leave others waiting."""

PATIENCE = 10.0
"""Seconds for a machine to answer."""


@dataclass
class _Worker:
    cell: Cell
    library: CellStore
    actor: Any
    hearing: Any
    arrived: int = 0


class Ray:
    """An actor per cell, on one CPU."""

    def __init__(self, address: str | None, jobs: int | None, leaving: ExitStack) -> None:
        """Connect to `address`, or start a Ray of this machine, once there is something to run, until `leaving`."""
        self._address, self._jobs, self._leaving = address, jobs, leaving
        self._workers: list[_Worker] = []

    @functools.cached_property
    def jobs(self) -> int:
        """As asked for, or the CPUs of the cluster."""
        _start(self._jobs) if self._address is None else _join(self._address)
        self._leaving.callback(ray.shutdown)
        return self._jobs or int(ray.cluster_resources()["CPU"])

    @property
    def running(self) -> int:
        """How many actors there are."""
        return len(self._workers)

    def start(self, cell: Cell, library: CellStore) -> None:
        """Start an actor, and hand it the checkpoint."""
        actor = ray.remote(num_cpus=1, max_concurrency=THREADS)(CellActor).remote()
        path = library.checkpoint(cell)
        content = path.read_bytes() if path.exists() else None
        actor.run.remote(cell.to_json(), cell.digest, str(path), content)
        self._workers.append(_Worker(cell, library, actor, actor.hear.remote(0)))

    def hear(self) -> Sequence[News | Ended]:
        """Wait for the actors' answers, and write the files among them."""
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
        """Those that have begun; the others are not waited for, and lose nothing."""
        for worker in list(self._workers):
            if worker.arrived:
                worker.actor.stop.remote()
            else:
                self._kill(worker)

    def kill(self) -> None:
        """Their processes."""
        for worker in list(self._workers):
            self._kill(worker)

    def _kill(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        ray.kill(worker.actor)


def _start(jobs: int | None) -> None:
    """Start a Ray with `jobs` CPUs, those of this machine if `None`."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    ray.init(**LOCAL, num_cpus=jobs)


def _join(address: str) -> None:
    """Connect to the Ray at `address`.

    Raises:
        InvalidArgumentError: There is none.
    """
    try:
        _check_port(address)
        ray.init(address=address, logging_level=logging.ERROR)
    except (OSError, ValueError) as error:
        message = f"`--ray-address` must be that of a Ray that runs; got {address!r} ({error})."
        raise InvalidArgumentError(f"{message} Start one there: ray start --head.") from error


def _check_port(address: str) -> None:
    """Refuse a port that nobody listens at, for which Ray would wait for minutes; other addresses are its own affair.

    Raises:
        OSError: Nobody answers.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()


@contextmanager
def on_ray(address: str | None, jobs: int | None) -> Iterator[Ray]:
    """The scope of `Ray`: it is left, and a Ray that was started is ended, when the scope is."""
    with ExitStack() as leaving:
        yield Ray(address, jobs, leaving)
