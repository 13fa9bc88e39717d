"""Claims of the paper about its tables and figures, and the order in which it has them."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def claims() -> Mapping[str, str]:
    """A sentence per exhibit of the paper, by name, in the order of the paper."""
    text = resources.files("tpo.experiments.analysis").joinpath("claims.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def in_paper_order(exhibit: str) -> tuple[int, str]:
    """A key to sort names of exhibits by: the paper's, in its order, then all others by name."""
    names = list(claims())
    return (names.index(exhibit), "") if exhibit in names else (len(names), exhibit)
