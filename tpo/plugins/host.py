"""The host of plug-ins: which are installed, and what each of them offers by name."""

from __future__ import annotations

import itertools
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from tpo.errors import PluginError, UnknownNameError, unknown_name
from tpo.plugins import hookspecs
from tpo.plugins.checks import MOST, check_info, recordable, said
from tpo.plugins.discovery import unreadable
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
from tpo.plugins.source_code import package_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import EntryPoint

    from tpo.plugins.discovery import Damaged

InfoT = TypeVar("InfoT", bound=Info)


class PluginHost:
    """All plug-ins: those found through entry points, and those registered by hand.

    Attributes:
        broken: The error of each plug-in that could not be loaded, by its name.
        own_packages: The top-level packages of this project.
    """

    def __init__(self, found: Iterable[EntryPoint | Damaged]) -> None:
        """Load the plug-ins `found`. One that fails is recorded and does not stop the others."""
        self.broken: dict[str, Exception] = {}
        self.own_packages: frozenset[str] = frozenset({hookspecs.PROJECT})
        self._known: dict[str, Mapping[str, Any]] = {}
        self._taken: dict[str, dict[str, str]] = {}
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        for entry_point in self._ordered(found):
            try:
                with redirect_stdout(sys.stderr):  # what a plug-in prints is no part of a command's output
                    self.register(entry_point.load(), entry_point.name)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever a stranger's import raises, SystemExit too
                self.broken[entry_point.name] = recordable(error)

    def _ordered(self, found: Iterable[EntryPoint | Damaged]) -> list[EntryPoint | Damaged]:
        """Put built-in plug-ins first: if a name is offered twice, the first one is used."""
        own: list[EntryPoint | Damaged] = []
        strange: list[EntryPoint | Damaged] = []
        for entry_point in found:
            distribution: Any = getattr(entry_point, "dist", None)
            try:
                is_own = getattr(distribution, "name", None) == hookspecs.PROJECT
            except Exception as error:  # noqa: BLE001 - whatever reading a damaged file raises
                self.broken[entry_point.name] = unreadable(distribution, error)
                continue
            (own if is_own else strange).append(entry_point)
        self.own_packages |= {package_of(str(getattr(one, "value", ""))) for one in own}
        return own + strange

    def register(self, plugin: object, name: str) -> None:
        """Register a module or object that implements hooks of `tpo.plugins.hookspecs`.

        Raises:
            PluginError: The name is taken, there is no hook, or one is misspelt or takes other arguments.
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
            reason = said(error, lambda error: " ".join(str(error).split()))
            message = f"a plug-in must implement only hooks of tpo.plugins.hookspecs; got {name!r}: {reason}."
            raise PluginError(f"{message} Fix or uninstall it.") from error
        if not self._manager.get_hookcallers(plugin):
            self._manager.unregister(plugin)
            message = f"a plug-in must implement a hook of tpo.plugins.hookspecs; got {name!r}, which has none."
            raise PluginError(f"{message} Mark its hooks with tpo.hookimpl, and let dir() list them.")
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
            with redirect_stdout(sys.stderr):  # as above
                for info in itertools.islice(cast("Iterable[Any]", implementation.function()), MOST):
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
            raise self.unknown(kind, name, infos)
        return infos[name]

    def unknown(self, kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
        """Create the error for a name that is not among `known`, caused by the plug-ins that failed to load, if any."""
        error = unknown_name(kind, name, known, self._note_of_broken())
        error.__cause__ = (
            ExceptionGroup("plug-ins that failed to load", [*self.broken.values()]) if self.broken else None
        )
        return error

    def _note_of_broken(self) -> str:
        """A sentence that names the plug-ins that failed to load; empty if none did."""
        broken = ", ".join(f"{plugin} ({error})" for plugin, error in self.broken.items())
        return f" Plug-ins that failed to load: {broken}." if broken else ""
