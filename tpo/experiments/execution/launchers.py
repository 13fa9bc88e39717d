"""Looking up launchers by name and opening them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.plugins import registry

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

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
    """
    host = registry.host()
    info = host.find("launcher", host.launchers(), name)
    scope: AbstractContextManager[Launcher] = registry.load("launcher", info)(address, jobs)
    return scope
