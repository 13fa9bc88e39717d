"""The figures of an audit: those that people look at rather than read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.core.diagnostics import least_effective_size
from tpo.experiments.figures.drawing import COLORS, empty_figure
from tpo.rollouts.checks.policy import median, possible_choices
from tpo.rollouts.statistics import effective_sizes, log_ratios, paired

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from tpo.rollouts.rollouts import Rollouts

SIZE = (5.0, 3.2)
"""Size of a figure, in inches."""

MOST_POINTS = 2000
"""Points of a figure; of more rows, every n-th is drawn."""

QUARTILES = (25, 75)

TENTHS = 10

MOST_BARS = 40
"""Bars of the figure of sizes."""


class Drawing(NamedTuple):
    """A figure of an audit.

    Attributes:
        title: What it shows.
        needs: What the rollouts must tell for it, names in `Rollouts.available`.
        draw: The function that draws it.
    """

    title: str
    needs: tuple[str, ...]
    draw: Callable[[Rollouts], Figure]


def effective_size(rollouts: Rollouts) -> Figure:
    """Draw the effective sample size of p_old under each anchor: the median over groups, and the middle half."""
    figure, axes = _axes()
    for row, choice in enumerate(possible_choices(rollouts)):
        sizes, candidates = effective_sizes(rollouts, choice)
        known = sizes[np.isfinite(sizes)]
        if known.size:
            low, high = np.percentile(known, QUARTILES)
            axes.plot([low, high], [row, row], color=COLORS[row], linewidth=6, alpha=0.4, solid_capstyle="butt")
            axes.plot([median(known)], [row], "o", color=COLORS[row])
            axes.axvline(float(least_effective_size(median(candidates))), color="0.5", linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(possible_choices(rollouts))), [choice.label for choice in possible_choices(rollouts)])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.margins(y=0.2)
    axes.set_xlabel("effective candidates (dotted: the least to learn from)")
    return figure


def score_by_length(rollouts: Rollouts) -> Figure:
    """Draw the score of completions against their length, and the mean of each tenth of the lengths."""
    return _scatter(rollouts, rollouts.scores, "score", COLORS[0])


def log_ratio_by_length(rollouts: Rollouts) -> Figure:
    """Draw the log-ratio of completions, new to old log-prob, against their length."""
    return _scatter(rollouts, log_ratios(rollouts), "log-ratio, nats", COLORS[1])


def sizes(rollouts: Rollouts) -> Figure:
    """Draw how many groups have how many completions."""
    figure, axes = _axes()
    values, counts = np.unique(rollouts.sizes, return_counts=True)
    if len(values) <= MOST_BARS:
        axes.bar([f"{value}" for value in values], counts, color=COLORS[2])
    else:
        axes.hist(rollouts.sizes, bins=MOST_BARS, color=COLORS[2])
    axes.set_xlabel("completions in a group")
    axes.set_ylabel("groups")
    axes.yaxis.get_major_locator().set_params(integer=True)
    return figure


DRAWINGS = (
    Drawing("Effective sample size of the old policy", ("groups", "old_log_probs"), effective_size),
    Drawing("Score against length", ("length",), score_by_length),
    Drawing("Group sizes", (), sizes),
    Drawing("Log-ratio against length", ("length", "old_log_probs", "new_log_probs"), log_ratio_by_length),
)
"""The figures, in the order of the page."""


def _axes() -> tuple[Figure, Any]:
    figure = empty_figure(SIZE)
    return figure, figure.add_subplot()


def _scatter(rollouts: Rollouts, values: np.ndarray[Any, Any], label: str, color: str) -> Figure:
    figure, axes = _axes()
    lengths = rollouts.columns["length"]
    rows = np.flatnonzero(paired(values, lengths))
    shown = rows[:: max(-(-len(rows) // MOST_POINTS), 1)]
    axes.plot(lengths[shown], values[shown], "o", color=color, markersize=3, alpha=0.3, markeredgewidth=0)
    in_order = rows[np.argsort(lengths[rows], kind="stable")]
    tenths = [part for part in np.array_split(in_order, TENTHS) if part.size]
    axes.plot([lengths[part].mean() for part in tenths], [values[part].mean() for part in tenths], "-", color=color)
    axes.set_xlabel(f"length, {rollouts.length_unit} (line: mean of each tenth)")
    axes.set_ylabel(label)
    return figure
