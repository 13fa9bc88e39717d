"""The interface of launchers, which start cells, and the messages that they pass on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore


@dataclass(frozen=True)
class News:
    """Message about a running cell.

    Attributes:
        digest: The digest of the cell.
        step: The number of steps done. Each step is reported at least once; some again after a worker was replaced.
        metrics: Metrics of the last step, means over seeds.
        stage: What is done before the first step, in words, such as a step of a warm-up; then there are no metrics.
            Empty from the first step on.
        failure: Why the cell cannot be run; `None` if there is no failure.
        traceback: The traceback of the exception behind the failure, as text; empty if there is none.
        done: Whether this is the last message about the cell.
    """

    digest: str
    step: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    stage: str = ""
    failure: str | None = None
    traceback: str = ""
    done: bool = False


@dataclass(frozen=True)
class Ended:
    """Message: a cell has ended; it was finished if its result exists.

    Attributes:
        cell: The cell.
        how: The way it ended, in words, in case there is no result, such as `exit code -9`.
    """

    cell: Cell
    how: str


class WorkerTraceback(Exception):  # noqa: N818 - it stands for another error
    """The traceback of an exception in a worker, as the cause of the error that tells its failure."""


class Launcher(Protocol):
    """Runs cells, each on one thread. Retries and the order of cells are left to the caller."""

    @property
    def jobs(self) -> int:
        """The number of cells that should run at once."""

    @property
    def running(self) -> int:
        """The number of cells that run or wait for a worker."""

    def start(self, cell: Cell, library: CellStore) -> None:
        """Start `cell`, from its checkpoint in `library` if there is one; checkpoints and result are written there."""

    def hear(self) -> Sequence[News | Ended]:
        """Wait for messages from the running cells, and return them."""

    def stop(self) -> None:
        """Ask all running cells to stop after their step with a checkpoint; `hear` reports when they have ended."""

    def kill(self) -> None:
        """Kill all running cells immediately."""


def ignore(*_: object) -> None:
    """Do nothing: the default callback."""
