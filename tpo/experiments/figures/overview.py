"""The table on top of the page: each exhibit, the claim of the paper, and our results."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.experiments.analysis.agreement import agreement
from tpo.experiments.analysis.paper import claims, in_paper_order
from tpo.experiments.analysis.table import number
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.plan import plan
from tpo.experiments.spec.schema import arms_of, run_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.spec.schema import Record

HEADS = ("exhibit", "the paper's claim", "results", "ours", "order of methods", "numbers", "of the published scale")

TENTH = 0.1
"""Shares below this are shown with two digits, others in whole percent."""


def ordered(records: Sequence[Record]) -> list[Record]:
    """Sort records in the order of the paper, with the scales and backends of an exhibit together."""
    return sorted(records, key=lambda record: (in_paper_order(record["exhibit"]), record["scale"], record["backend"]))


def row(record: Record) -> tuple[str, ...]:
    """Build a row of the table: texts for `HEADS`."""
    found = agreement(record)
    counts = {"reversed": found.reversed, "undecided": found.undecided}
    others = "".join(f", {count} {name}" for name, count in counts.items() if count)
    share, folder = published_share(record), folder_of(record)
    return (
        record["exhibit"],
        claims().get(record["exhibit"], ""),
        ", ".join(filter(None, (record["scale"], record["backend"], folder))),
        ours(record),
        f"{found.same} of {found.pairs} pairs{others}" if found.pairs else "",
        f"{found.near} of {found.numbers}" if found.numbers else "",
        "" if share is None else f"{100 * share:{'.2g' if share < TENTH else '.0f'}} %",
    )


def folder_of(record: Record) -> str:
    """The folder of a record below that of all results; empty if its name follows from exhibit, scale and backend."""
    usual = f"{record['exhibit']}-{record['scale']}-{record['backend']}"
    folder: str = record.get("folder", "")
    return "" if folder in {".", usual} else folder


def ours(record: Record) -> str:
    """Format the numbers of the first nonempty panel, the lowest first."""
    panel, arms = next(((panel, arms) for panel, arms in record["panels"].items() if arms), ("", {}))
    numbers = {label: arm["ours"]["of_mean"] for label, arm in arms.items()}
    in_order = sorted(numbers, key=lambda label: _size(numbers[label]))
    return f"{panel}: {', '.join(f'{label} {number(numbers[label]).text}' for label in in_order)}"


def _size(number: float | str | None) -> float:
    return math.inf if number is None or isinstance(number, str) else number


def published_share(record: Record) -> float | None:
    """The share of the whole exhibit's steps times seeds that was run; `None` for exhibits not in the catalogue."""
    exhibit = catalogue().get(record["exhibit"])
    if exhibit is None:
        return None
    whole = plan(exhibit, exhibit.whole, {}).cells
    planned = sum(cell.seed_steps for cells in whole.values() for cell in cells)
    run: int = sum(
        record["settings"][run_label(panel, label)]["steps"] * arm["seeds"]
        for panel, label, arm in arms_of(record)
        if run_label(panel, label) in record["settings"]
    )
    return run / planned
