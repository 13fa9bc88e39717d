"""Running a spec: its arms, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo import training
from tpo.experiments.backends import create_backend
from tpo.experiments.interrupts import interruptible
from tpo.experiments.provenance import provenance_of
from tpo.experiments.result import Curves, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.experiments.spec import RunSpec
    from tpo.tasks import Task
    from tpo.training import StepResult


def ignore(*_: object) -> None:
    """What to do with news that nobody asked for."""


def run(
    spec: RunSpec,
    on_step: Callable[[str, StepResult], None] = ignore,
    *,
    on_arm: Callable[[str], None] = ignore,
    save: Callable[[Result], None] = ignore,
) -> Result:
    """Train every arm of `spec`.

    Args:
        spec: What to run.
        on_step: Called with the arm's label after each of its steps.
        on_arm: Called with the arm's label before anything of it is computed or compiled.
        save: Called with what is there so far after every arm, and when interrupted.

    Returns:
        What was measured. After a Ctrl-C, wherever it came, that is what was there by then, and
        `Result.completed` is false; a step that was being computed is abandoned.

    Raises:
        TPOError: The spec cannot be run; found before anything is computed.
    """
    task = spec.validate()
    provenance = provenance_of(spec.backend)
    done: dict[str, list[StepResult]] = {label: [] for label in spec.arms}

    def so_far() -> Result:
        arms = {label: Curves.of_steps(steps) for label, steps in done.items() if steps}
        return Result(spec=spec, provenance=provenance, arms=arms)

    try:
        for label, step in interruptible(_steps(spec, task)):
            if step is None:
                on_arm(label)
                continue
            done[label].append(step)
            on_step(label, step)
            if len(done[label]) == spec.steps:
                save(so_far())
    except KeyboardInterrupt:
        save(so_far())
    return so_far()


def _steps(spec: RunSpec, task: Task) -> Iterator[tuple[str, StepResult | None]]:
    """Each arm's label with `None` as it begins, and then with each of its steps."""
    backend = create_backend(spec.backend, spec.device, task)
    for label, arm in spec.arms.items():
        yield label, None
        for step in training.train(task, arm, backend, seeds=spec.seeds, steps=spec.steps, dtype=spec.dtype):
            yield label, step
