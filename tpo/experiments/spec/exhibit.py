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
"""What can be reported: the error of each step, and that on a test set."""

PAPER = "paper"
"""The scale of the paper's exhibits at which nothing is changed."""

WHOLE = "full"
"""That scale of an exhibit of one's own, and of a run of a task."""

FINAL_ERROR = "final error, %"
"""The statistic of the last error that was measured."""

MOST_SEEDS = 10_000
"""A hundred times what the paper has; they are listed one by one."""


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """How long and how often.

    Attributes:
        steps: Rollouts per seed.
        seeds: How many seeds, from 0 on.
        seeds_per_cell: How many of them run together, and are stored and resumed together.
        dtype: `float32` or `float64`.

    Raises:
        InvalidArgumentError: A block would be empty.
    """

    steps: int
    seeds: int
    seeds_per_cell: int = 5
    dtype: str = "float32"

    def __post_init__(self) -> None:
        """Check that a block holds a seed."""
        if self.seeds_per_cell < 1:
            message = f"`trainer.seeds_per_cell` must be at least 1; got {self.seeds_per_cell}."
            raise InvalidArgumentError(f"{message} It is how many seeds run together.")

    @property
    def blocks(self) -> list[tuple[int, ...]]:
        """The seeds of each cell, from 0 on.

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
        settings: What is changed, by dotted name.
        panels: Which panels are kept; all if empty.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    panels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Several measured numbers at the end of training, drawn against something other than steps.

    Attributes:
        label: Of the axis along which they lie.
        quantity: Of the axis of the numbers.
        positions: Where each lies.
        names: What each is measured as.
    """

    label: str
    quantity: str
    positions: tuple[float, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A product of panels and arms, for some seeds.

    Attributes:
        name: As typed.
        title: What it shows.
        source: Where in the paper.
        task: A registered name.
        options: Fields of the task that differ from its defaults.
        arms: What is compared, by label.
        panels: Settings that differ from panel to panel, by dotted name, by label. `arm.` reaches all arms.
        trainer: How long and how often.
        scales: Smaller versions by name: `laptop`, `smoke`.
        whole: The name of the scale at which nothing is changed.
        error: Which of the errors that the task measures is reported: `error`, that of each step, or `test_error`.
        curves: What is drawn against steps: names of what the task measures.
        profile: What is drawn against something else, at the end of training; `None` for nothing.
        charts: What its figure is made of, out of its curves; each panel by itself if empty.
        statistic: What the table shows: a name from `tpo.experiments.analysis.statistics.STATISTICS`.
        measure: What it is a statistic of; the error if `None`.
        backend: The backend it is run on unless another is asked for.
        note: What a reader should know.

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
        """Check labels and names that nothing else would before the end."""
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
        """The names of all that it shows of what is measured, each once."""
        profile = () if self.profile is None else self.profile.names
        shown = (self.error, self.measure or self.error, *self.curves, *profile)
        return tuple(dict.fromkeys(shown))

    @property
    def all_scales(self) -> dict[str, Scale]:
        """The smaller ones, and the whole, unless one of them is called so."""
        return {**self.scales, self.whole: self.scales.get(self.whole, Scale())}
