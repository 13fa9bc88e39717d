"""Seconds per training step on JAX and PyTorch, beside the limit of this machine.

    python benchmarks/step.py                        # everything, some five minutes
    python benchmarks/step.py --only "token TPO"     # the work whose name begins so
    python benchmarks/step.py --json bench.json      # and the numbers
    python benchmarks/step.py --compare bench.json   # ratios to an earlier run

Every measurement runs in a process of its own, the backends in turn, so that a noisy machine slows both alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from limit import completions_of, gemm_rate, step_flops
from measure import arm_of
from rich.console import Console
from rich.progress import track
from rich.table import Table
from work import WORKS, Work

BACKENDS = ("jax", "torch")
MEASURED = ("step", "first", "memory")
Row = dict[str, Any]


def apart(backend: str, work: Work) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("measure.py")), backend, work.name]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603
    return found


def limit_seconds(work: Work) -> float:
    """The products that a step cannot avoid, at the rate measured here and now."""
    task, arm = arm_of(work)
    rows = arm.batch_size * completions_of(arm) * task.policy.completion_length
    return step_flops(task.policy, arm) / gemm_rate(task.policy, rows)


def measure(work: Work, rounds: int) -> Row:
    """Medians over rounds, by backend, and the limit."""
    found: dict[str, list[dict[str, float]]] = {backend: [] for backend in BACKENDS}
    limits = []
    for _ in range(rounds):
        limits.append(limit_seconds(work))
        for backend, results in found.items():
            results.append(apart(backend, work))
    medians = {b: {key: statistics.median(r[key] for r in results) for key in MEASURED} for b, results in found.items()}
    return {
        "work": work.name,
        "goal": work.goal,
        "published": work.published,
        "limit": statistics.median(limits),
    } | medians


def table(rows: list[Row]) -> Table:
    """The rows as people read them."""
    title = "Seconds per step (share of the limit); seconds to the first step; peak memory in MB"
    shown = Table(title=title, title_justify="left")
    for column in (
        "work",
        "goal",
        "limit",
        *BACKENDS,
        *(f"{b}, first" for b in BACKENDS),
        *(f"{b}, MB" for b in BACKENDS),
    ):
        shown.add_column(column, justify="left" if column == "work" else "right")
    for row in rows:
        steps = (f"{row[b]['step']:.3f} ({row['limit'] / row[b]['step']:.0%})" for b in BACKENDS)
        firsts = (f"{row[b]['first']:.1f}" for b in BACKENDS)
        memory = (f"{row[b]['memory']:.0f}" for b in BACKENDS)
        shown.add_row(row["work"], f"{row['goal']:.3f}", f"{row['limit']:.3f}", *steps, *firsts, *memory)
    return shown


def comparison(rows: list[Row], baseline: list[Row]) -> Table:
    """Each number over that of `baseline`: below 1 is better."""
    before = {row["work"]: row for row in baseline}
    shown = Table(title="Times the baseline: below 1 is better", title_justify="left")
    for column in ("work", *(f"{b}, {key}" for b in BACKENDS for key in MEASURED)):
        shown.add_column(column, justify="left" if column == "work" else "right")
    for row in rows:
        if old := before.get(row["work"]):
            ratios = (f"{row[b][key] / old[b][key]:.2f}" for b in BACKENDS for key in MEASURED)
            shown.add_row(row["work"], *ratios)
    return shown


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="NAME", help="the work whose name begins so")
    parser.add_argument("--rounds", type=int, default=3, help="processes per backend and work (default: 3)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument("--compare", type=Path, help="numbers of an earlier run, to print ratios to")
    options = parser.parse_args()
    chosen = [work for work in WORKS if work.name.startswith(options.only)]
    if not chosen:
        parser.error(f"no work begins with {options.only!r}; there is: {', '.join(work.name for work in WORKS)}")
    console = Console(stderr=True)
    rows = [measure(work, options.rounds) for work in track(chosen, "measuring", console=console)]
    wide = Console() if Console().is_terminal else Console(width=140)
    wide.print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    if options.compare:
        wide.print(comparison(rows, json.loads(options.compare.read_text())))


if __name__ == "__main__":
    main()
