"""The charts of an exhibit that has none of its own: of each panel its curves, and when its seeds learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo.experiments.spec.chart import Frame, LearningCurves, Line, Profiles
from tpo.experiments.spec.quantities import LEVELS, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.experiments.spec.chart import Chart
    from tpo.experiments.spec.schema import Record

ENOUGH_SEEDS = 6
"""Fewer seeds are no curve."""

BEGUN = 0.5
"""The error at which a run has begun to learn: it is shown where the table counts no steps."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A chart of the share of seeds that have not reached an error yet, against steps: a survival curve.

    Attributes:
        panel: The label of the panel.
        level: The error, as a text: one of `steps_to` of the record, or that to which its statistic counts steps.
    """

    panel: str
    level: str

    def drawn(self, record: Record) -> Frame:
        """Fill the chart with the steps of the seeds in `record`."""
        shown = Quantity(f"seeds not at {100 * float(self.level):g} % error yet (%)", 100.0)
        counted = LEVELS.get(record["statistic"]) == float(self.level)
        lines = [
            Line(label, shown, *_stairs(every, last), None)
            for label, arm in record["panels"][self.panel].items()
            if (every := _steps_to(arm, self.level, counted=counted)) and (last := _last_step(arm)) is not None
        ]
        return Frame(self.panel, "steps", "curves", lines)


def _steps_to(arm: Mapping[str, Any], level: str, *, counted: bool) -> list[float | None]:
    """The steps of each seed to an error; the statistic if that is what is `counted` there; else none."""
    by_seed = arm["by_seed"]
    steps: list[float | None] = by_seed["steps_to"].get(level, by_seed["statistic"] if counted else [])
    return steps


def _last_step(arm: Mapping[str, Any]) -> int | None:
    return max((int(curve["steps"][-1]) for curve in arm["curves"].values()), default=None)


def _stairs(every: Sequence[float | None], last: int) -> tuple[list[int], list[float | None]]:
    """The corners of the curve up to the `last` step: steps, and the shares before and after each."""
    reached = sorted(int(step) for step in every if step is not None)
    shares = [1 - number / len(every) for number in range(len(reached) + 1)]
    steps = [0, *(step for step in reached for _ in range(2)), last]
    return steps, [share for share in shares for _ in range(2)]


def panel_by_panel(record: Record) -> list[Chart]:
    """Create a chart per quantity and panel of a record, followed by the survival curves and the profiles.

    The charts of all panels for one quantity are next to each other, so that a row of the figure compares panels.
    """
    curves: dict[str, list[Chart]] = {}
    waiting: list[Chart] = []
    profiles: list[Chart] = []
    for panel, arms in record["panels"].items():
        lines = {label: (panel, label) for label in arms}
        for name in dict.fromkeys(name for arm in arms.values() for name in arm["curves"]):
            curves.setdefault(name, []).append(LearningCurves(title=panel, lines=lines, quantities=(name,)))
        if arms and all(_has_many_seeds(arm) for arm in arms.values()):
            waiting.append(Waiting(panel=panel, level=f"{LEVELS.get(record['statistic'], BEGUN):g}"))
        profiles += [Profiles(panel=panel)] if arms and record.get("profile") is not None else []
    return [*(chart for one in curves.values() for chart in one), *waiting, *profiles]


def _has_many_seeds(arm: Mapping[str, Any]) -> bool:
    """Whether the arm is finished, and has numbers of enough seeds."""
    by_seed, finished = arm.get("by_seed"), arm["seeds"] == arm["seeds_planned"]
    return by_seed is not None and finished and len(by_seed["statistic"]) >= ENOUGH_SEEDS
