"""Where cells run: launchers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import look_up
from tpo.plugins import registry
from tpo.plugins.hookspecs import Info

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tpo.experiments.execution.messages import Launcher

HERE = "processes"
"""The launcher that is used unless another is asked for."""

LAUNCHERS = {
    info.name: info
    for info in (
        Info(
            name=HERE,
            load="tpo.experiments.execution.processes:processes",
            summary="processes of this machine",
        ),
        Info(
            name="ray",
            load="tpo.experiments.execution.on_ray:on_ray",
            summary="actors of Ray, on this machine or a cluster",
            requires=("ray",),
            hint='pip install "tpo[ray]"',
        ),
    )
}
"""By name. Each `load` names a function of an address and a number of jobs, which gives the scope of a `Launcher`."""


def launching(name: str, *, address: str | None = None, jobs: int | None = None) -> AbstractContextManager[Launcher]:
    """The scope in which the launcher called `name` is there; what it started has ended when the scope does.

    Args:
        name: A name from `LAUNCHERS`.
        address: Of what it connects to; a launcher may have none.
        jobs: How many cells run at once; as many as there are cores if `None`.

    Raises:
        UnknownNameError: There is none of that name.
        NotInstalledError: A library that it needs is missing.
        InvalidArgumentError: It takes no address.
    """
    info = look_up("launcher", name, LAUNCHERS)
    scope: AbstractContextManager[Launcher] = registry.load("launcher", info)(address, jobs)
    return scope
