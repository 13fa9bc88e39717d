"""Time experiments as `tpo run` runs them: blocks of seeds in processes, one per core.

    python benchmarks/experiments.py                  # three rounds, some two minutes
    python benchmarks/experiments.py --json new.json  # and the numbers

MNIST must have been fetched: `tpo data mnist`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tpo.experiments.analysis.outcome import cost
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.launchers import launching, run_all
from tpo.experiments.execution.messages import ignore
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage.cells import CellStore

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Some arms of an exhibit at the size of the paper.

    Attributes:
        name: The name in the table.
        exhibit: The name of the exhibit.
        arms: Labels of the arms to run.
        settings: Changes to the exhibit's settings.
        goal: The goal in wall seconds.
        published: CPU seconds of the published implementation.
    """

    name: str
    exhibit: str
    arms: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    goal: float
    published: float


BANDIT = Experiment(
    name="single-context bandit, 100 seeds x 150 steps, four methods, NumPy",
    exhibit="figure3",
    arms=("PG", "GRPO", "DG", "TPO"),
    goal=2.0,
    published=17.0,
)
MNIST = Experiment(
    name="MNIST, TPO, 20 seeds x 1,000 steps, PyTorch",
    exhibit="figure5",
    arms=("TPO",),
    settings={"trainer.steps": 1000},
    goal=6.0,
    published=15.5,
)
MNIST_ALONE = replace(
    MNIST,
    name="the same, one block of 10 seeds alone on the machine",
    settings={**MNIST.settings, "trainer.seeds": 10},
    published=MNIST.published / 2,
)
EXPERIMENTS = (BANDIT, MNIST, MNIST_ALONE)
"""The experiments. The last estimates the one before it on machines where two processes at once are each as fast as one
alone, which two hardware threads of one core are not."""


def measure(experiment: Experiment) -> dict[str, float]:
    """Measure a run: wall seconds with and without process starts, CPU seconds and memory."""
    planned = plan(catalogue()[experiment.exhibit], "paper", experiment.settings)
    cells = [cell for (_, arm), block in planned.cells.items() if arm in experiment.arms for cell in block]
    with tempfile.TemporaryDirectory() as folder, launching("processes") as launcher:
        library, started = CellStore(Path(folder)), time.perf_counter()
        run_all(cells, library, launcher, ignore)
        wall = time.perf_counter() - started
        measured = [found for cell in cells if (found := library.load(cell))]
        spent = cost(measured)
        return spent | {"wall": wall, "steps": spent["wall_seconds"] / min(launcher.jobs, len(cells))}


def table(rows: list[Row]) -> Table:
    """Format a row per experiment."""
    shown = Table(title="Seconds, medians; steps: without the starts of processes", title_justify="left")
    for column in ("experiment", "goal", "wall", "steps", "CPU", "published, CPU", "peak MB"):
        shown.add_column(column, justify="left" if column == "experiment" else "right")
    for row in rows:
        numbers = (row["goal"], row["wall"], row["steps"], row["cpu_seconds"], row["published"])
        shown.add_row(row["experiment"], *(f"{number:.2f}" for number in numbers), f"{row['peak_memory_mb']:.0f}")
    return shown


def row_of(experiment: Experiment, found: list[dict[str, float]]) -> Row:
    """Build a row: medians over rounds, goal and published time."""
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return {"experiment": experiment.name, "goal": experiment.goal, "published": experiment.published} | medians


def main() -> None:
    """Measure all experiments in turn, print the table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    options = parser.parse_args()
    turns = [experiment for _ in range(options.rounds) for experiment in EXPERIMENTS]
    found: dict[str, list[dict[str, float]]] = {experiment.name: [] for experiment in EXPERIMENTS}
    for experiment in track(turns, "measuring", console=Console(stderr=True)):
        found[experiment.name].append(measure(experiment))
    rows = [row_of(experiment, found[experiment.name]) for experiment in EXPERIMENTS]
    Console().print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
