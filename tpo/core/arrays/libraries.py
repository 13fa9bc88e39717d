"""Finding the array library, and its adapter, that owns a type of array."""

from __future__ import annotations

import pkgutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FIND_OWNER = "tpo.plugins.registry:owner_of"
INTEGRATE = "tpo.plugins.integrations:integrate_imported"
"""Where the plug-ins' functions are. They are resolved by name, so that the core imports nothing above it."""

_NAMES: dict[type, str] = {}
"""Cache of owner names by array type. A type without an owner is not in it: its adapter may yet be registered."""

OWNERS: Any = ModuleType("owners")
"""Cache of adapters: one attribute per library, under its name."""


def owner_name(array_type: type) -> str | None:
    """The name in `OWNERS` of the library whose arrays have this type; `None` if no adapter is registered for it.

    The result depends on the type alone, so an adapter may declare it constant to a compiler that cannot trace it.
    """
    if array_type not in _NAMES:
        owner = pkgutil.resolve_name(FIND_OWNER)(array_type)
        if owner is None:
            return None
        setattr(OWNERS, owner.name, owner)
        _NAMES[array_type] = owner.name
    return _NAMES[array_type]


class _Lookup(ModuleType):
    """Access to `owner_name` that first integrates the libraries imported by now.

    It is a module because `torch.compile` evaluates attributes of modules, including properties, while it traces. A
    property of any other object would itself be traced, which fails in the code that imports plug-ins.
    """

    _modules_seen = 0

    @property
    def owner_name(self) -> Callable[[type], str | None]:
        """The function `owner_name`, after an update of the integrations."""
        self.integrate()
        return owner_name

    def integrate(self) -> None:
        """Run the integration of every array library that was imported since the last call."""
        if len(sys.modules) != self._modules_seen:
            # Counted before the call: modules imported during it are looked at the next time.
            seen = len(sys.modules)
            pkgutil.resolve_name(INTEGRATE)(owner_name)
            self._modules_seen = seen


LOOKUP = _Lookup("lookup")
