"""The record of a run of a task, in the form that exhibits have: what `tpo report` and `tpo compare` read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.experiments.analysis.outcome import Outcome, seconds_per_step
from tpo.experiments.analysis.record import FORMAT, arm_record
from tpo.experiments.analysis.statistics import FINAL_ERROR, STATISTICS, steps_to_one_percent
from tpo.experiments.spec.exhibit import WHOLE
from tpo.experiments.spec.schema import run_label
from tpo.experiments.storage.series import Series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.analysis.result import Curves, Result
    from tpo.experiments.spec.schema import Record


def record_of_result(result: Result) -> Record:
    """What `result` measured so far: one panel, called like its task, and nothing published beside it."""
    spec = result.spec
    return {
        "format": FORMAT,
        "exhibit": spec.task,
        "title": f"{spec.task}: {len(spec.seeds)} {'seed' if len(spec.seeds) == 1 else 'seeds'}, {spec.steps} steps",
        "source": f"tpo run {spec.task}",
        "note": ", ".join(f"{name} {value}" for name, value in spec.options.items()),
        "statistic": FINAL_ERROR,
        "task": spec.task,
        "profile": None,
        "scale": WHOLE,
        "backend": spec.backend,
        "deviations": [],
        "completed": result.completed,
        "panels": {spec.task: {label: _arm(label, curves, result) for label, curves in result.shown.items()}},
        "settings": {run_label(spec.task, label): cell.to_json() for label, cell in spec.cells().items()},
        "numbers": result.numbers,
        "provenance": [one.to_json() for one in (result.provenance, *result.also)],
        "cpu_seconds": None,
        "peak_memory_mb": None,
        **result.cost,
    }


def _arm(label: str, curves: Curves, result: Result) -> dict[str, Any]:
    outcome = Outcome(
        panel=result.spec.task,
        arm=label,
        error=curves.reported,
        curves=_curves(curves),
        profile=None,
        seconds=seconds_per_step([curves.seconds]),
        seeds=len(result.spec.seeds),
        published=None,
        statistic=STATISTICS[FINAL_ERROR](curves.reported),
        steps=steps_to_one_percent(curves.reported),
    )
    # The first step has the compilation in it, and is no measure of the others.
    return arm_record(outcome) | ({} if curves.steps > 1 else {"seconds_per_step": None})


def _curves(curves: Curves) -> Mapping[str, Series]:
    """The error of each step, and that on the test set where there is one."""
    every_step = {"error": Series.of_every_step(curves.error)}
    return every_step if curves.test_error is None else every_step | {"test_error": curves.reported}
