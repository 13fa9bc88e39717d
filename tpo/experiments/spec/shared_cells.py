"""Naming cells that panels, or exhibits, have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.cell import Cell


def named_once(runs: Mapping[str, Cell]) -> dict[str, Cell]:
    """Each cell once, by all of its names: panels may have cells in common."""
    names: dict[str, list[str]] = {}
    for name, cell in runs.items():
        names.setdefault(cell.digest, []).append(name)
    cells = {cell.digest: cell for cell in runs.values()}
    return {" = ".join(names[digest]): cell for digest, cell in cells.items()}
