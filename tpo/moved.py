"""Old import paths and old public names: each still works, with a warning that gives the new name."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

MOVED = {
    "tpo.arms": "tpo.training.arm",
    "tpo.builtin_algorithms": "tpo.plugins.builtin",
    "tpo.core.neutral_ops": "tpo.core.arrays.neutral_ops",
    "tpo.core.ops": "tpo.core.arrays.ops",
    "tpo.core.reductions": "tpo.core.losses.reductions",
    "tpo.core.standardize": "tpo.core.standardizing.standardize",
    "tpo.core.standardizer": "tpo.core.standardizing.standardizer",
    "tpo.core.standardizers": "tpo.core.standardizing.standardizers",
    "tpo.eager": "tpo.backends.eager",
    "tpo.groupings": "tpo.training.groupings",
    "tpo.hookspecs": "tpo.plugins.hookspecs",
    "tpo.methods": "tpo.plugins.method_table",
    "tpo.randomness": "tpo.training.randomness",
    "tpo.tasks": "tpo.training.task",
    "tpo.trackers": "tpo.experiments.tracking.tracker",
}
"""Old module names to new ones."""

RENAMED = {"GivesMore": "ProvidesGroupFields", "MeasuresMore": "ReportsMetrics"}
"""Old public names of `tpo` to new ones."""


class _Finder:
    """Import finder for the old names of modules."""

    def __init__(self) -> None:
        self._own_specs: dict[str, ModuleSpec | None] = {}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Find the module behind an old name, with a warning; `None` for any other name."""
        del path, target
        if name not in MOVED:
            return None
        warnings.warn(f"{name} is now {MOVED[name]}. Import that.", DeprecationWarning, stacklevel=2)
        return importlib.util.spec_from_loader(name, self)  # type: ignore[arg-type] # what it needs of a loader is here

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the module under its new name."""
        module = importlib.import_module(MOVED[spec.name])
        self._own_specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own specification, which the import system has just replaced."""
        old_name = module.__spec__.name if module.__spec__ else ""
        module.__spec__ = self._own_specs[old_name]


def with_old_names(public: Callable[[str], Any]) -> Callable[[str], Any]:
    """Extend `tpo`'s attribute lookup `public` by the old names, with a warning."""

    def attribute(name: str) -> Any:
        if name not in RENAMED:
            return public(name)
        message = f"tpo.{name} is now tpo.{RENAMED[name]}. Use that."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return public(RENAMED[name])

    return attribute


def install() -> None:
    """Install the finder of old module names."""
    sys.meta_path.append(_Finder())
