"""What results have cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.storage.cells import CellResult


def cost(measured: Sequence[CellResult]) -> dict[str, float]:
    """`wall_seconds` of the steps of cells, `cpu_seconds` of all their attempts, and the highest `peak_memory_mb`.

    Cells at work side by side count with the seconds of each.
    """
    return {
        "wall_seconds": float(sum(one.arrays["seconds"].sum() for one in measured)),
        "cpu_seconds": sum(one.header["cpu_seconds"] for one in measured),
        "peak_memory_mb": max((one.header.get("peak_memory_mb", 0.0) for one in measured), default=0.0),
    }
