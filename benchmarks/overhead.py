"""Compare the cost of the neutral loss with the same loss written by hand, on PyTorch and JAX; time the target.

    python benchmarks/overhead.py            # two tables
    python benchmarks/overhead.py --json F   # and the numbers as JSON

All variants are measured in turn, on one thread; the tables show medians. The first table is about the loss of a batch
and its gradient in the log-probs. "by hand" is `-(q * log_softmax(x)).sum(-1).mean()` in the library itself. It and
the columns of the loss alone are given the target; the columns with a target compute the signal each time, as the first
epoch of a rollout does. The second table is about the target alone. There is no exact target under `torch.compile`.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

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
TIERS = ("exact", "fast")
SECONDS = 3.0
"""Seconds for which each comparison is repeated."""

Run = Callable[[], object]
Loss = Callable[..., Any]


class Arrays(NamedTuple):
    """A batch of groups, arrays `[groups, K]`.

    Attributes:
        new: Log-probs after an update.
        old: Log-probs before it.
        scores: Scores of the candidates.
    """

    new: Any
    old: Any
    scores: Any


def inputs(shape: tuple[int, int], asarray: Any) -> Arrays:
    """Make random groups as arrays of a library."""
    values = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
    return Arrays(*(asarray(array.copy()) for array in values))


def losses(given: Arrays, log_softmax: Any) -> dict[str, Loss]:
    """Build the losses to compare by name: functions of new log-probs, old log-probs and scores."""
    algorithm = tpo.TPO()
    signal = algorithm.prepare(tpo.Group(scores=given.scores, old_log_probs=given.old))

    def with_target(precision: Any) -> Loss:
        made = tpo.TPO(precision=precision)
        return lambda x, old, scores: _mean(made.loss(x, made.prepare(tpo.Group(scores=scores, old_log_probs=old))))

    return {
        "by hand": lambda x, *_: -(signal.q * log_softmax(x)).sum(-1).mean(),
        "tpo.cross_entropy": lambda x, *_: tpo.cross_entropy(signal.q, x).mean(),
        "tpo.TPO().loss": lambda x, *_: _mean(algorithm.loss(x, signal)),
        "with fast target": with_target("fast"),
        EXACT: with_target("exact"),
    }


def _mean(loss: tpo.Loss) -> Any:
    return loss.value.sum() / loss.weight.sum()


def torch_runs(shape: tuple[int, int], *, compiled: bool) -> dict[str, Run]:
    """Build functions for loss and gradient in PyTorch, by name."""
    given = inputs(shape, torch.from_numpy)
    functions = losses(given, lambda x: torch.log_softmax(x, -1))
    given.new.requires_grad_()
    if compiled:
        functions.pop(EXACT)

    def run(function: Loss) -> Run:
        traced = torch.compile(function, fullgraph=True, dynamic=False) if compiled else function
        return lambda: torch.autograd.grad(traced(*given), given.new)

    return {name: run(function) for name, function in functions.items()}


def jax_runs(shape: tuple[int, int]) -> dict[str, Run]:
    """Build functions for loss and gradient in JAX, by name."""
    given = inputs(shape, jax.numpy.asarray)

    def run(function: Loss) -> Run:
        compiled = jax.jit(jax.value_and_grad(function))
        return lambda: jax.block_until_ready(compiled(*given))

    return {name: run(function) for name, function in losses(given, jax.nn.log_softmax).items()}


def target_runs(mode: str, shape: tuple[int, int]) -> dict[str, Run]:
    """Build functions for the target, by tier."""
    asarray, compiled = TARGETS[mode]
    _, old, scores = inputs(shape, asarray)

    def run(precision: Any) -> Run:
        target = compiled(functools.partial(tpo.target, precision=precision))
        return lambda: target(old, scores)

    return {precision: run(precision) for precision in TIERS}


def _jitted(function: Callable[..., Any]) -> Callable[..., Any]:
    compiled = jax.jit(function)
    return lambda *arrays: jax.block_until_ready(compiled(*arrays))


TARGETS: dict[str, tuple[Any, Any]] = {
    "NumPy": (np.asarray, lambda function: function),
    "torch eager": (torch.from_numpy, lambda function: function),
    "jax.jit": (jax.numpy.asarray, _jitted),
}
"""Modes by name: how arrays are made, and how functions are run."""

MODES: dict[str, Callable[[tuple[int, int]], dict[str, Run]]] = {
    "torch eager": lambda shape: torch_runs(shape, compiled=False),
    "torch.compile": lambda shape: torch_runs(shape, compiled=True),
    "jax.jit": jax_runs,
}


def medians(runs: dict[str, Run]) -> dict[str, float]:
    """Measure the median seconds of each function, all in turn."""
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
    """Measure the losses, a row per mode and shape."""
    rows = []
    for mode, make in MODES.items():
        for shape in SHAPES:
            seconds = medians(make(shape))
            by_hand = seconds.pop("by hand")
            ratios = {name: value / by_hand for name, value in seconds.items()}
            rows.append({"mode": mode, "shape": shape, "by_hand_seconds": by_hand, "ratios": ratios})
    return rows


def measure_targets() -> list[dict[str, Any]]:
    """Measure the targets, a row per library and shape."""
    return [{"mode": mode, "shape": shape, **medians(target_runs(mode, shape))} for mode in TARGETS for shape in SHAPES]


def table(rows: list[dict[str, Any]]) -> Table:
    """Format the table of losses."""
    names = list(rows[0]["ratios"])
    lines = []
    for row in rows:
        ratios = (f"{row['ratios'][name]:.2f}" if name in row["ratios"] else "-" for name in names)
        lines.append((f"{1e6 * row['by_hand_seconds']:.0f} µs", *ratios))
    return _table("Loss and gradient: times as long as by hand", ("by hand", *names), rows, lines)


def table_of_targets(rows: list[dict[str, Any]]) -> Table:
    """Format the table of targets."""
    lines = [tuple(f"{1e3 * row[name]:.3f}" for name in TIERS) for row in rows]
    return _table("The target alone: milliseconds", TIERS, rows, lines)


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]], lines: list[tuple[str, ...]]) -> Table:
    shown = Table(title=title, title_justify="left")
    for column in ("mode", "groups x K", *columns):
        shown.add_column(column, justify="left" if column == "mode" else "right", no_wrap=True)
    for row, line in zip(rows, lines, strict=True):
        shown.add_row(row["mode"], " x ".join(map(str, row["shape"])), *line)
    return shown


def main() -> None:
    """Measure, print the tables and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # PyTorch itself warns while it compiles.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch")
    rows, targets = measure(), measure_targets()
    Console(width=120).print(table(rows), table_of_targets(targets))
    if arguments.json:
        arguments.json.write_text(json.dumps({"losses": rows, "targets": targets}, indent=2) + "\n")


if __name__ == "__main__":
    main()
