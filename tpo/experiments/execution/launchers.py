"""Launchers, which run cells, by name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from tpo.errors import PluginError, TPOError
from tpo.plugins import registry

if TYPE_CHECKING:
    from tpo.experiments.execution.messages import Launcher

HERE = "processes"
"""The launcher that is used unless another is asked for."""


def launching(name: str, *, address: str | None = None, jobs: int | None = None) -> AbstractContextManager[Launcher]:
    """The scope in which the launcher called `name` is there; what it started has ended when the scope does.

    Args:
        name: A registered name.
        address: Of what it connects to; a launcher may have none.
        jobs: How many cells run at once; as many as there are cores if `None`.

    Raises:
        UnknownNameError: There is none of that name.
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
