"""An exhibit: a table or a figure of the paper as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError, unknown_name
from tpo.experiments.spec.schema import run_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.chart import Chart
    from tpo.training.arm import Arm

ERRORS = ("error", "test_error")
"""Errors that can be reported: the error of each step, and the error on a test set."""

PAPER = "paper"
"""Name of the full scale of the paper's exhibits."""

WHOLE = "full"
"""Name of the full scale of a user's own exhibit, and of a task run."""

FINAL_ERROR = "final error, %"
"""Name of the statistic for the final error."""

MOST_SEEDS = 10_000
"""Limit on the number of seeds, a hundred times the paper's; they are listed one by one."""


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Settings of the trainer.

    Attributes:
        steps: Rollouts per seed.
        seeds: The number of seeds, from 0 on.
        seeds_per_cell: The number of seeds that are run, stored and resumed together.
        dtype: `float32` or `float64`.

    Raises:
        InvalidArgumentError: A block would be empty.
    """

    steps: int
    seeds: int
    seeds_per_cell: int = 5
    dtype: str = "float32"

    def __post_init__(self) -> None:
        """Check that a block has at least one seed."""
        if self.seeds_per_cell < 1:
            message = f"`trainer.seeds_per_cell` must be at least 1; got {self.seeds_per_cell}."
            raise InvalidArgumentError(f"{message} It is how many seeds run together.")

    @property
    def blocks(self) -> list[tuple[int, ...]]:
        """Divide the seeds, from 0 on, into those of each cell.

        Raises:
            InvalidArgumentError: There would be none, or more than `MOST_SEEDS`.
        """
        if self.seeds < 1:
            message = f"`seeds` must be at least 1; got {self.seeds}."
            raise InvalidArgumentError(f"{message} It is how many seeds to run, from 0 on.")
        if self.seeds > MOST_SEEDS:
            raise InvalidArgumentError(f"`seeds` must be at most {MOST_SEEDS}; got {self.seeds}. Take fewer.")
        starts = range(0, self.seeds, self.seeds_per_cell)
        return [tuple(range(start, min(start + self.seeds_per_cell, self.seeds))) for start in starts]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A smaller version of an exhibit.

    Attributes:
        settings: Changed settings, by dotted name.
        panels: The panels that are kept; all if empty.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    panels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Several metrics at the end of training, drawn against positions instead of steps.

    Attributes:
        label: The label of the horizontal axis.
        quantity: The label of the vertical axis.
        positions: The position of each metric.
        names: The names of the metrics.
    """

    label: str
    quantity: str
    positions: tuple[float, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A product of panels and arms, for some seeds.

    Attributes:
        name: The name on the command line.
        title: The display title.
        source: The place in the paper.
        task: The registered name of the task.
        options: Fields of the task that differ from its defaults.
        arms: The arms to compare, by label.
        panels: Settings of each panel, by label: dotted names to values. `arm.` sets a field of all arms.
        trainer: The settings of the trainer.
        scales: Smaller versions by name: `laptop`, `smoke`.
        whole: The name of the full scale.
        error: The error that is reported: `error`, that of each step, or `test_error`.
        curves: Names of the metrics that are drawn against steps, of the arms that have them.
        profile: Metrics at the end of training that are drawn against positions; `None` for none.
        charts: The charts of its figure; one per panel if empty.
        statistic: The statistic of the table: a name from `tpo.experiments.analysis.statistics.STATISTICS`.
        measure: The metric of the statistic; the error if `None`.
        backend: The default backend.
        note: A remark for readers.

    Raises:
        UnknownNameError: A scale keeps a panel that there is not, or the error is none of `ERRORS`.
        InvalidArgumentError: The label of an arm is empty or begins with `_`, or two places have one name.
    """

    name: str
    title: str
    source: str
    task: str
    options: Mapping[str, Any] = field(default_factory=dict)
    arms: Mapping[str, Arm]
    panels: Mapping[str, Mapping[str, Any]]
    trainer: Trainer
    scales: Mapping[str, Scale]
    statistic: str
    measure: str | None = None
    error: str = "error"
    curves: tuple[str, ...] = ("error",)
    profile: Profile | None = None
    charts: tuple[Chart, ...] = ()
    whole: str = PAPER
    backend: str = "jax"
    note: str = ""

    def __post_init__(self) -> None:
        """Check labels and names, which would otherwise fail only at the end."""
        if self.error not in ERRORS:
            raise unknown_name("error to report", self.error, ERRORS)
        for label in self.arms:
            if not label or label.startswith("_"):
                message = f"the label of an arm must begin with anything but '_'; got {label!r}."
                raise InvalidArgumentError(f"{message} Choose another: legends leave such labels out.")
        places = [run_label(panel, label) for panel in self.panels for label in self.arms]
        if len(set(places)) < len(places):
            twice = next(name for name in places if places.count(name) > 1)
            message = f"panels and arms must tell each run from the others; got {twice!r} twice, in {self.name}."
            raise InvalidArgumentError(f"{message} Choose labels without ': '.")
        for label, scale in self.scales.items():
            for panel in scale.panels:
                if panel not in self.panels:
                    raise unknown_name(f"panel of {self.name}, at scale {label}", panel, self.panels)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the metrics that every arm must have, each once."""
        profile = () if self.profile is None else self.profile.names
        return tuple(dict.fromkeys((self.error, self.measure or self.error, *profile)))

    @property
    def all_scales(self) -> dict[str, Scale]:
        """The names of all scales: the smaller ones, and the full one unless a smaller one has its name."""
        return {**self.scales, self.whole: self.scales.get(self.whole, Scale())}
