"""Estimating the time that cells will take, from some steps of one cell of each kind."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.experiments.storage.layout import EVALUATED, SECONDS
from tpo.plugins import registry
from tpo.training.task import Evaluated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellResult

FEW_STEPS = 3
"""Steps of the first probe, which compiles."""

PROBE_SECONDS = 10.0
"""What the steps of the second probe should take."""

LARGEST_SHARE = 0.1
"""Largest share of a cell's steps in a second probe: an estimate must cost little beside what it estimates."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """How long it takes to finish cells.

    Attributes:
        cells: How many have no result yet.
        seed_steps: Their steps times seeds.
        seconds: The wall time, all cells that run at once taken together.
        unmeasured: How many are of a kind that was not measured; their time is left out.
    """

    cells: int
    seed_steps: int
    seconds: float
    unmeasured: int = 0


class Probe(NamedTuple):
    """A short run of a cell, by which those of its kind are estimated.

    Attributes:
        result: What was measured.
        overhead: Seconds of the run besides its steps: the start of a process, imports, warm-ups.
    """

    result: CellResult
    overhead: float


def first_probe(cell: Cell) -> Cell:
    """The cell cut to its first steps."""
    return replace(cell, steps=min(cell.steps, FEW_STEPS))


def second_probe(cell: Cell, first: CellResult) -> Cell:
    """The cell cut to as many steps as take some `PROBE_SECONDS`, but to `LARGEST_SHARE` of all at most.

    They are at least twice those of the `first` probe.
    """
    seconds = first.arrays[SECONDS]
    affordable = min(int(PROBE_SECONDS / max(float(seconds.min()), 1e-6)), int(LARGEST_SHARE * cell.steps))
    return replace(cell, steps=min(cell.steps, max(2 * len(seconds), affordable)))


def is_worth_repeating(cells: Sequence[Cell], first: Probe) -> bool:
    """Whether a second probe of the kind of `cells`, which takes about as long as the first, is little beside them."""
    seconds = first.result.arrays[SECONDS]
    whole = sum(first.overhead + seconds_of(cell, first.result) for cell in cells)
    return len(seconds) < cells[0].steps and 2 * (first.overhead + float(seconds.sum())) <= whole


def seconds_of(cell: Cell, probed: CellResult) -> float:
    """The time of a cell's steps, from those of a probe of its kind.

    The first steps of the probe count as they are: a second one loads programs that the first has compiled. Each later
    step of the cell takes the mean of the probe's later steps. An evaluation on the test set after the probe's
    last step is taken out of that mean; if there was none before it, evaluations are added as often as the task has
    them.
    """
    seconds, seeds = probed.arrays[SECONDS], len(probed.arrays["error"])
    whole = float(seconds.sum())
    if len(seconds) < cell.steps:
        later = seconds[FEW_STEPS:-1] if len(seconds) > FEW_STEPS + 1 else seconds[-1:]
        per_step = float(later.mean())
        whole = float(seconds[:FEW_STEPS].sum()) + per_step * (cell.steps - FEW_STEPS)
        whole += max(float(seconds[-1]) - per_step, 0.0) * _missed_evaluations(cell, probed)
    return whole * len(cell.seeds) / seeds


def _missed_evaluations(cell: Cell, probed: CellResult) -> float:
    """How many evaluations a cell has, if the probe of its kind has none before its last step."""
    task: Any = registry.created_task(cell.task, cell.options)
    if not isinstance(task, Evaluated) or len(probed.arrays.get(EVALUATED, ())) > 1:
        return 0.0
    return float(cell.steps / task.evaluate_every)


def wall_seconds(times: Sequence[float], jobs: int) -> float:
    """The time until cells that take `times`, started in order, are done, `jobs` at once.

    Example:
        >>> from tpo.experiments.execution.estimate import wall_seconds
        >>> wall_seconds([3.0, 1.0, 1.0, 4.0], jobs=2)
        6.0
    """
    ends = [0.0] * jobs
    for time in times:
        heapq.heapreplace(ends, ends[0] + time)
    return max(ends)


def estimate(cells: Sequence[Cell], probes: Mapping[str, Probe], jobs: int) -> Estimate:
    """Estimate the time of cells.

    Args:
        cells: The cells without a result, in the order in which they start.
        probes: The last probes, by kind.
        jobs: How many cells run at once.
    """
    measured = [(cell, probes[cell.kind]) for cell in cells if cell.kind in probes]
    times = [probe.overhead + seconds_of(cell, probe.result) for cell, probe in measured]
    return Estimate(
        cells=len(cells),
        seed_steps=sum(cell.seed_steps for cell in cells),
        seconds=wall_seconds(times, jobs),
        unmeasured=len(cells) - len(measured),
    )


def overhead_of(wall: float, results: Sequence[CellResult], jobs: int) -> float:
    """Seconds per cell besides its steps, from the wall time of running cells with these results."""
    busy = float(np.sum([one.arrays[SECONDS].sum() for one in results]))
    return max(wall * min(jobs, len(results)) - busy, 0.0) / max(len(results), 1)
