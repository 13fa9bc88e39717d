"""What a plug-in can offer. Importing this module imports no array library.

A plug-in is a module named by an entry point of the group `tpo`; it must itself be light to import. Its hooks
return descriptions, which name the real object as `"module:attribute"`; that is loaded on first use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PROJECT = "tpo"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, kw_only=True)
class Info:
    """A name, and where to load what it stands for.

    Attributes:
        name: Unique among its kind, as typed on the command line.
        load: `"module:attribute"`, resolved on first use.
        summary: What it is, in a few words.
        requires: Import names of the libraries it needs, to tell whether it can be used.
        hint: The command that installs them.
    """

    name: str
    load: str
    summary: str = ""
    requires: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class BackendInfo(Info):
    """An array library. `load` names a callable taking `device=` and returning a `tpo.backends.Backend`.

    Attributes:
        array_modules: Roots of the modules that its array types are defined in, as in
            `type(array).__module__`, so that its arrays are recognised without importing it.
        differentiates: Whether the object is a `tpo.backends.Autodiff` and can train.
        integration: `"module:attribute"` of a function `integrate(structures, owner_name)`, called once when `tpo` is
            used with the library imported, by whatever arrays. It makes the classes of `structures`, each a
            `Structure` of `tpo.core.arrays`, known to the library's transforms, as pytrees; and tells a compiler that
            traces Python that `owner_name`, a function of types, is constant. It imports the library and no more.
        alongside: Environment variables that, set before the library is imported, leave the rest of the machine to
            other processes: they keep it to one thread, and to the memory that it needs.
    """

    array_modules: tuple[str, ...]
    differentiates: bool = False
    integration: str = ""
    alongside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AlgorithmInfo(Info):
    """An algorithm. `load` names a frozen dataclass, a `tpo.core.algorithms.base.Algorithm`."""


@dataclass(frozen=True, kw_only=True)
class TaskInfo(Info):
    """A task. `load` names a frozen dataclass, a `tpo.training.task.Task`.

    Attributes:
        default_backend: The backend it trains on unless asked otherwise.
    """

    default_backend: str


@dataclass(frozen=True, kw_only=True)
class TrackerInfo(Info):
    """Where measurements are reported to. `load` names a callable taking `folder=` and returning a `tpo.Tracker`.

    It is called once for each run that is reported. `folder` is the path of the output folder, shared with others.
    """


@dataclass(frozen=True, kw_only=True)
class LauncherInfo(Info):
    """Where cells run. `load` names a function `scope(address, jobs)` that gives the scope of a launcher.

    `address` is what to connect to, or `None`; `jobs` how many cells run at once, or `None` for the launcher's own
    choice. What the scope gives is a `Launcher` of `tpo.experiments.execution.messages`.
    """


@hookspec
def tpo_backends() -> Iterable[BackendInfo]:  # type: ignore[empty-body]
    """The array libraries this plug-in adapts. Never import the library here."""


@hookspec
def tpo_algorithms() -> Iterable[AlgorithmInfo]:  # type: ignore[empty-body]
    """The algorithms this plug-in offers."""


@hookspec
def tpo_tasks() -> Iterable[TaskInfo]:  # type: ignore[empty-body]
    """The tasks this plug-in offers."""


@hookspec
def tpo_trackers() -> Iterable[TrackerInfo]:  # type: ignore[empty-body]
    """The trackers this plug-in offers. Never import their libraries here."""


@hookspec
def tpo_launchers() -> Iterable[LauncherInfo]:  # type: ignore[empty-body]
    """The launchers this plug-in offers. Never import their libraries here."""
