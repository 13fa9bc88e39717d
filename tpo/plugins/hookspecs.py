"""The hooks that a plug-in can implement. Importing this module imports no array library.

A plug-in is a module named by an entry point of the group `tpo`; importing it must be cheap. Its hooks return
descriptions, which name the real object as `"module:attribute"`; that is loaded on first use.
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
    """A registered name, and where to load the object that it stands for.

    Attributes:
        name: The name on the command line, unique among its kind.
        load: `"module:attribute"`, resolved on first use.
        summary: A description in a few words.
        requires: Import names of the libraries it needs, used to check that they are installed.
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
        array_modules: Top-level names of the modules that define its array types, as in `type(array).__module__`, so
            that its arrays are recognised without importing it.
        differentiates: Whether the object is a `tpo.backends.Autodiff` and can train.
        integration: `"module:attribute"` of a function `integrate(structures, owner_name)`. It is called once,
            the first time that `tpo` is used after the library was imported, whatever library the arrays are from. It
            registers the classes of `structures`, each a `Structure` of `tpo.core.arrays`, as pytrees; and it tells a
            compiler that traces Python that `owner_name`, a function of types, is constant. It imports nothing but the
            library.
        alongside: Environment variables for sharing the machine with other processes: set before the library is
            imported, they limit it to one thread and to the memory that it needs.
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
        default_backend: The backend it trains on by default.
    """

    default_backend: str


@dataclass(frozen=True, kw_only=True)
class ProblemsInfo(Info):
    """Problems for training language models. `load` names a frozen dataclass, a `tpo.Problems`."""


@dataclass(frozen=True, kw_only=True)
class TrackerInfo(Info):
    """A destination of metrics. `load` names a callable taking `folder=` and returning a `tpo.Tracker`.

    It is called once for each run that is reported. `folder` is the path of the output folder, shared with other runs.
    """


@dataclass(frozen=True, kw_only=True)
class LauncherInfo(Info):
    """A way to run cells. `load` names a function `scope(address, jobs)` that returns a context manager.

    `address` is the cluster to connect to, or `None`; `jobs` is the number of cells that run at once, or `None` for the
    launcher's default. The context manager yields a `Launcher` of `tpo.experiments.execution.messages`.
    """


@dataclass(frozen=True, kw_only=True)
class CheckInfo(Info):
    """A check of an installation, run by `tpo check NAME`. `load` names a function of no arguments.

    It returns an iterable of `tpo.Finding`, in the order in which they are to be shown.
    """


@dataclass(frozen=True, kw_only=True)
class BatchPlannerInfo(Info):
    """A trainer whose batches `tpo explain-batch` explains. `load` names a function `plan(arguments)`.

    `arguments` is a tuple of texts from the command line: settings or files, as that trainer takes them. It returns a
    `tpo.BatchPlan`.
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
def tpo_problems() -> Iterable[ProblemsInfo]:  # type: ignore[empty-body]
    """The problems for training language models that this plug-in offers. Never import their libraries here."""


@hookspec
def tpo_trackers() -> Iterable[TrackerInfo]:  # type: ignore[empty-body]
    """The trackers this plug-in offers. Never import their libraries here."""


@hookspec
def tpo_launchers() -> Iterable[LauncherInfo]:  # type: ignore[empty-body]
    """The launchers this plug-in offers. Never import their libraries here."""


@hookspec
def tpo_checks() -> Iterable[CheckInfo]:  # type: ignore[empty-body]
    """The checks of installations this plug-in offers. Never import the libraries here."""


@hookspec
def tpo_batch_planners() -> Iterable[BatchPlannerInfo]:  # type: ignore[empty-body]
    """The trainers whose batches this plug-in explains. Never import their libraries here."""
