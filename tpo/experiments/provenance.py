"""What a result was made with."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tpo
from tpo import plugins

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """When, where and with what a run was made.

    Attributes:
        started_at: ISO 8601, in UTC.
        platform: Operating system and processor architecture.
        versions: Of Python, tpo, NumPy and the backend's libraries, by distribution.
    """

    started_at: str
    platform: str
    versions: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return asdict(self)


def provenance_of(backend: str) -> Provenance:
    """The provenance of a run that starts now on the backend registered under `backend`."""
    info = plugins.host().backends()[backend]
    ours = {"python": platform.python_version(), "tpo": tpo.__version__}
    return Provenance(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        platform=platform.platform(),
        versions=ours | _versions({"numpy", *info.requires, *info.array_modules}),
    )


def peak_memory_mb() -> float:
    """The most memory this process has held; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not `getrusage`: on Linux its number begins with what the process that started this one held.
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024 / 1e6
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _versions(modules: set[str]) -> dict[str, str]:
    """The versions of the distributions that `modules` come from, by distribution."""
    distributions = packages_distributions()
    names = sorted({name for module in modules for name in distributions.get(module, ())})
    return {name: version(name) for name in names}
