"""Looking up launchers by name and opening them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from tpo.errors import PluginError, TPOError
from tpo.plugins import registry

if TYPE_CHECKING:
    from tpo.experiments.execution.messages import Launcher

HERE = "processes"
"""Name of the default launcher."""


def launching(name: str, *, address: str | None = None, jobs: int | None = None) -> AbstractContextManager[Launcher]:
    """Open the launcher called `name`; everything that it started has ended when the scope is left.

    Args:
        name: The registered name.
        address: The cluster to connect to, for launchers that connect to one.
        jobs: The number of cells that run at once; the number of cores if `None`.

    Raises:
        UnknownNameError: No launcher has that name.
        NotInstalledError: A library that it needs is missing.
        InvalidArgumentError: It takes no address.
        PluginError: It is no launcher.
    """
    host = registry.host()
    info = host.find("launcher", host.launchers(), name)
    create = registry.load("launcher", info)
    try:
        scope: AbstractContextManager[Launcher] = create(address, jobs)
    except TPOError:
        raise
    except Exception as error:
        raise _unusable(name, f"{type(error).__name__}: {error}") from error
    if not isinstance(scope, AbstractContextManager):
        raise _unusable(name, repr(scope))
    return scope


def _unusable(name: str, came: str) -> PluginError:
    message = f"a launcher must give a scope for an address and a number of jobs; got {came}, from {name!r}."
    return PluginError(f"{message} Choose another one, or fix its plug-in.")
