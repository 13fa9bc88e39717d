"""Detecting runs with metrics that are not finite, during training and in stored results."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.experiments.spec.shared_cells import named_once
from tpo.experiments.storage.finite import first_not_finite, watched_metrics
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.experiments.execution.messages import News
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore

REMEDY = "Lower its learning rate, or raise eta or the gate's temperature."


class Divergence(NamedTuple):
    """The first step of a run at which a metric is not finite, counted from 1."""

    run: str
    metric: str
    step: int

    def __str__(self) -> str:
        """Describe the divergence in words."""
        return f"{self.run}: {self.metric} is not finite from step {self.step} on"


class Watch:
    """Warns of each run that diverges, once, as soon as it does."""

    def __init__(self, runs: Mapping[str, Cell], warn: Callable[[str], None]) -> None:
        """Watch `runs`, cells by name; `warn` is called with a line per divergent run."""
        self._names = {cell.digest: name for name, cell in named_once(runs).items()}
        self._warn = warn
        self._watched = {cell.digest: watched_metrics(registry.task(cell.task)) for cell in runs.values()}
        self._told: set[str] = set()

    def note(self, news: News) -> None:
        """Check the metrics of a step."""
        for metric in self._watched[news.digest]:
            if not math.isfinite(news.metrics.get(metric, 0.0)) and news.digest not in self._told:
                self._told.add(news.digest)
                self._warn(f"{Divergence(self._names[news.digest], metric, news.step)}. {REMEDY}")


def diverged(runs: Mapping[str, Cell], library: CellStore) -> list[Divergence]:
    """List the runs whose results are not finite; a cell that several share is one run, with all of their names."""
    found = []
    for name, cell in named_once(runs).items():
        result = library.load(cell)
        begun = None if result is None else first_not_finite(result.arrays, registry.task(cell.task))
        if begun is not None:
            found.append(Divergence(name, *begun))
    return found
