"""The provenance of results: time, machine, software."""

from __future__ import annotations

import functools
import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import tpo
from tpo.experiments.storage import machine
from tpo.experiments.storage.commit import commit
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tpo.experiments.spec.cell import Cell


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The start time, machine and software of a run.

    Attributes:
        started_at: Start time, ISO 8601, in UTC.
        platform: Operating system and processor architecture.
        versions: Versions of Python, tpo, NumPy, the backend's libraries and the plug-ins used, by distribution.
        commit: The commit of tpo, if it runs from a repository or was installed from one.
        hardware: The machine's `processor`, `cores`, `memory_gib` and `gpus`.
    """

    started_at: str
    platform: str
    versions: Mapping[str, str]
    commit: str | None = None
    hardware: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Convert to a plain dictionary."""
        return asdict(self)


def provenance_of(cell: Cell) -> Provenance:
    """Collect the provenance of a cell that starts now."""
    return Provenance(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        platform=platform.platform(),
        versions=versions_of(cell),
        commit=commit(),
        hardware=machine.describe(),
    )


def distinct(provenances: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Deduplicate provenances, ignoring the start time; keep the earliest."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in sorted(provenances, key=itemgetter("started_at")):
        rest = {name: value for name, value in one.items() if name != "started_at"}
        found.setdefault(json.dumps(rest, sort_keys=True), one)
    return list(found.values())


def made_by(header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Read the provenances of all attempts at a cell from the header of its file; older files may have none."""
    return [*header.get("earlier", ()), *([header["provenance"]] if "provenance" in header else ())]


def versions_of(cell: Cell) -> dict[str, str]:
    """Look up the versions of Python, tpo and all libraries and plug-ins that a cell uses, by distribution."""
    info = registry.host().backends()[cell.backend]
    ours = {"python": platform.python_version(), "tpo": tpo.__version__}
    return ours | _versions({"numpy", *info.requires, *info.array_modules, *cell.foreign_code})


def _versions(modules: set[str]) -> dict[str, str]:
    """Look up the versions of the distributions that contain `modules`, by distribution."""
    distributions = distributions_of_packages()
    names = sorted({name for module in modules for name in distributions.get(module, ())})
    return {name: version(name) for name in names}


@functools.cache
def distributions_of_packages() -> Mapping[str, list[str]]:
    """The distributions of each package: looking them up takes a tenth of a second."""
    return packages_distributions()
