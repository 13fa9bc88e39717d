"""Time training steps on JAX and PyTorch, and compare them with the lower limit of this machine.

    python benchmarks/step.py                        # everything, some fifteen minutes
    python benchmarks/step.py --only "token TPO"     # the work whose name begins so
    python benchmarks/step.py --json bench.json      # and the numbers
    python benchmarks/step.py --compare bench.json   # ratios to an earlier run

Every measurement runs in its own process. Backends alternate, so that noise of the machine slows both alike. The
first round starts with an empty cache of compiled programs, the others with a filled one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from limit import completions_of, gemm_rate, step_flops
from rich.console import Console
from rich.progress import track
from tables import comparison, table
from work import WORKS, Work, arm_of

BACKENDS = ("jax", "torch")
TABLE_WIDTH = 150
Row = dict[str, Any]


def apart(backend: str, work: Work, cache: str) -> dict[str, float]:
    """Run one measurement in its own process."""
    command = [sys.executable, str(Path(__file__).with_name("measure.py")), backend, json.dumps(vars(work))]
    environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": cache}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)  # noqa: S603
    found: dict[str, float] = json.loads(done.stdout)
    return found


def rate(work: Work) -> float:
    """Measure floating-point operations per second in products of the shapes of a step."""
    task, arm = arm_of(work)
    return gemm_rate(task.policy, arm.batch_size * completions_of(arm) * task.policy.completion_length)


def measure(work: Work, rounds: int) -> Row:
    """Measure a work: medians over rounds by backend, and the lower limit."""
    found: dict[str, list[dict[str, float]]] = {backend: [] for backend in BACKENDS}
    rates = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(rounds):
            rates.append(rate(work))
            for backend, results in found.items():
                results.append(apart(backend, work, cache))
    task, arm = arm_of(work)
    distinct = found[BACKENDS[0]][0]["completions"]
    flops = work.seeds * step_flops(task.policy, arm, distinct)
    row = {"work": work.name, "goal": work.goal, "published": work.published, "completions": distinct}
    return row | {"limit": flops / statistics.median(rates)} | {b: medians(results) for b, results in found.items()}


def medians(results: list[dict[str, float]]) -> dict[str, float | None]:
    """Summarize one backend: the cold start is the first round's, the warm start the median of the others."""
    cold, *warm = results
    return {
        "step": statistics.median(result["step"] for result in results),
        "first": cold["first"],
        "again": statistics.median(result["first"] for result in warm) if warm else None,
        "memory": cold["memory"],
    }


def starts() -> dict[str, float]:
    """Measure the median seconds of common commands."""
    commands = {"tpo --help": ["-m", "tpo", "--help"], "import tpo": ["-c", "import tpo"], "python": ["-c", ""]}
    return {name: statistics.median(_seconds(command) for _ in range(7)) for name, command in commands.items()}


def _seconds(arguments: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return time.perf_counter() - started


def main() -> None:
    """Measure, print the tables and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="NAME", help="the work whose name begins so")
    parser.add_argument("--rounds", type=int, default=3, help="processes per backend and work (default: 3)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument("--compare", type=Path, help="numbers of an earlier run, to print ratios to")
    options = parser.parse_args()
    chosen = [work for work in WORKS if work.name.startswith(options.only)]
    if not chosen:
        parser.error(f"no work begins with {options.only!r}; there is: {', '.join(work.name for work in WORKS)}")
    console = Console()
    console.width = max(console.width, TABLE_WIDTH)
    rows = [measure(work, options.rounds) for work in track(chosen, "measuring", console=Console(stderr=True))]
    started = starts()
    console.print(table(rows, BACKENDS))
    console.print(", ".join(f"{name}: {seconds:.2f} s" for name, seconds in started.items()))
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "starts": started}, indent=2) + "\n")
    if options.compare:
        console.print(comparison(rows, json.loads(options.compare.read_text())["rows"], BACKENDS))


if __name__ == "__main__":
    main()
