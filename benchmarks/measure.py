"""Run one measurement in this process: `python benchmarks/measure.py BACKEND WORK` prints JSON.

`WORK` is a name from `work.WORKS`, or the fields of a `Work` as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

STARTED = time.perf_counter()

import numpy as np  # noqa: E402 - importing is part of the time to the first step
from limit import completions_of  # noqa: E402
from work import WORKS, Work, arm_of  # noqa: E402

from tpo import train  # noqa: E402
from tpo.experiments.storage.machine import peak_memory_mb  # noqa: E402
from tpo.plugins import registry  # noqa: E402

if TYPE_CHECKING:
    from tpo_tasks.sequences import TokenReversal

WARM_UP = 2


def measure(backend: str, work: Work) -> dict[str, float]:
    """Measure seconds to the first step and per step, peak memory, and distinct completions per prompt."""
    task, arm = arm_of(work)
    rows: list[int] = []
    sharing = counting(task, rows) if completions_of(arm) > 1 else task
    steps = train(sharing, arm, registry.backend(backend), seeds=range(work.seeds), steps=1 + WARM_UP + work.steps)
    next(steps)
    first = time.perf_counter() - STARTED
    seconds = [step.seconds for step in steps][WARM_UP:]
    memory = peak_memory_mb()
    completions = statistics.median(rows) / (arm.batch_size * work.seeds) if rows else 1.0
    return {"first": first, "step": statistics.median(seconds), "memory": memory, "completions": completions}


def counting(task: TokenReversal, rows: list[int]) -> TokenReversal:
    """Wrap `task` to append the number of distinct completions that it evaluates to `rows` at every step."""

    class Counting(type(task)):  # type: ignore[misc]
        def share(self, backend: Any, data: Any) -> Any:
            shared = super().share(backend, data)
            rows.append(sum(np.unique(row).size for row in backend.to_numpy(shared[3].row)))
            return shared

    counted: TokenReversal = Counting(**vars(task))
    return counted


if __name__ == "__main__":
    backend_name, given = sys.argv[1:]
    named = [work for work in WORKS if work.name == given]
    chosen = named[0] if named else Work(**json.loads(given))
    sys.stdout.write(json.dumps(measure(backend_name, chosen)))
