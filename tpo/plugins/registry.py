"""Loading the objects that plug-ins offer, by name."""

from __future__ import annotations

import functools
import importlib.util
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

from tpo.core.algorithms.base import Traits
from tpo.errors import NotInstalledError, PluginError
from tpo.plugins import hookspecs
from tpo.plugins.checks import in_words, said
from tpo.plugins.contracts import Contract
from tpo.plugins.discovery import entry_points
from tpo.plugins.host import PluginHost
from tpo.plugins.installation import doable
from tpo.plugins.source_code import code_digests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Backend
    from tpo.plugins.hookspecs import Info, ProblemsInfo


@functools.cache
def host() -> PluginHost:
    """The plug-ins installed in this environment."""
    return PluginHost(entry_points(group=hookspecs.PROJECT))


def foreign_code(*, task: str, algorithm: str, backend: str) -> dict[str, str]:
    """Digests of the source code of the plug-ins that a training uses, by package, without those of this project."""
    tables = (host().tasks(), task), (host().algorithms(), algorithm), (host().backends(), backend)
    return code_digests((infos.get(name) for infos, name in tables), host().own_packages)


def installed_trainable() -> list[str]:
    """The registered backends that differentiate and whose libraries are installed, by name."""
    infos = host().backends().values()
    return [info.name for info in infos if info.differentiates and not missing(info)]


def missing(info: Info) -> tuple[str, ...]:
    """List the import names that `info` requires and this environment lacks."""
    return tuple(name for name in info.requires if not _is_installed(name))


def _is_installed(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - the package that would hold it is missing, or fails when it is imported
        return False


def check_installed(kind: str, info: Info) -> None:
    """Raise an error if a library that `info` requires is not installed. Imports none of them.

    Raises:
        NotInstalledError: A library is missing.
    """
    lacking = missing(info)
    if lacking:
        message = f"the {kind} must be installed; {info.name!r} is registered but {', '.join(lacking)} is missing."
        raise NotInstalledError(f"{message} Install it: {doable(info.hint)}.")


def load(kind: str, info: Info) -> Any:
    """Load the object that `info` describes.

    Raises:
        NotInstalledError: A library it needs is missing.
        PluginError: What it names cannot be loaded, or called.
    """
    check_installed(kind, info)
    try:
        found = pkgutil.resolve_name(info.load)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a stranger's import raises, SystemExit too
        message = f"a plug-in must name something that loads; got {info.load!r} for the {kind} {info.name!r}:"
        raise PluginError(f"{message} {in_words(error)}. Fix or reinstall it.") from error
    if not callable(found):
        message = f"a plug-in must name what can be called; got {info.load!r} for the {kind} {info.name!r},"
        raise PluginError(f"{message} which is {said(found)}. Fix or reinstall it.")
    return found


def backend(name: str, device: str | None = None) -> Backend:
    """The backend registered under `name`, on `device` (the library's default if `None`); the same one every time.

    Raises:
        UnknownNameError: No backend has that name.
        NotInstalledError: Its library is missing.
        InvalidArgumentError: It has no such device.
        PluginError: It does not start.
    """
    return _started(name, device)


@functools.cache
def _started(name: str, device: str | None) -> Backend:
    create = load("backend", host().find("backend", host().backends(), name))
    place = "its default device" if device is None else f"the device {device!r}"
    contract = Contract("backend", name, f"start on {place}", "Choose another device, or fix its plug-in.")
    with contract.calling():
        created: Backend = create(device=device)
    return created


def algorithm(name: str) -> Any:
    """Load the algorithm class registered under `name`.

    Raises:
        UnknownNameError: No algorithm has that name.
    """
    return loaded_algorithm(host().find("algorithm", host().algorithms(), name))


def loaded_algorithm(info: Info) -> Any:
    """Load the algorithm class that `info` describes.

    Raises:
        PluginError: It cannot be loaded, or is something else.
    """
    contract = Contract("algorithm", info.name, "have `traits`, of the class tpo.Traits")
    with contract.calling():
        found = _dataclass("algorithm", info, "traits")
        traits = found.traits
    if not isinstance(traits, Traits):
        raise contract.refusal(said(traits))
    return found


def task(name: str) -> Any:
    """Load the task class registered under `name`.

    Raises:
        UnknownNameError: No task has that name.
    """
    return _dataclass("task", host().find("task", host().tasks(), name))


def created_task(name: str, options: Mapping[str, Any]) -> Any:
    """Create the task registered under `name`.

    Args:
        name: The registered name.
        options: Fields of the task.

    Raises:
        UnknownNameError: No task has that name.
        InvalidArgumentError: The task refuses an option.
        PluginError: It raises something else.
    """
    cls = task(name)
    with Contract("task", name, "accept its options", "Choose others, or fix its plug-in.").calling():
        return cls(**options)


def problems(info: ProblemsInfo) -> Any:
    """Load the class of the problems that `info` describes.

    Raises:
        NotInstalledError: A library it needs is missing.
        PluginError: It cannot be loaded, or is something else.
    """
    return _dataclass("data set", info, "splits")


def _dataclass(kind: str, info: Info, *attributes: str) -> Any:
    """Load the dataclass that `info` describes, and check its attributes.

    Raises:
        PluginError: It is another object.
    """
    found = load(kind, info)
    if not isinstance(found, type) or not _is_frozen(found):
        message = f"the {kind} must be a frozen dataclass; got {said(found)}, for {info.name!r}."
        raise PluginError(f"{message} Fix or uninstall its plug-in.")
    for attribute in attributes:
        if not hasattr(found, attribute):
            message = f"the {kind} {info.name!r} must have `{attribute}`; got {said(found)}, which lacks it."
            raise PluginError(f"{message} Fix or uninstall its plug-in.")
    return found


def _is_frozen(cls: Any) -> bool:
    parameters: Any = getattr(cls, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


def owner_of(array_type: type) -> Backend | None:
    """Find the backend whose arrays have this type, or `None`. Imports no further array library."""
    roots = {base.__module__.partition(".")[0] for base in array_type.__mro__}
    for info in host().backends().values():
        if roots & set(info.array_modules) and not missing(info):
            return backend(info.name)
    return None
