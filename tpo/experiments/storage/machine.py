"""Describing the machine of a run, and the memory that it took there."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

import psutil

CPUS = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia/gpus")
STATUS = Path("/proc/self/status")
"""Where Linux describes this process."""


def describe() -> dict[str, Any]:
    """Describe processor, usable cores, memory in GiB and NVIDIA GPUs."""
    return {"processor": processor(), "cores": cores(), "memory_gib": memory_gib(), "gpus": gpus()}


def processor() -> str:
    """The model of the processor, or its architecture where the system does not say more."""
    return next(iter(_values(CPUS, "model name")), platform.processor() or platform.machine())


def cores() -> int:
    """The number of cores that this process may use, which can be fewer than the machine has."""
    process = psutil.Process()
    # psutil offers it only where the system does.
    return len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else psutil.cpu_count() or 1


def memory_gib() -> float:
    """The machine's memory in GiB."""
    return float(round(psutil.virtual_memory().total / 2**30, 1))


def gpus() -> list[str]:
    """List the models of NVIDIA GPUs known to the driver."""
    return [model for file in sorted(GPUS.glob("*/information")) for model in _values(file, "Model")]


def peak_memory_mb() -> float:
    """The peak memory of this process in MB; 0 if the system does not report it."""
    # Not `getrusage`, if there is another way: on Linux its number starts from the memory of the parent process.
    for peak in _values(STATUS, "VmHWM"):
        return int(peak.split()[0]) * 1024 / 1e6
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _values(file: Path, name: str) -> list[str]:
    """Read the texts after `name:` in the lines of `file`; none if it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for key, _, value in pairs if key.strip() == name]
