"""Opening a launcher by its name."""

from __future__ import annotations

import inspect
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from tpo.plugins import registry
from tpo.plugins.checks import said
from tpo.plugins.contracts import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.experiments.execution.messages import Launcher

HERE = "processes"
"""Name of the default launcher."""

REMEDY = "Choose another one, or fix its plug-in."

METHODS = ("jobs", "running", "start", "hear", "stop", "kill")
"""What a `Launcher` has."""


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
    contract = Contract("launcher", name, "give a scope for an address and a number of jobs", REMEDY)
    with contract.calling():
        scope: Any = create(address, jobs)
    if not isinstance(scope, AbstractContextManager):
        raise contract.refusal(said(scope))
    return _opened(scope, name)


@contextmanager
def _opened(scope: AbstractContextManager[Any], name: str) -> Iterator[Launcher]:
    """Enter the scope of the launcher called `name`, and check what it gives.

    Raises:
        PluginError: It cannot be entered, or gives no launcher.
    """
    contract = Contract("launcher", name, f"give an object with {', '.join(METHODS)}", REMEDY)
    with ExitStack() as stack:
        with contract.calling():
            launcher = stack.enter_context(scope)
            # Looked up without calling properties: a cluster is only connected to when it is needed.
            found = [inspect.getattr_static(launcher, method, None) for method in METHODS]
        if None in found:
            raise contract.refusal(said(launcher))
        running = Contract("launcher", name, "start cells and report on them", REMEDY)
        yield cast("Launcher", _Called(launcher, running))


class _Called:
    """A launcher whose code is called under a contract."""

    def __init__(self, launcher: object, contract: Contract) -> None:
        self._launcher, self._contract = launcher, contract

    def __getattr__(self, name: str) -> Any:
        with self._contract.calling():
            found = getattr(self._launcher, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        with self._contract.calling():
            return method(*arguments)
