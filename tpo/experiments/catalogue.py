"""All exhibits by name. Their names and those of the tasks are one namespace."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

from tpo import plugins
from tpo.errors import PluginError
from tpo.experiments import exhibits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.exhibit import Exhibit


def catalogue() -> Mapping[str, Exhibit]:
    """The exhibits, in the order of their names.

    Raises:
        PluginError: A task has the name of an exhibit.
    """
    found: dict[str, Exhibit] = {}
    for module in pkgutil.iter_modules(exhibits.__path__):
        loaded = importlib.import_module(f"{exhibits.__name__}.{module.name}")
        if exhibit := getattr(loaded, "EXHIBIT", None):
            found[exhibit.name] = exhibit
    for name in set(found) & set(plugins.host().tasks()):
        message = f"tasks and exhibits must have different names; got the task {name!r}, the name of an exhibit."
        raise PluginError(f"{message} Rename the task or uninstall its plug-in.")
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _order(name: str) -> list[tuple[int, str]]:
    """`table10` after `table9`, and `figure5b` between `figure5` and `figure9`."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]
