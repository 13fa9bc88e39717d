"""What a launcher does: it starts cells, each by itself on one thread, and passes on what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore


@dataclass(frozen=True)
class News:
    """What is said about a cell that runs.

    Attributes:
        digest: Of the cell.
        step: How many steps are done. Each is told at least once: after a worker was replaced, some again.
        metrics: What the last of them measured, means over seeds.
        failure: Why the cell cannot be run; `None` while all is well.
        done: Whether this is the last that is heard of the cell.
    """

    digest: str
    step: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Ended:
    """A cell runs no more. Whether it was finished, its result tells.

    Attributes:
        cell: Which.
        how: In words, for when there is no result, such as `exit code -9`.
    """

    cell: Cell
    how: str


class Launcher(Protocol):
    """Runs cells somewhere. It neither knows how often a cell was started nor in which order they come."""

    @property
    def jobs(self) -> int:
        """How many cells should run at once."""

    @property
    def running(self) -> int:
        """How many cells run, or wait for a place where they can."""

    def start(self, cell: Cell, library: CellStore) -> None:
        """Run `cell` from its checkpoint in `library`, if there is one; checkpoints and result go there."""

    def hear(self) -> Sequence[News | Ended]:
        """Wait until one of the running cells has something to say; what was said."""

    def stop(self) -> None:
        """Ask all running cells to end after their step, with a checkpoint; `hear` tells when they have."""

    def kill(self) -> None:
        """End all running cells at once."""


def ignore(*_: object) -> None:
    """What to do with news that nobody asked for."""
