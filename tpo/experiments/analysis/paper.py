"""Data of the paper, in files: the numbers of its tables, further numbers, and its claims."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def paper_file(name: str) -> dict[str, Any]:
    """Read a data file next to this module, by exhibit."""
    text = resources.files("tpo.experiments.analysis").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def published(exhibit: str, panel: str, arm: str) -> float | str | None:
    """The published number in the unit of the exhibit's statistic; a text such as a bound, or `None`."""
    found = paper_file("published").get(exhibit, {}).get(panel, {}).get(arm)
    return found if found is None or isinstance(found, str) else float(found)


def claims() -> dict[str, str]:
    """The paper's claim on each exhibit, a sentence by name, in the order of the paper."""
    return paper_file("claims")


def in_paper_order(exhibit: str) -> tuple[int, str]:
    """Sort key for exhibits: those of the paper in its order, then all others by name."""
    names = list(claims())
    return (names.index(exhibit), "") if exhibit in names else (len(names), exhibit)
