"""Finding plug-ins, and loading the objects they offer by name."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import itertools
import pkgutil
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from tpo.errors import NotInstalledError, PluginError, TPOError, unknown_name
from tpo.plugins import hookspecs
from tpo.plugins.checks import MOST, check_info, recordable, said
from tpo.plugins.hookspecs import (
    AlgorithmInfo,
    BackendInfo,
    BatchPlannerInfo,
    CheckInfo,
    Info,
    LauncherInfo,
    ProblemsInfo,
    TaskInfo,
    TrackerInfo,
)
from tpo.plugins.installation import doable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import EntryPoint

    from tpo.backends.protocols import Backend

InfoT = TypeVar("InfoT", bound=Info)


class PluginHost:
    """All plug-ins: those found through entry points, and those registered by hand.

    Attributes:
        broken: The error of each plug-in that could not be loaded, by its name.
    """

    def __init__(self, found: Iterable[EntryPoint]) -> None:
        """Load the plug-ins `found`. One that fails is recorded and does not stop the others."""
        self.broken: dict[str, Exception] = {}
        self._known: dict[str, Mapping[str, Any]] = {}
        self._taken: dict[str, dict[str, str]] = {}
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        # Built-in plug-ins come first: if a name is offered twice, the first one is used.
        for entry_point in sorted(found, key=_is_strange):
            try:
                self.register(entry_point.load(), entry_point.name)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever a stranger's import raises, SystemExit too
                self.broken[entry_point.name] = recordable(error)

    def register(self, plugin: object, name: str) -> None:
        """Register a module or object that implements hooks of `tpo.plugins.hookspecs`.

        Raises:
            PluginError: The name is taken, or a hook is misspelt or takes other arguments.
        """
        if self._manager.has_plugin(name) or self._manager.is_registered(plugin):
            message = f"every plug-in must be registered once, under a name of its own; got {name!r} again."
            raise PluginError(f"{message} Uninstall or rename one.")
        try:
            # pluggy compares a plug-in with all others, which would fail later.
            bool(plugin == object())
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except Exception as error:
            if self._manager.is_registered(plugin):
                self._manager.unregister(plugin)
            message = f"a plug-in must implement only hooks of tpo.plugins.hookspecs; got {name!r}: {error}."
            raise PluginError(f"{message} Fix or uninstall it.") from error
        self._known.clear()

    def backends(self) -> Mapping[str, BackendInfo]:
        """The registered array libraries, by name."""
        return self._named("tpo_backends", BackendInfo)

    def algorithms(self) -> Mapping[str, AlgorithmInfo]:
        """The registered algorithms, by name."""
        return self._named("tpo_algorithms", AlgorithmInfo)

    def tasks(self) -> Mapping[str, TaskInfo]:
        """The registered tasks, by name."""
        return self._named("tpo_tasks", TaskInfo)

    def refuse_tasks(self, names: Iterable[str], why: str) -> None:
        """Remove tasks whose names are reserved, and record their plug-ins in `broken`.

        Args:
            names: The reserved names.
            why: What the names stand for.
        """
        self._reserve("tpo_tasks", names, why)

    def problems(self) -> Mapping[str, ProblemsInfo]:
        """The registered problems for training language models, by name."""
        return self._named("tpo_problems", ProblemsInfo)

    def refuse_problems(self, names: Iterable[str], why: str) -> None:
        """Remove problems whose names are reserved, and record their plug-ins in `broken`.

        Args:
            names: The reserved names.
            why: What the names stand for.
        """
        self._reserve("tpo_problems", names, why)

    def _reserve(self, hook: str, names: Iterable[str], why: str) -> None:
        taken = dict.fromkeys(names, why)
        if taken != self._taken.get(hook):
            self._taken[hook] = taken
            self._known.clear()

    def trackers(self) -> Mapping[str, TrackerInfo]:
        """The registered trackers, by name."""
        return self._named("tpo_trackers", TrackerInfo)

    def launchers(self) -> Mapping[str, LauncherInfo]:
        """The registered launchers, by name."""
        return self._named("tpo_launchers", LauncherInfo)

    def checks(self) -> Mapping[str, CheckInfo]:
        """The registered checks of installations, by name."""
        return self._named("tpo_checks", CheckInfo)

    def batch_planners(self) -> Mapping[str, BatchPlannerInfo]:
        """The trainers whose batches can be explained, by name."""
        return self._named("tpo_batch_planners", BatchPlannerInfo)

    def _named(self, hook: str, kind: type[Info]) -> Mapping[str, Any]:
        if hook not in self._known:
            self._known[hook] = self._collect(hook, kind)
        return self._known[hook]

    def _collect(self, hook: str, kind: type[Info]) -> Mapping[str, Any]:
        offered: dict[str, Info] = {}
        origin: dict[str, str] = {}
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            plugin = implementation.plugin_name
            for info in self._offered(implementation, kind):
                if info.name in self._taken.get(hook, {}):
                    self._refuse(info, plugin, self._taken[hook][info.name])
                elif info.name in offered:
                    self._refuse(info, plugin, f"which {origin[info.name]!r} offers too: that one is used")
                else:
                    offered[info.name], origin[info.name] = info, plugin
        return dict(sorted(offered.items()))

    def _refuse(self, info: Info, plugin: str, why: str) -> None:
        message = f"a plug-in must offer names of its own; got {info.name!r} from {plugin!r}, {why}."
        self.broken[plugin] = PluginError(f"{message} Rename it or uninstall the plug-in.")

    def _offered(self, implementation: pluggy.HookImpl, kind: type[Info]) -> list[Any]:
        """Call one hook and return its valid descriptions; errors are recorded and do not stop the others."""
        found: list[Any] = []
        try:
            offered = cast("Iterable[Any]", implementation.function())
            for info in itertools.islice(offered, MOST):
                try:
                    check_info(info, kind)
                    found.append(info)
                except PluginError as error:
                    self.broken[implementation.plugin_name] = error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a stranger's hook raises, SystemExit too
            self.broken[implementation.plugin_name] = recordable(error)
        return found

    def find(self, kind: str, infos: Mapping[str, InfoT], name: str) -> InfoT:
        """Look up the description registered under `name`.

        Raises:
            UnknownNameError: There is none; the nearest name is suggested, broken plug-ins are named.
        """
        if name not in infos:
            broken = ", ".join(f"{plugin} ({error})" for plugin, error in self.broken.items())
            raise unknown_name(kind, name, infos, f" Plug-ins that failed to load: {broken}." if broken else "")
        return infos[name]


def _is_strange(entry_point: EntryPoint) -> bool:
    return getattr(getattr(entry_point, "dist", None), "name", None) != hookspecs.PROJECT


@functools.cache
def host() -> PluginHost:
    """The plug-ins installed in this environment."""
    return PluginHost(entry_points(group=hookspecs.PROJECT))


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
        raise PluginError(f"{message} {recordable(error)}. Fix or reinstall it.") from error
    if not callable(found):
        message = f"a plug-in must name what can be called; got {info.load!r} for the {kind} {info.name!r},"
        raise PluginError(f"{message} which is {said(found)}. Fix or reinstall it.")
    return found


@functools.cache
def backend(name: str, device: str | None = None) -> Backend:
    """Create the backend registered under `name`, on `device` (the library's default if `None`).

    Raises:
        UnknownNameError: No backend has that name.
        NotInstalledError: Its library is missing.
        InvalidArgumentError: It has no such device.
    """
    info = host().find("backend", host().backends(), name)
    create = load("backend", info)
    try:
        created: Backend = create(device=device)
    except TPOError:
        raise
    except Exception as error:
        message = f"a backend must be created from a device; got {type(error).__name__}: {error}, for {name!r} on"
        raise PluginError(f"{message} {device!r}. Choose another device, or fix its plug-in.") from error
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
    return _dataclass("algorithm", info, "traits")


def task(name: str) -> Any:
    """Load the task class registered under `name`.

    Raises:
        UnknownNameError: No task has that name.
    """
    return _dataclass("task", host().find("task", host().tasks(), name))


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
    if not isinstance(found, type) or not dataclasses.is_dataclass(found):
        message = f"the {kind} must be a frozen dataclass; got {said(found)}, for {info.name!r}."
        raise PluginError(f"{message} Fix or uninstall its plug-in.")
    for attribute in attributes:
        if not hasattr(found, attribute):
            message = f"the {kind} must have `{attribute}`; got {said(found)} without, for {info.name!r}."
            raise PluginError(f"{message} Fix or uninstall its plug-in.")
    return found


@functools.cache
def owner_of(array_type: type) -> Backend | None:
    """Find the backend whose arrays have this type, or `None`. Imports no further array library."""
    roots = {base.__module__.partition(".")[0] for base in array_type.__mro__}
    for info in host().backends().values():
        if roots & set(info.array_modules) and not missing(info):
            return backend(info.name)
    return None
