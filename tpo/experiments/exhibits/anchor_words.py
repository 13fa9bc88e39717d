"""Arms and panels of the anchor study on word problems, which a small language model solves. Beyond the paper."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tpo.experiments.exhibits.anchor_arms import SOURCE, TARGET_METRICS, of_completions
from tpo.experiments.spec.chart import FinalValues, LearningCurves
from tpo.experiments.spec.exhibit import FINAL_ERROR, Exhibit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tpo.experiments.spec.chart import Chart
    from tpo.training.arm import Arm

SUPERVISED_STEPS = {20: 300, 80: 500, 240: 500}
"""Updates by the characters of a solution. After them, 32 to 71 % of the answers to held-out problems are right."""

PROMPTS = {20: 16, 80: 8, 240: 4}
"""Prompts per step, by the characters of a solution: fewer of long ones, so that steps take comparable time."""

RATE = 1e-4
"""The learning rate of all arms: in anchor-rates the best of three for each, within the standard error of two seeds."""


def arms(length: int) -> Mapping[str, Arm]:
    """Create the arms on solutions of `length` characters."""
    return of_completions(epochs=4, batch_size=PROMPTS[length], group_size=16, learning_rate=RATE, optimizer="adam")


def options(length: int) -> dict[str, Any]:
    """The task's options for solutions of `length` characters."""
    return {"length": length, "supervised_steps": SUPERVISED_STEPS[length], "evaluate_every": 10}


def charts(panels: Mapping[Any, str], labels: Collection[str], along: str) -> tuple[Chart, ...]:
    """Create the charts of arms by a number that panels differ in: curves for each, and the ends of them all.

    Args:
        panels: Labels of panels by that number.
        labels: Labels of the arms.
        along: The label of the axis for that number.
    """
    curves = (
        LearningCurves(title=panel, lines={label: (panel, label) for label in labels}, quantities=("test_error",))
        for panel in panels.values()
    )
    points = {label: {number: (panel, label) for number, panel in panels.items()} for label in labels}
    ends = FinalValues(title="after the last step", along=along, mark="points", quantity="test_error", points=points)
    return (*curves, ends)


SMOKE: Mapping[str, Any] = {
    "trainer.steps": 2,
    "trainer.seeds": 1,
    "task.supervised_steps": 2,
    "task.evaluate_every": 2,
}
"""Settings of a run that shows only that everything works."""

on_words = partial(
    Exhibit,
    source=SOURCE,
    task="rlvr-words",
    statistic=FINAL_ERROR,
    error="test_error",
    curves=("test_error", "error", *TARGET_METRICS, "completion_length"),
)
"""Creates an exhibit on word problems, from the other fields of `Exhibit`."""
