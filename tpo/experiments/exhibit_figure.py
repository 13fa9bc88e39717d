"""The figure of an exhibit, from its record: a panel each, the mean over seeds and its standard error as a band."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.experiments.figure import COLORS, empty_figure, magnify_small_errors
from tpo.experiments.store import writing

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tpo.experiments.record import Record

FILES = ("figure.png", "figure.svg", "figure.pdf")
COLUMNS = 4
SMALL = 0.05
TINY = 1e-3
LEGEND_HANDLE = 0.65
"""Inches of a legend's entry without its label, at the usual size of letters."""
LEGEND_LETTER = 0.075
"""Inches, on average."""


class Quantity(NamedTuple):
    """How something measured is drawn.

    Attributes:
        label: Of its axis.
        factor: What its numbers are multiplied by.
        scale: Of its axis, as matplotlib calls it; `None` for one that follows from the numbers.
        floor: Where its axis ends, at the least: what is below is round-off.
    """

    label: str
    factor: float = 1.0
    scale: str | None = "linear"
    floor: float | None = None


QUANTITIES = {
    "error": Quantity("error (%)", 100.0, None),
    "test_error": Quantity("error on the test set (%)", 100.0, None),
    "misalignment": Quantity("misalignment", scale="log", floor=1e-8),
    "gradient_norm": Quantity("gradient norm", scale="log"),
    "failed_groups": Quantity("groups without a success (%)", 100.0),
    "weight_on_success": Quantity("weight of a success"),
    "weight_on_failure": Quantity("weight of a failure"),
    "effective_sample_size": Quantity("effective sample size"),
}


def draw(record: Record) -> Figure:
    """Each measured quantity against steps, a panel per panel of the exhibit and quantity; the profile beside them.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    filled = {panel: arms for panel, arms in record["panels"].items() if arms}
    panels = [panel for name, arms in filled.items() for panel in _panels(record, name, arms)]
    columns = min(COLUMNS, max(len(panels), 1))
    rows = max(math.ceil(len(panels) / columns), 1)
    figure = empty_figure((max(3.4 * columns, 5.0), 2.9 * rows + 0.6))
    labels = list(dict.fromkeys(label for arms in filled.values() for label in arms))
    styles = {label: _style(index) for index, label in enumerate(labels)}
    for index, panel in enumerate(panels):
        _draw_panel(figure.add_subplot(rows, columns, index + 1), panel, styles)
    if panels:
        drawn = dict(pair for axes in figure.axes for pair in zip(*axes.get_legend_handles_labels()[::-1], strict=True))
        handles = [drawn[label] for label in labels]
        columns = _legend_columns(figure.get_figwidth(), labels)
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
    figure.suptitle(record["title"], x=0.01, ha="left", fontsize="medium")
    return figure


def _legend_columns(inches: float, labels: list[str]) -> int:
    """As many as there is room for; each is as wide as the longest label."""
    return max(1, min(len(labels), int(inches / (LEGEND_HANDLE + LEGEND_LETTER * max(map(len, labels))))))


class Panel(NamedTuple):
    """What is drawn in one pair of axes.

    Attributes:
        title: Above them.
        along: The label of the horizontal one.
        quantity: What the vertical one shows.
        curves: By arm: where, `steps`, and what, `mean` and `se`.
    """

    title: str
    along: str
    quantity: Quantity
    curves: dict[str, dict[str, Any]]


def _panels(record: Record, title: str, arms: dict[str, Any]) -> list[Panel]:
    """Those of one panel of the exhibit."""
    names, profile = next(iter(arms.values()))["curves"], record.get("profile")
    found = [
        Panel(title, "steps", QUANTITIES.get(name, Quantity(name)), {arm: arms[arm]["curves"][name] for arm in arms})
        for name in names
    ]
    if profile is not None:
        curves = {label: {"steps": profile["positions"], **arm["profile"]} for label, arm in arms.items()}
        found.append(Panel(title, profile["label"], Quantity(profile["quantity"]), curves))
    return found


def _draw_panel(axes: Axes, panel: Panel, styles: dict[str, dict[str, Any]]) -> None:
    _, along, quantity, curves = panel
    for label, curve in curves.items():
        steps, mean = np.asarray(curve["steps"]), quantity.factor * np.asarray(curve["mean"], dtype=np.float64)
        axes.plot(steps, mean, label=label, marker="o" if len(steps) == 1 else None, **styles[label])
        if curve["se"] is not None:
            half = quantity.factor * np.asarray(curve["se"], dtype=np.float64)
            axes.fill_between(steps, mean - half, mean + half, color=styles[label]["color"], alpha=0.2, linewidth=0)
    means = np.concatenate([np.asarray(curve["mean"], dtype=np.float64) for curve in curves.values()])
    _scale(axes, quantity, float(np.min(means[np.isfinite(means)], initial=1.0)))
    axes.set_title(panel.title, loc="left", fontsize="small")
    axes.set_xlabel(along)
    axes.set_ylabel(quantity.label)
    axes.margins(x=0)
    axes.grid(visible=True, color="0.6", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _style(index: int) -> dict[str, Any]:
    """A colour each, and dashes where there are more arms than colours."""
    return {"color": COLORS[index % len(COLORS)], "linestyle": ("-", "--", ":")[index // len(COLORS) % 3]}


def _scale(axes: Axes, quantity: Quantity, least: float) -> None:
    """That of the quantity. Errors: logarithmic where they get small, down to 1 % where they get to 0."""
    if quantity.scale is not None:
        axes.set_yscale(quantity.scale)
        if quantity.floor is not None:
            axes.set_ylim(bottom=max(quantity.floor, axes.get_ylim()[0]))
    elif 0 < least < TINY:
        axes.set_yscale("log")
    else:
        if least < SMALL:
            magnify_small_errors(axes)
        axes.set_ylim(bottom=0)


def write(record: Record, folder: Path) -> list[Path]:
    """Draw `record` into `folder` as PNG, SVG and PDF; the files written.

    Raises:
        NotInstalledError: matplotlib is missing.
        OutputError: The folder cannot be written.
    """
    figure, paths = draw(record), [folder / name for name in FILES]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            figure.savefig(path, dpi=150)
    return paths
