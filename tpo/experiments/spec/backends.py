"""The backends that can train."""

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
    """The registered backends that differentiate, installed or not, by name."""
    return {name: info for name, info in registry.host().backends().items() if info.differentiates}


def usable_backends(task: Any) -> Mapping[str, BackendInfo]:
    """The registered backends that `task`, or its class, may run on: all, if its updates are known in closed form."""
    return registry.host().backends() if isinstance(task, ClosedForm) else trainable_backends()


def check_backend(name: str, task: Any) -> None:
    """Refuse a backend that `task` cannot run on, without importing its library.

    Raises:
        UnknownNameError: None that it can run on has that name.
        NotInstalledError: Its library is missing.
    """
    info = registry.host().find("backend that trains", usable_backends(task), name)
    registry.check_installed("backend", info)


def create_backend(name: str, device: str | None, task: Any) -> Any:
    """The backend, on its device, ready to run `task`. Imports its library.

    Raises:
        InvalidArgumentError: There is no such device.
        PluginError: The backend lacks what the task needs.
    """
    backend, needed = registry.backend(name, device), Runner if isinstance(task, ClosedForm) else Autodiff
    if not isinstance(backend, needed):
        message = f"a backend to train on must implement tpo.{needed.__name__}; got {type(backend).__name__}."
        raise PluginError(f"{message} Choose another one, or fix its plug-in.")
    return backend
