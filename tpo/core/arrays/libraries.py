"""The libraries of arrays that are met: which of them owns a type of array."""

from __future__ import annotations

import pkgutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FIND_OWNER = "tpo.plugins.registry:owner_of"
INTEGRATE = "tpo.plugins.integrations:integrate_imported"
"""Both looked up by name, so that the core imports nothing above it."""

_NAMES: dict[type, str | None] = {}
"""The name of the owner of each type seen so far."""

OWNERS: Any = ModuleType("owners")
"""The adapter of each library met so far, an attribute by its name."""


def owner_name(array_type: type) -> str | None:
    """The name in `OWNERS` of the library whose arrays have this type; `None` if no adapter is registered for it.

    A constant of the type, which is how an adapter may declare it to a compiler that cannot trace it.
    """
    if array_type not in _NAMES:
        owner = pkgutil.resolve_name(FIND_OWNER)(array_type)
        if owner is not None:
            setattr(OWNERS, owner.name, owner)
        _NAMES[array_type] = None if owner is None else owner.name
    return _NAMES[array_type]


class _Lookup(ModuleType):
    """`owner_name`, once the libraries that are imported by now know of it.

    A module, because `torch.compile` reads the attributes of modules while it traces, properties among them. It would
    trace a property of anything else, and fail in the code that imports plug-ins.
    """

    _modules_seen = 0

    @property
    def owner_name(self) -> Callable[[type], str | None]:
        """The function."""
        self.integrate()
        return owner_name

    def integrate(self) -> None:
        """Let the libraries know of the core that have been imported since the last time."""
        if len(sys.modules) != self._modules_seen:
            # Counted first: what is imported meanwhile is looked at the next time.
            seen = len(sys.modules)
            pkgutil.resolve_name(INTEGRATE)(owner_name)
            self._modules_seen = seen


LOOKUP = _Lookup("lookup")
