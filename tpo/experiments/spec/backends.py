"""Finding the backends that can run a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.backends.protocols import Autodiff, Runner
from tpo.errors import PluginError
from tpo.plugins import registry
from tpo.training.task import ClosedForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.plugins.hookspecs import BackendInfo


def trainable_backends() -> Mapping[str, BackendInfo]:
    """List the registered backends that differentiate, installed or not, by name."""
    return {name: info for name, info in registry.host().backends().items() if info.differentiates}


def usable_backends(task: Any) -> Mapping[str, BackendInfo]:
    """List the registered backends for `task`, or its class, by name.

    These are all if its updates are in closed form, else those that differentiate.
    """
    return registry.host().backends() if isinstance(task, ClosedForm) else trainable_backends()


def check_backend(name: str, task: Any) -> None:
    """Raise an error if `task` cannot run on a backend, without importing its library.

    Raises:
        UnknownNameError: No suitable backend has that name.
        NotInstalledError: Its library is missing.
    """
    info = registry.host().find("backend that trains", usable_backends(task), name)
    registry.check_installed("backend", info)


def create_backend(name: str, device: str | None, task: Any) -> Any:
    """Create a backend on a device for `task`. Imports its library.

    Raises:
        InvalidArgumentError: There is no such device.
        PluginError: The backend lacks what the task needs.
    """
    backend, needed = registry.backend(name, device), Runner if isinstance(task, ClosedForm) else Autodiff
    if not isinstance(backend, needed):
        message = f"the backend must implement tpo.{needed.__name__} to run this task; got {type(backend).__name__}."
        others = ", ".join(other for other in usable_backends(task) if other != name)
        raise PluginError(f"{message} Choose another one, of {others}, or fix its plug-in.")
    return backend
