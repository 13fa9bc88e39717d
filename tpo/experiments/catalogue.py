"""All exhibits by name. Their names and those of the tasks are one namespace."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from tpo import plugins
from tpo.experiments import exhibits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.exhibit import Exhibit
    from tpo.hookspecs import TaskInfo

ALL = "all"
"""Stands for every exhibit."""


def catalogue() -> Mapping[str, Exhibit]:
    """The exhibits, in the order of their names."""
    found: dict[str, Exhibit] = {}
    for module in pkgutil.iter_modules(exhibits.__path__):
        loaded = importlib.import_module(f"{exhibits.__name__}.{module.name}")
        if exhibit := getattr(loaded, "EXHIBIT", None):
            found[exhibit.name] = exhibit
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def runnable_tasks() -> Mapping[str, TaskInfo]:
    """The registered tasks; one that is called like an exhibit is refused, and no other."""
    host = plugins.host()
    host.refuse_tasks({ALL, *catalogue()}, "the name of an exhibit")
    return host.tasks()


def taken_names() -> set[str]:
    """What `tpo run` knows already."""
    return {ALL, *catalogue(), *runnable_tasks()}


def _order(name: str) -> tuple[str, int]:
    """`table10` after `table9`."""
    letters = name.rstrip("0123456789")
    return letters, int(name.removeprefix(letters) or 0)
