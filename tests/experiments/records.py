"""Records of exhibits, made by hand."""

from __future__ import annotations

from tpo.experiments.analysis.record import FORMAT
from tpo.experiments.catalogue import catalogue

FLAT = {"steps": [0, 1, 2], "mean": [1.0, 0.5, 0.25], "se": [0.1, 0.1, 0.05]}


def make_arm(**curves):
    """An arm with an error that halves, or with other curves."""
    return {
        "final_error": {"mean": 0.25, "se": 0.05, "median": 0.25},
        "steps_to_1pct": {"of_mean": None, "median": 41.0},
        "seconds_per_step": 0.25,
        "seeds": 2,
        "seeds_planned": 5,
        "ours": {"of_mean": None, "spread": None, "median": 41.0},
        "published": "never",
        "difference": None,
        "curves": curves or {"error": FLAT},
    }


def make_record(**changes):
    """The record of an exhibit with a panel that is done and one that is not begun."""
    return {
        "format": FORMAT,
        "exhibit": "table1",
        "title": "Steps <to> 1 %",
        "source": "Table 1",
        "note": "",
        "statistic": "steps to 1 %",
        "scale": "laptop",
        "backend": "jax",
        "deviations": ["trainer.seeds 5 instead of 20"],
        "completed": False,
        "panels": {"V=2": {"TPO": make_arm()}, "V=4": {}},
        "settings": {},
        "provenance": [],
        "cpu_seconds": 1.0,
        "peak_memory_mb": 1.0,
    } | changes


def record_of_exhibit(name, **curves):
    """All panels and arms of the exhibit of this `name`, with the same curves, or all of them falling."""
    exhibit = catalogue()[name]
    arm = make_arm(**(curves or dict.fromkeys(exhibit.curves, FLAT)))
    panels = {panel: dict.fromkeys(exhibit.arms, arm) for panel in exhibit.panels}
    return make_record(exhibit=name, title=exhibit.title, panels=panels)
