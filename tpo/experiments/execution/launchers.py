"""Launchers, which run cells, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.plugins import registry

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

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
    """
    host = registry.host()
    info = host.find("launcher", host.launchers(), name)
    scope: AbstractContextManager[Launcher] = registry.load("launcher", info)(address, jobs)
    return scope
