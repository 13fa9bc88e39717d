"""One measurement in a process of its own: `python benchmarks/measure.py BACKEND WORK` prints JSON."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time

STARTED = time.perf_counter()

from dataclasses import replace  # noqa: E402 - importing is part of the time to the first step
from typing import Any  # noqa: E402

from work import WORKS, Work  # noqa: E402

from tpo import Arm, plugins, train  # noqa: E402

WARM_UP = 2
KIB_PER_MB = 1000 / 1024 * 1000


def arm_of(work: Work) -> tuple[Any, Arm]:
    """The task and the arm."""
    task = plugins.task("token-reversal")(**work.task)
    return task, replace(task.arms[work.algorithm], **work.arm)


def measure(backend: str, work: Work) -> dict[str, float]:
    """Seconds to the first step and per step, and the peak of memory."""
    task, arm = arm_of(work)
    steps = train(task, arm, plugins.backend(backend), seeds=range(work.seeds), steps=1 + WARM_UP + work.steps)
    next(steps)
    first = time.perf_counter() - STARTED
    seconds = [step.seconds for step in steps][WARM_UP:]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB
    return {"first": first, "step": statistics.median(seconds), "memory": memory}


if __name__ == "__main__":
    backend_name, work_name = sys.argv[1:]
    sys.stdout.write(json.dumps(measure(backend_name, next(work for work in WORKS if work.name == work_name))))
