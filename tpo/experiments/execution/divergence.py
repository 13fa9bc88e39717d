"""Detecting runs with metrics that are not finite, during training and in stored results."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.experiments.execution.messages import News
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore

WATCHED = ("error", "loss", "gradient_norm")
"""Metrics that must be finite; others may be means of nothing."""

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
        self._names = _first_names(runs)
        self._warn = warn
        self._finite: set[tuple[str, str]] = set()
        self._told: set[str] = set()

    def note(self, news: News) -> None:
        """Check the metrics of a step."""
        for metric in WATCHED:
            if math.isfinite(news.metrics.get(metric, math.nan)):
                self._finite.add((news.digest, metric))
            elif metric in news.metrics and self._counts(news.digest, metric) and news.digest not in self._told:
                self._told.add(news.digest)
                self._warn(f"{Divergence(self._names[news.digest], metric, news.step)}. {REMEDY}")

    def _counts(self, digest: str, metric: str) -> bool:
        # A task whose updates are known in closed form has no loss at all.
        return metric == "error" or (digest, metric) in self._finite


def diverged(runs: Mapping[str, Cell], library: CellStore) -> list[Divergence]:
    """List the runs whose results are not finite, each once."""
    first = set(_first_names(runs).values())
    results = ((name, library.load(cell)) for name, cell in runs.items() if name in first)
    found = (None if result is None else _divergence(name, result.arrays) for name, result in results)
    return [one for one in found if one is not None]


def _first_names(runs: Mapping[str, Cell]) -> dict[str, str]:
    """The first name of each cell, by digest: panels may have cells in common."""
    return {cell.digest: name for name, cell in reversed(list(runs.items()))}


def _divergence(name: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Divergence | None:
    for metric in WATCHED:
        finite = np.isfinite(arrays.get(metric, np.zeros((1, 1)))).all(axis=0)
        if not finite.all() and (metric == "error" or finite.any()):
            return Divergence(name, metric, int(finite.argmin()) + 1)
    return None
