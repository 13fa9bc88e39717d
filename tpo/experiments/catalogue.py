"""The catalogue of exhibits by name. Exhibits and tasks share one namespace."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

from tpo.experiments import exhibits
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.exhibit import Exhibit
    from tpo.plugins.hookspecs import TaskInfo

ALL = "all"
"""The name that means every exhibit."""


def catalogue() -> Mapping[str, Exhibit]:
    """Load the exhibits, in the order of their names."""
    found: dict[str, Exhibit] = {}
    for module in pkgutil.iter_modules(exhibits.__path__):
        loaded = importlib.import_module(f"{exhibits.__name__}.{module.name}")
        if exhibit := getattr(loaded, "EXHIBIT", None):
            found[exhibit.name] = exhibit
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def runnable_tasks() -> Mapping[str, TaskInfo]:
    """The registered tasks, without those that have the name of an exhibit."""
    host = registry.host()
    host.refuse_tasks({ALL, *catalogue()}, "the name of an exhibit")
    return host.tasks()


def taken_names() -> set[str]:
    """The names that `tpo run` already uses."""
    return {ALL, *catalogue(), *runnable_tasks()}


def _order(name: str) -> list[tuple[int, str]]:
    """Sort key of exhibits: `table10` after `table9`, and `figure5b` between `figure5` and `figure9`."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]
