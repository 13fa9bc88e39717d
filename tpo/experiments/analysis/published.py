"""The numbers that the paper published."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


def published(exhibit: str, panel: str, arm: str) -> float | str | None:
    """What the paper has in this place, in the unit of the exhibit's statistic; a text where that is no number."""
    found = _numbers().get(exhibit, {}).get(panel, {}).get(arm)
    return found if found is None or isinstance(found, str) else float(found)


@functools.cache
def _numbers() -> dict[str, Any]:
    return tomllib.loads(
        resources.files("tpo.experiments.analysis").joinpath("published.toml").read_text(encoding="utf-8")
    )
