"""What the paper says, as data: a file each for the numbers of its tables, further numbers, and its claims."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def paper_file(name: str) -> dict[str, Any]:
    """The content of the file of this `name` beside this module, by exhibit."""
    text = resources.files("tpo.experiments.analysis").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def published(exhibit: str, panel: str, arm: str) -> float | str | None:
    """The published number in the unit of the exhibit's statistic; a text where that is no number, `None` if none."""
    found = paper_file("published").get(exhibit, {}).get(panel, {}).get(arm)
    return found if found is None or isinstance(found, str) else float(found)


def claims() -> dict[str, str]:
    """A sentence per exhibit of the paper, by name, in the order of the paper."""
    return paper_file("claims")


def in_paper_order(exhibit: str) -> tuple[int, str]:
    """A key to sort names of exhibits by: the paper's, in its order, then all others by name."""
    names = list(claims())
    return (names.index(exhibit), "") if exhibit in names else (len(names), exhibit)
