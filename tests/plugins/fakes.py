"""Fake plug-ins, and entry points for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tpo import AlgorithmInfo, BackendInfo, LauncherInfo, ProblemsInfo, TaskInfo, TrackerInfo, hookimpl


@dataclass(frozen=True)
class FakeEntryPoint:
    """A fake `importlib.metadata.EntryPoint` with the parts that a host uses."""

    name: str
    found: Any

    def load(self) -> Any:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


class Offers:
    """A plug-in that offers given descriptions."""

    def __init__(self, *infos: Any) -> None:
        self._infos = infos

    @hookimpl
    def tpo_algorithms(self) -> Any:
        return [info for info in self._infos if isinstance(info, AlgorithmInfo)]

    @hookimpl
    def tpo_backends(self) -> Any:
        return [info for info in self._infos if isinstance(info, BackendInfo)]

    @hookimpl
    def tpo_tasks(self) -> Any:
        return [info for info in self._infos if isinstance(info, TaskInfo)]

    @hookimpl
    def tpo_problems(self) -> Any:
        return [info for info in self._infos if isinstance(info, ProblemsInfo)]

    @hookimpl
    def tpo_trackers(self) -> Any:
        return [info for info in self._infos if isinstance(info, TrackerInfo)]

    @hookimpl
    def tpo_launchers(self) -> Any:
        return [info for info in self._infos if isinstance(info, LauncherInfo)]


class Misspelt:
    """A plug-in whose hook does not exist."""

    @hookimpl
    def tpo_algoritms(self) -> Any:
        return ()

    def __repr__(self) -> str:
        return "<misspelt>"


class WithArgument:
    """A plug-in whose hook has an unknown argument."""

    @hookimpl
    def tpo_algorithms(self, config: Any) -> Any:
        del config
        return ()


class Returns:
    """A plug-in whose hook returns or raises a given object."""

    def __init__(self, result: Any) -> None:
        self._result = result

    @hookimpl
    def tpo_algorithms(self) -> Any:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


def algorithm(name: str, load: str = "tpo.core.algorithms.tpo:TPO", **more: Any) -> AlgorithmInfo:
    return AlgorithmInfo(name=name, load=load, **more)
