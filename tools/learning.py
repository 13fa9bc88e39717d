"""Rewards of several algorithms and seeds: a table of means and standard errors, and a figure."""

from __future__ import annotations

import json
import math
import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LAST = 10
"""The number of last steps whose mean reward is compared."""


def report(found: dict[str, list[list[float]]], folder: Path, *, xlabel: str, ylabel: str) -> None:
    """Print the table; write `summary.json` and `rewards.svg`.

    Args:
        found: The rewards of each step, by arm and seed.
        folder: Where to write.
        xlabel: What a step is.
        ylabel: What the reward is.
    """
    table = summary(found)
    (folder / "summary.json").write_text(json.dumps({"summary": table, "rewards": found}, indent=2) + "\n")
    draw(found, folder / "rewards.svg", xlabel=xlabel, ylabel=ylabel)
    for arm, parts in table.items():
        shown = ", ".join(f"{part} {one['mean']:.3f} ± {one['standard_error']:.3f}" for part, one in parts.items())
        print(f"{arm}: {shown}")  # noqa: T201 - the result
    print(folder / "rewards.svg")  # noqa: T201 - as above


def summary(found: dict[str, list[list[float]]]) -> dict[str, Any]:
    """The reward of the first and of the last steps of each arm: mean over seeds and its standard error."""

    def over_seeds(values: list[float]) -> dict[str, float]:
        error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
        return {"mean": statistics.fmean(values), "standard_error": error}

    return {
        arm: {
            "first step": over_seeds([one[0] for one in seeds]),
            f"last {LAST} steps": over_seeds([statistics.fmean(one[-LAST:]) for one in seeds]),
        }
        for arm, seeds in found.items()
    }


def draw(found: dict[str, list[list[float]]], file: Path, *, xlabel: str, ylabel: str) -> None:
    """Draw the mean over seeds, with a band of one standard error."""
    import matplotlib as mpl  # noqa: PLC0415 - only drawing needs it

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as above

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for arm, seeds in found.items():
        columns = list(zip(*seeds, strict=True))
        means = [statistics.fmean(column) for column in columns]
        steps = range(1, len(means) + 1)
        axes.plot(steps, means, label=f"{arm}, {len(seeds)} seeds" if len(seeds) > 1 else arm)
        if len(seeds) > 1:
            errors = [statistics.stdev(column) / math.sqrt(len(column)) for column in columns]
            low = [mean - error for mean, error in zip(means, errors, strict=True)]
            high = [mean + error for mean, error in zip(means, errors, strict=True)]
            axes.fill_between(steps, low, high, alpha=0.2)
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 1))
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})
