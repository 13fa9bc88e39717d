"""Old names of modules and of what `tpo` offers: each still works, with a warning that says the new one."""

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
    "tpo.eager": "tpo.backends.eager",
    "tpo.groupings": "tpo.training.groupings",
    "tpo.hookspecs": "tpo.plugins.hookspecs",
    "tpo.methods": "tpo.plugins.method_table",
    "tpo.randomness": "tpo.training.randomness",
    "tpo.tasks": "tpo.training.task",
    "tpo.trackers": "tpo.experiments.tracking.tracker",
}
"""Where each module is now, by the name that it had."""

RENAMED = {"GivesMore": "ProvidesGroupFields", "MeasuresMore": "ReportsMetrics"}
"""The public names of `tpo` that have changed, by what they were."""


class _Finder:
    """Finds modules by their old names, as the import system asks for them."""

    def __init__(self) -> None:
        self._own_specs: dict[str, ModuleSpec | None] = {}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """How to import `name`, with a warning; `None` where it is no old name."""
        del path, target
        if name not in MOVED:
            return None
        warnings.warn(f"{name} is now {MOVED[name]}. Import that.", DeprecationWarning, stacklevel=2)
        return importlib.util.spec_from_loader(name, self)  # type: ignore[arg-type] # what it needs of a loader is here

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module under its new name."""
        module = importlib.import_module(MOVED[spec.name])
        self._own_specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own specification back, which the import system has just replaced."""
        old_name = module.__spec__.name if module.__spec__ else ""
        module.__spec__ = self._own_specs[old_name]


def with_old_names(public: Callable[[str], Any]) -> Callable[[str], Any]:
    """The attributes of `tpo`: those that `public` gives, and old ones with a warning."""

    def attribute(name: str) -> Any:
        if name not in RENAMED:
            return public(name)
        message = f"tpo.{name} is now tpo.{RENAMED[name]}. Use that."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return public(RENAMED[name])

    return attribute


def install() -> None:
    """Let old names be imported."""
    sys.meta_path.append(_Finder())
