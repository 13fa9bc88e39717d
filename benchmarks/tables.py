"""Formatting the results of benchmarks as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

MEASURED = ("step", "first", "again", "memory")
Row = dict[str, Any]


def table(rows: Sequence[Row], backends: Sequence[str]) -> Table:
    """Format a row per work: seconds per step, share of the lower limit, seconds to the first step, memory."""
    shown = Table(
        title="Seconds per step (share of the limit), to the first step (again), peak MB", title_justify="left"
    )
    for column in ("work", "goal", "limit", *(f"{b}{what}" for b in backends for what in ("", ", first", ", MB"))):
        shown.add_column(column, justify="left" if column == "work" else "right", no_wrap=column == "work")
    for row in rows:
        cells = (cell for backend in backends for cell in _cells(row[backend], row["limit"]))
        shown.add_row(row["work"], f"{row['goal']:.3g}", f"{row['limit']:.3f}", *cells)
    return shown


def _cells(found: Row, limit: float) -> tuple[str, str, str]:
    again = "" if found["again"] is None else f" ({found['again']:.1f})"
    return (
        f"{found['step']:.3f} ({limit / found['step']:.0%})",
        f"{found['first']:.1f}{again}",
        f"{found['memory']:.0f}",
    )


def comparison(rows: Sequence[Row], baseline: Sequence[Row], backends: Sequence[str]) -> Table:
    """Format ratios to `baseline`: below 1 is better."""
    before = {row["work"]: row for row in baseline}
    shown = Table(title="Times the baseline: below 1 is better", title_justify="left")
    for column in ("work", *(f"{b}, {key}" for b in backends for key in MEASURED)):
        shown.add_column(column, justify="left" if column == "work" else "right", no_wrap=column == "work")
    for row in rows:
        if old := before.get(row["work"]):
            shown.add_row(row["work"], *(ratio(row[b][key], old[b][key]) for b in backends for key in MEASURED))
    return shown


def ratio(new: float | None, old: float | None) -> str:
    """Format `new / old`; `-` if either was not measured."""
    return "-" if new is None or old is None else f"{new / old:.2f}"
