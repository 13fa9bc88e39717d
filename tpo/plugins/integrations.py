"""Registering `tpo`'s types with array libraries, once for each library that is imported."""

from __future__ import annotations

import pkgutil
import sys
import threading
from typing import TYPE_CHECKING

from tpo.core.arrays.structure import structure_of
from tpo.core.group import Group
from tpo.plugins.checks import recordable
from tpo.plugins.registry import host

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.plugins.hookspecs import BackendInfo

STRUCTURES = (structure_of(Group),)
"""Classes to register as pytrees. Named tuples are not listed: libraries flatten them by themselves."""

_LOCK = threading.RLock()
_integrated: set[str] = set()


def integrate_imported(owner_name: Callable[[type], str | None]) -> None:
    """Call the `integration` of every backend whose library is imported, once per process.

    One that fails is recorded among the host's broken plug-ins; nothing is raised.

    Args:
        owner_name: As in `tpo.core.arrays.libraries`.
    """
    with _LOCK:
        for info in host().backends().values():
            if info.integration and info.name not in _integrated and _is_imported(info):
                _integrated.add(info.name)
                try:
                    pkgutil.resolve_name(info.integration)(STRUCTURES, owner_name)
                except Exception as error:  # noqa: BLE001 - whatever another version of the library raises
                    host().broken[info.name] = recordable(error)


def _is_imported(info: BackendInfo) -> bool:
    # `sys.modules[name] = None` marks a module that must not be imported.
    return all(sys.modules.get(name) is not None for name in info.array_modules)
