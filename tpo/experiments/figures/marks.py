"""Drawing lines in a pair of axes: as curves with a band, as points with error bars, as bars."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.figures.drawing import COLORS, magnify_small_errors
from tpo.experiments.spec.chart import STROKES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes

    from tpo.experiments.spec.chart import Frame, Line
    from tpo.experiments.spec.quantities import Quantity

SMALL = 5.0
"""Error in percent below which a linear axis would hide differences."""

TINY = 0.1
"""Error in percent: if errors stay above 0 and fall below this, the axis is logarithmic."""

BARS = 0.8
"""Share of a group's width that its bars take."""

GROUP_LETTERS = 8
"""Letters per line of the name of a group of bars."""


def draw(axes: Axes, frame: Frame, colors: Mapping[str, int], least: float, level: float) -> None:
    """Draw `frame`.

    Args:
        axes: Where to draw.
        frame: What to draw.
        colors: Indices of colours, by label.
        least: The least number that axes of this quantity show, here or beside it, which chooses their scale.
        level: The error that is marked by a line, from 0 to 1.
    """
    MARKS[frame.mark](axes, frame, colors)
    # An axis can only be logarithmic with a number of its own.
    if np.isfinite(least_of(frame)):
        _scale(axes, frame.quantities[0], least, 100 * level)
    axes.set_xlabel(frame.along)
    axes.set_ylabel(frame.label)
    axes.grid(visible=True, color="0.6", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def least_of(frame: Frame) -> float:
    """The least number of `frame` in the unit of its axis; infinite if there is none."""
    means = np.concatenate([_shown(line)[0] for line in frame.lines])
    return float(np.min(means[np.isfinite(means)], initial=np.inf))


def _curves(axes: Axes, frame: Frame, colors: Mapping[str, int]) -> None:
    for line in frame.lines:
        mean, half = _shown(line)
        style = _style(frame, line, colors)
        axes.plot(line.at, mean, label=line.label, **style)
        alone = np.flatnonzero(_alone(mean))
        if alone.size:
            axes.plot(np.asarray(line.at)[alone], mean[alone], "o", color=style["color"], markersize=4)
        if line.se is not None:
            axes.fill_between(line.at, mean - half, mean + half, color=style["color"], alpha=0.2, linewidth=0)
    axes.margins(x=0)
    if all(isinstance(at, int) for line in frame.lines for at in line.at):
        axes.locator_params(axis="x", integer=True)


def _points(axes: Axes, frame: Frame, colors: Mapping[str, int]) -> None:
    for line in frame.lines:
        mean, half = _shown(line)
        style = _style(frame, line, colors)
        axes.plot(line.at, mean, label=line.label, marker="o", **style)
        axes.errorbar(line.at, mean, half, fmt="none", ecolor=style["color"], capsize=3)
    places = sorted({at for line in frame.lines for at in line.at})
    axes.set_xscale("log", base=2)
    axes.set_xticks(places, [f"{place:g}" for place in places])


def _bars(axes: Axes, frame: Frame, colors: Mapping[str, int]) -> None:
    groups = list(dict.fromkeys(at for line in frame.lines for at in line.at))
    width = BARS / len(frame.lines)
    for number, line in enumerate(frame.lines):
        mean, half = _shown(line)
        color = _color(colors[line.label])
        places = [groups.index(at) + width * (number - (len(frame.lines) - 1) / 2) for at in line.at]
        look: dict[str, Any] = {"color": (color, 0.3), "edgecolor": color, "ecolor": color}
        drawn = axes.bar(places, mean, width, yerr=half, capsize=3, label=line.label, **look)
        shown = ["" if np.isnan(one) else f"{one:.3g}" for one in mean]
        axes.bar_label(drawn, labels=shown, padding=2, fontsize="x-small")
    axes.set_xticks(range(len(groups)), [textwrap.fill(group, GROUP_LETTERS) for group in groups], fontsize="small")
    axes.tick_params(axis="x", length=0)


MARKS: Mapping[str, Callable[[Axes, Frame, Mapping[str, int]], None]] = {
    "curves": _curves,
    "points": _points,
    "bars": _bars,
}


def _shown(line: Line) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Mean and standard error in the unit of the axis; NaN where they are missing or cannot be drawn."""
    quantity = line.quantity
    mean = quantity.offset + quantity.factor * np.asarray(line.mean, dtype=np.float64)
    if quantity.scale == "log":
        mean[mean <= 0] = np.nan
    se = np.full_like(mean, np.nan) if line.se is None else np.asarray(line.se, dtype=np.float64)
    return mean, abs(quantity.factor) * se


def _alone(mean: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Find isolated numbers, `[M]` boolean, of which no line is visible, since both neighbours are missing."""
    none = np.concatenate([[True], np.isnan(mean), [True]])
    alone: np.ndarray[Any, Any] = ~none[1:-1] & none[:-2] & none[2:]
    return alone


def _color(number: int) -> str:
    return COLORS[number % len(COLORS)]


def _style(frame: Frame, line: Line, colors: Mapping[str, int]) -> dict[str, Any]:
    """Choose a colour per label, and dashes for further quantities, or if there are more labels than colours."""
    number = colors[line.label]
    stroke = frame.quantities.index(line.quantity) + number // len(COLORS)
    return {"color": _color(number), "linestyle": STROKES[stroke % len(STROKES)]}


def _scale(axes: Axes, quantity: Quantity, least: float, level: float) -> None:
    """Set the scale of the quantity; errors are logarithmic if small, but linear below 1 % if they reach 0.

    Small errors have a line at `level`.
    """
    if quantity.scale is not None:
        axes.set_yscale(quantity.scale)
        _cut_below(axes, quantity.floor)
        return
    if 0 < least < TINY:
        axes.set_yscale("log")
    else:
        if least < SMALL:
            magnify_small_errors(axes)
        axes.set_ylim(bottom=0)
    if least < SMALL:
        axes.axhline(level, color="0.4", linewidth=0.8, linestyle=":")


def _cut_below(axes: Axes, floor: float | None) -> None:
    """End the axis at `floor` if it extends below it and has numbers above it."""
    low, high = axes.get_ylim()
    if floor is not None and low < floor < high:
        axes.set_ylim(bottom=floor)
