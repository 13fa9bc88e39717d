"""Seconds per training step of token TPO, on each backend in turn.

Each backend is measured in a process of its own, which alternates with the other's, so that a noisy machine slows both
alike: `python benchmarks/step.py --rounds 3`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

BACKENDS = ("jax", "torch")
PUBLISHED_SECONDS = 0.91
"""Wall seconds of the published implementation's step at V=2 on a quiet machine with two cores."""


def measure(backend_name: str, algorithm: str, vocab_size: int, steps: int, warm_up: int) -> dict[str, float]:
    """Train one seed in this process: the time to the first step, and the median over the steps after warm-up."""
    started = time.perf_counter()
    from tpo import plugins, train  # noqa: PLC0415 - importing is part of the time to the first step

    task = plugins.task("token-reversal")(vocab_size=vocab_size, length=10)
    arm = replace(task.arms[algorithm], batch_size=100, group_size=8)
    results = train(task, arm, plugins.backend(backend_name), seeds=(0,), steps=warm_up + steps)
    next(results)
    first = time.perf_counter() - started
    seconds = [result.seconds for result in results]
    return {"first_step_seconds": first, "step_seconds": statistics.median(seconds[warm_up - 1 :])}


def measure_apart(backend_name: str, options: argparse.Namespace) -> dict[str, float]:
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--only", backend_name, "--algorithm", options.algorithm]
    command += ["--vocab-size", str(options.vocab_size), "--steps", str(options.steps)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603
    return result


def show(rounds: dict[str, list[dict[str, float]]], options: argparse.Namespace) -> None:
    """A table of medians over rounds."""
    from rich.console import Console  # noqa: PLC0415 - not part of what is measured
    from rich.table import Table  # noqa: PLC0415

    title = f"{options.algorithm}, V={options.vocab_size}, H=10, B=100, K=8, Muon, float32, one seed"
    table = Table("backend", "seconds per step", "first step, seconds", "times the published", title=title)
    for name, results in rounds.items():
        step = statistics.median(result["step_seconds"] for result in results)
        first = statistics.median(result["first_step_seconds"] for result in results)
        table.add_row(name, f"{step:.3f}", f"{first:.1f}", f"{PUBLISHED_SECONDS / step:.1f}")
    Console().print(table)
    Console().print(f"The published implementation: {PUBLISHED_SECONDS} s per step (token TPO, V=2), with JAX.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithm", default="tpo", help="a registered algorithm (default: tpo)")
    parser.add_argument("--vocab-size", type=int, default=2, help="distinct tokens (default: 2)")
    parser.add_argument(
        "--steps", type=int, default=50, help="steps measured per round, after 5 to warm up (default: 50)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="processes per backend (default: 3)")
    parser.add_argument("--json", help="file to write the measurements to")
    parser.add_argument("--only", choices=BACKENDS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    """Measure and print; with `--only`, measure one backend here and print JSON."""
    options = parse(arguments)
    if options.only:
        measured: Any = measure(options.only, options.algorithm, options.vocab_size, options.steps, warm_up=5)
        sys.stdout.write(json.dumps(measured))
        return
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in BACKENDS}
    for _ in range(options.rounds):
        for name, results in rounds.items():
            results.append(measure_apart(name, options))
    show(rounds, options)
    if options.json:
        Path(options.json).write_text(json.dumps({"options": vars(options), "rounds": rounds}, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
