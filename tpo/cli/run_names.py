"""Names of runs in words: which panel, arm and seeds, and which folder if several plans run at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.experiments.spec.shared_cells import named_once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.planned import Plan


def runs_of(plans: Mapping[Path, Plan]) -> dict[str, Cell]:
    """The cells of all plans by a description in words, which begins with the folder if there are several plans."""
    return {
        _name(name, folder, plans): cell for folder, planned in plans.items() for name, cell in planned.runs().items()
    }


def named(plans: Mapping[Path, Plan], to_run: Mapping[Path, Sequence[Cell]]) -> dict[Path, dict[str, Cell]]:
    """Those cells of each plan that have to run, each once, by the same descriptions."""
    missing = {folder: {cell.digest for cell in cells} for folder, cells in to_run.items()}
    return {
        folder: {
            _name(name, folder, plans): cell
            for name, cell in named_once(planned.runs()).items()
            if cell.digest in missing[folder]
        }
        for folder, planned in plans.items()
    }


def _name(name: str, folder: Path, plans: Mapping[Path, Plan]) -> str:
    return f"{folder.name}: {name}" if len(plans) > 1 else name
