"""Time experiments as `tpo run` runs them: blocks of seeds in processes, one per core.

    python benchmarks/experiments.py                  # three rounds, some fifteen minutes
    python benchmarks/experiments.py --only MNIST     # the experiments whose name begins so
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
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tpo.experiments.analysis.outcome import cost
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.launchers import launching
from tpo.experiments.execution.messages import ignore
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.storage.layout import SECONDS

if TYPE_CHECKING:
    from tpo.experiments.spec.cell import Cell

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Some arms of an exhibit at the size of the paper.

    Attributes:
        name: The name in the table.
        exhibit: The name of the exhibit.
        arms: Labels of the arms to run.
        panel: The label of the panel; the exhibit's only one if empty.
        settings: Changes to the exhibit's settings.
        goal: The goal in wall seconds, if there is one.
        published: CPU seconds of the published implementation, if known.
    """

    name: str
    exhibit: str
    arms: tuple[str, ...]
    panel: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    goal: float | None = None
    published: float | None = None


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
    published=7.75,
)
"""Estimates `MNIST` where two processes at once are each as fast as one, unlike on two hardware threads of a core."""

FEW = {"trainer.steps": 30, "trainer.seeds": 4, "trainer.seeds_per_cell": 2}
"""Enough steps of the transformer tasks to time them. Their policies are still near their initialization."""

TOKENS = Experiment(
    name="table 1, V=2, JAX", exhibit="table1", panel="V=2", arms=("TPO", "GRPO", "PPO", "DG"), settings=FEW
)
TERMINAL = Experiment(
    name="table 3, H=7, equal prompts, JAX",
    exhibit="table3",
    panel="H=7, equal prompts",
    arms=("TPO", "GRPO", "GRPO (no KL)", "PPO", "DG"),
    settings=FEW,
)
LARGE = Experiment(
    name="figure 14, H=8, B=256, K=32, JAX",
    exhibit="figure14",
    panel="H=8",
    arms=("TPO", "GRPO", "GRPO (masked)"),
    settings=FEW | {"trainer.steps": 6, "trainer.seeds": 2, "trainer.seeds_per_cell": 1},
)
EXPERIMENTS = (BANDIT, MNIST, MNIST_ALONE, TOKENS, TERMINAL, LARGE)


def measure(experiment: Experiment) -> dict[str, float]:
    """Measure a run: wall seconds with and without process starts, CPU seconds, memory, and the rate of later steps.

    The rate is in seeds times steps per second, all processes together, without the first step of each cell, which
    compiles.
    """
    cells = cells_of(experiment)
    with tempfile.TemporaryDirectory() as folder, launching("processes") as launcher:
        library, started = CellStore(Path(folder)), time.perf_counter()
        run_all(cells, library, launcher, ignore)
        wall = time.perf_counter() - started
        measured = [found for cell in cells if (found := library.load(cell))]
        spent, jobs = cost(measured), min(launcher.jobs, len(cells))
        later = sum(float(one.arrays[SECONDS][1:].sum()) for one in measured)
        done = sum(len(cell.seeds) * (cell.steps - 1) for cell in cells)
        return spent | {"wall": wall, "steps": spent["wall_seconds"] / jobs, "rate": done * jobs / later}


def cells_of(experiment: Experiment) -> list[Cell]:
    """The cells of an experiment."""
    planned = plan(catalogue()[experiment.exhibit], "paper", experiment.settings)
    return [
        cell
        for (panel, arm), block in planned.cells.items()
        if arm in experiment.arms and experiment.panel in {"", panel}
        for cell in block
    ]


def table(rows: list[Row]) -> Table:
    """Format a row per experiment."""
    shown = Table(title="Seconds, medians; steps: without the starts of processes", title_justify="left")
    for column in ("experiment", "goal", "wall", "steps", "CPU", "published, CPU", "peak MB", "seeds x steps per s"):
        shown.add_column(column, justify="left" if column == "experiment" else "right")
    for row in rows:
        numbers = (row["goal"], row["wall"], row["steps"], row["cpu_seconds"], row["published"])
        texts = ("" if number is None else f"{number:.2f}" for number in numbers)
        shown.add_row(row["experiment"], *texts, f"{row['peak_memory_mb']:.0f}", f"{row['rate']:.4g}")
    return shown


def row_of(experiment: Experiment, found: list[dict[str, float]]) -> Row:
    """Build a row: medians over rounds, goal and published time."""
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return {"experiment": experiment.name, "goal": experiment.goal, "published": experiment.published} | medians


def main() -> None:
    """Measure all experiments in turn, print the table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="NAME", help="the experiments whose name begins so")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    options = parser.parse_args()
    chosen = [experiment for experiment in EXPERIMENTS if experiment.name.startswith(options.only)]
    if not chosen:
        names = "; ".join(experiment.name for experiment in EXPERIMENTS)
        parser.error(f"no experiment begins with {options.only!r}; there is: {names}")
    turns = [experiment for _ in range(options.rounds) for experiment in chosen]
    found: dict[str, list[dict[str, float]]] = {experiment.name: [] for experiment in chosen}
    for experiment in track(turns, "measuring", console=Console(stderr=True)):
        found[experiment.name].append(measure(experiment))
    rows = [row_of(experiment, found[experiment.name]) for experiment in chosen]
    Console().print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
