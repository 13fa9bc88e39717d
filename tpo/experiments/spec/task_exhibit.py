"""A run of a task as an exhibit of one panel, without published numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.experiments.spec.exhibit import FINAL_ERROR, WHOLE, Exhibit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.exhibit import Trainer
    from tpo.training.arm import Arm

TESTED = "errors are those on the test set, as often as it was evaluated"


def task_exhibit(
    task: str, options: Mapping[str, Any], arms: Mapping[str, Arm], trainer: Trainer, *, error: str, backend: str
) -> Exhibit:
    """Create an exhibit that trains `arms` on a task and shows the final error.

    Args:
        task: The registered name of the task, also used for the exhibit and its panel.
        options: Fields of the task.
        arms: The arms to compare, by label.
        trainer: The settings of the trainer.
        error: The error that is reported: `error` or `test_error`.
        backend: The registered name of the backend.
    """
    seeds = f"{trainer.seeds} {'seed' if trainer.seeds == 1 else 'seeds'}"
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    return Exhibit(
        name=task,
        title=f"{task}: {seeds}, {trainer.steps} steps",
        source=f"tpo run {task}",
        task=task,
        options=options,
        arms=arms,
        panels={task: {}},
        trainer=trainer,
        scales={},
        statistic=FINAL_ERROR,
        error=error,
        curves=tuple(dict.fromkeys(("error", error))),
        whole=WHOLE,
        backend=backend,
        note="; ".join(filter(None, (said, TESTED if error != "error" else ""))),
    )
