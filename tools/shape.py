"""Print structural figures of the source: its layout, and how much of it a run enters.

    python -m tools.shape                # a table
    python -m tools.shape --json FILE    # and the figures as JSON
    python -m tools.shape --root CLONE   # of another clone, with the libraries of this one

The source is the Python below `tools.source.SOURCES`. The docstring of its function defines each figure.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from tools.entered import RUN, STEP, entered_files
from tools.repeated import repeated_places
from tools.source import ROOT, circles, import_depth, import_graph, modules

WIDE = ("algorithms", "exhibits")
"""Folders that may contain any number of modules: one per algorithm, one per exhibit."""
SPECIAL = ("__init__", "__main__")


def loose_modules(root: Path) -> int:
    """Count the modules directly in `tpo/`, without `SPECIAL` ones."""
    return len([file for file in (root / "tpo").glob("*.py") if file.stem not in SPECIAL])


def widest_folder(root: Path) -> int:
    """Count the modules of the largest folder of the source, without `SPECIAL` ones; `WIDE` folders do not count."""
    counts = Counter(file.parent for file in modules(root).values() if file.stem not in SPECIAL)
    return max(count for folder, count in counts.items() if folder.name not in WIDE)


def source_lines(root: Path) -> int:
    """Count the lines of Python in the source, including blank lines and comments."""
    return sum(len(file.read_text().splitlines()) for file in modules(root).values())


def import_circles(root: Path) -> list[list[str]]:
    """List the import cycles of two or more modules, including imports for types and inside functions."""
    return [group for group in circles(import_graph(modules(root), types=True)) if len(group) > 1]


def figures(root: Path) -> dict[str, int]:
    """Compute all figures by name."""
    return {
        "loose modules in tpo/": loose_modules(root),
        "most modules in a folder": widest_folder(root),
        "files entered by `tpo run token-reversal`": entered_files(root, RUN),
        "files entered by one training step": entered_files(root, STEP),
        "import depth": import_depth(import_graph(modules(root), types=False)),
        "import circles, of types too": len(import_circles(root)),
        "lines of source": source_lines(root),
        "pairs of repeated places": len(repeated_places(root)),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tools.shape", description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a clone; default: this one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    found = figures(options.root.resolve())
    for name, value in found.items():
        print(f"{name:45}{value:>8,}")  # noqa: T201 - the table
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
