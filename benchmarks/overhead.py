"""What the neutral loss costs beside the same loss written by hand, on PyTorch and JAX.

    python benchmarks/overhead.py            # a table
    python benchmarks/overhead.py --json F   # and the numbers as JSON

Both sides compute the loss of a batch and its gradient in the log-probs, in turn, on one thread; medians. "by hand" is
`-(q * log_softmax(x)).sum(-1).mean()` in the library itself, for a target `q` that is there. The last two columns make
the target anew each time, as the first epoch of a rollout does; `torch.compile` has no exact one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

import tpo

SHAPES = ((64, 16), (100, 8), (800, 16), (16384, 16))
EXACT = "with exact target"
SECONDS = 3.0
"""How long each comparison is repeated."""

Run = Callable[[], object]
Losses = dict[str, Callable[[Any], Any]]


def inputs(shape: tuple[int, int]) -> dict[str, np.ndarray[Any, Any]]:
    """Log-probs before and after an update, and scores."""
    rng = np.random.default_rng(0)
    new, old, scores = rng.normal(size=(3, *shape)).astype(np.float32)
    return {"new": new, "old": old, "scores": scores}


def losses(shape: tuple[int, int], asarray: Any, log_softmax: Any) -> tuple[Any, dict[str, Any]]:
    """The log-probs, and three functions of them that give the loss of the batch."""
    new, old, scores = (asarray(array) for array in inputs(shape).values())
    algorithm = tpo.TPO()
    signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=old))

    def with_target(precision: Any) -> Callable[[Any], Any]:
        made = tpo.TPO(precision=precision)
        return lambda x: _mean(made.loss(x, made.prepare(tpo.Group(scores=scores, old_log_probs=old))))

    return new, {
        "by hand": lambda x: -(signal.q * log_softmax(x)).sum(-1).mean(),
        "tpo.cross_entropy": lambda x: tpo.cross_entropy(signal.q, x).mean(),
        "tpo.TPO().loss": lambda x: _mean(algorithm.loss(x, signal)),
        "with fast target": with_target("fast"),
        EXACT: with_target("exact"),
    }


def _mean(loss: tpo.Loss) -> Any:
    return loss.value.sum() / loss.weight.sum()


def torch_runs(shape: tuple[int, int], *, compiled: bool) -> dict[str, Any]:
    """Loss and gradient in PyTorch, by name."""
    new, functions = losses(shape, lambda x: torch.from_numpy(x.copy()), lambda x: torch.log_softmax(x, -1))
    new.requires_grad_()
    if compiled:
        functions.pop(EXACT)

    def run(function: Any) -> Any:
        function(new)
        traced = torch.compile(function, fullgraph=True, dynamic=False) if compiled else function
        return lambda: torch.autograd.grad(traced(new), new)

    return {name: run(function) for name, function in functions.items()}


def jax_runs(shape: tuple[int, int]) -> dict[str, Any]:
    """Loss and gradient in JAX, by name."""
    new, functions = losses(shape, jax.numpy.asarray, lambda x: jax.nn.log_softmax(x, -1))

    def run(function: Any) -> Any:
        compiled = jax.jit(jax.value_and_grad(function))
        return lambda: jax.block_until_ready(compiled(new))

    return {name: run(function) for name, function in functions.items()}


MODES = {
    "torch eager": lambda shape: torch_runs(shape, compiled=False),
    "torch.compile": lambda shape: torch_runs(shape, compiled=True),
    "jax.jit": jax_runs,
}


def medians(runs: dict[str, Any]) -> dict[str, float]:
    """Seconds of each function, all measured in turn."""
    for run in runs.values():
        for _ in range(3):
            run()
    spent: dict[str, list[float]] = {name: [] for name in runs}
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            spent[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in spent.items()}


def measure() -> list[dict[str, Any]]:
    """One row per mode and shape."""
    rows = []
    for mode, make in MODES.items():
        for shape in SHAPES:
            seconds = medians(make(shape))
            by_hand = seconds.pop("by hand")
            ratios = {name: value / by_hand for name, value in seconds.items()}
            rows.append({"mode": mode, "shape": shape, "by_hand_seconds": by_hand, "ratios": ratios})
    return rows


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows, as people read them."""
    names = list(rows[0]["ratios"])
    shown = Table(title="Loss and gradient: times as long as by hand", title_justify="left")
    for column in ("mode", "groups x K", "by hand", *names):
        shown.add_column(column, justify="left" if column == "mode" else "right")
    for row in rows:
        ratios = (f"{row['ratios'][name]:.2f}" if name in row["ratios"] else "-" for name in names)
        groups, size = row["shape"]
        shown.add_row(row["mode"], f"{groups} x {size}", f"{1e6 * row['by_hand_seconds']:.0f} µs", *ratios)
    return shown


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # PyTorch's own, while it compiles.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch")
    rows = measure()
    Console().print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
