"""Measure how the cost of a token-TPO step grows with batch, group size, length, vocabulary and number of seeds.

    python benchmarks/growth.py --figure growth.svg --json growth.json    # some six minutes

One thing varies at a time, around V=2, H=10, B=100, K=8 and one seed; each point is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track
from step import BACKENDS, apart
from work import TOKEN, Work

SIZES: dict[str, tuple[int, ...]] = {
    "batch size B": (25, 50, 100, 200, 400),
    "group size K": (4, 8, 16, 32),
    "length H": (5, 10, 20, 40),
    "vocabulary V": (2, 8, 32, 128),
    "seeds": (1, 2, 4, 8, 16),
}
COLORS = {"jax": "#0072b2", "torch": "#d55e00"}
Point = dict[str, Any]


def work_of(what: str, size: int) -> Work:
    """Build the work of token TPO with one size changed."""
    changed: dict[str, dict[str, Any]] = {
        "batch size B": {"arm": {"batch_size": size}},
        "group size K": {"arm": {"group_size": size}},
        "length H": {"task": TOKEN | {"length": size}},
        "vocabulary V": {"task": TOKEN | {"vocab_size": size}},
        "seeds": {"seeds": size},
    }
    usual = {"name": f"{what} {size}", "algorithm": "tpo", "task": TOKEN, "goal": 0.0, "steps": 7}
    return Work(**usual | changed[what])


def measure() -> list[Point]:
    """Measure every size on every backend."""
    cases = [(what, size, backend) for what, sizes in SIZES.items() for size in sizes for backend in BACKENDS]
    points = []
    for what, size, backend in track(cases, "measuring", console=Console(stderr=True)):
        # A fresh cache for every point: the same work occurs in several rows and would be compiled already.
        with tempfile.TemporaryDirectory() as cache:
            found = apart(backend, work_of(what, size), cache)
        points.append({"what": what, "size": size, "backend": backend} | found)
    return points


def draw(points: list[Point]) -> Figure:
    """Plot seconds per step and peak memory against each size, with logarithmic axes."""
    figure = Figure(figsize=(13, 5), layout="constrained")
    panels = figure.subplots(2, len(SIZES), sharex="col", sharey="row")
    for column, (what, sizes) in enumerate(SIZES.items()):
        for row, (measured, unit) in enumerate((("step", "seconds per step"), ("memory", "peak memory, MB"))):
            axes = panels[row, column]
            for backend, color in COLORS.items():
                ys = [p[measured] for p in points if p["what"] == what and p["backend"] == backend]
                axes.plot(sizes, ys, marker="o", color=color, label=backend)
            axes.set_xscale("log", base=2)
            axes.set_yscale("log")
            axes.set_xticks(sizes, [str(size) for size in sizes])
            axes.grid(visible=True, color="0.9")
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_ylabel(unit if column == 0 else "")
        panels[1, column].set_xlabel(what)
    panels[0, 0].legend(frameon=False)
    return figure


def main() -> None:
    """Measure, write the numbers and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", type=Path, default=Path("growth.svg"), help="where to draw (default: growth.svg)")
    parser.add_argument("--json", type=Path, default=Path("growth.json"), help="the numbers (default: growth.json)")
    options = parser.parse_args()
    points = measure()
    options.json.write_text(json.dumps(points, indent=2) + "\n")
    draw(points).savefig(options.figure)


if __name__ == "__main__":
    main()
