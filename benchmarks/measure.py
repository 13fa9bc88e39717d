"""One measurement in a process of its own: `python benchmarks/measure.py BACKEND WORK` prints JSON.

`WORK` is a name from `work.WORKS`, or the fields of a `Work` as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

STARTED = time.perf_counter()

import numpy as np  # noqa: E402 - importing is part of the time to the first step
from work import WORKS, Work, arm_of  # noqa: E402

from tpo import plugins, train  # noqa: E402
from tpo.experiments.provenance import peak_memory_mb  # noqa: E402

WARM_UP = 2


def measure(backend: str, work: Work) -> dict[str, float]:
    """Seconds to the first step and per step, and the peak of memory; how many completions per prompt were distinct."""
    task, arm = arm_of(work)
    rows: list[int] = []
    sharing = Counting(task, rows) if arm.grouping == "sequence" else task
    steps = train(sharing, arm, plugins.backend(backend), seeds=range(work.seeds), steps=1 + WARM_UP + work.steps)
    next(steps)
    first = time.perf_counter() - STARTED
    seconds = [step.seconds for step in steps][WARM_UP:]
    memory = peak_memory_mb()
    completions = statistics.median(rows) / (arm.batch_size * work.seeds) if rows else 1.0
    return {"first": first, "step": statistics.median(seconds), "memory": memory, "completions": completions}


class Counting:
    """A task that counts the distinct completions it evaluates."""

    def __init__(self, task: object, rows: list[int]) -> None:
        """Add to `rows` at every step."""
        self._task, self._rows = task, rows

    def __getattr__(self, name: str) -> object:
        """What the task itself has."""
        return getattr(self._task, name)

    def share(self, backend: object, data: object) -> object:
        """What the task shares, counted."""
        shared = self._task.share(backend, data)  # type: ignore[attr-defined]
        self._rows.append(sum(np.unique(row).size for row in backend.to_numpy(shared[3].row)))  # type: ignore[attr-defined]
        return shared


if __name__ == "__main__":
    backend_name, given = sys.argv[1:]
    named = [work for work in WORKS if work.name == given]
    chosen = named[0] if named else Work(**json.loads(given))
    sys.stdout.write(json.dumps(measure(backend_name, chosen)))
