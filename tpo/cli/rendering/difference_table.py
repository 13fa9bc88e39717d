"""Printing the differences between the arms of a record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.cli.rendering.console import plain_table, print_table, terminal, text
from tpo.experiments.analysis.differences import BY_MEAN, BY_MEDIAN, OF_MEANS, differences
from tpo.experiments.analysis.record import in_digits
from tpo.experiments.analysis.table import PANEL
from tpo.experiments.spec.schema import names_panels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tpo.experiments.analysis.differences import Difference, Estimate
    from tpo.experiments.analysis.intervals import Interval
    from tpo.experiments.spec.schema import Record

NONE = "-"
"""Text for what so few seeds, or the record, do not tell."""

AT_LEAST, AT_MOST = "at least ", "at most "
"""Beginnings of texts for numbers of which only one bound is known."""

METHODS: Mapping[str, str] = {BY_MEDIAN: "median", BY_MEAN: "mean", OF_MEANS: "of means"}
"""Names of the methods in the table."""


def print_differences(record: Record, reference: str) -> None:
    """Print a table with the difference of each arm to the arm called `reference`, or that there is none.

    Raises:
        UnknownNameError: No panel has such an arm.
        InvalidArgumentError: The record does not say how the seeds spread.
    """
    found, console, table = differences(record, reference), terminal(), plain_table()
    console.print(text(f"{record['title']} ({record['source']}): {record['statistic']}"), soft_wrap=True)
    if not found:
        console.print(
            text(f"Nothing to compare: no panel has {reference} and another arm with all seeds."), soft_wrap=True
        )
        return
    named = names_panels(record)
    for head in (PANEL, "arm") if named else ("arm",):
        table.add_column(head, overflow="fold")
    for head in (f"minus {reference}", "computed by", "95 % interval", "seeds: higher,\nequal, lower"):
        table.add_column(text(head), justify="right")
    shown = [_cells(difference) for difference in found]
    for difference, cells in zip(found, shown, strict=True):
        labels = (difference.panel, difference.arm) if named else (difference.arm,)
        table.add_row(*map(text, labels), *cells)
    print_table(console, table)
    for remark in _remarks(found, shown):
        console.print(text(remark), soft_wrap=True)


def _remarks(found: Sequence[Difference], shown: Sequence[Sequence[str]]) -> Iterator[str]:
    """Explain the methods and the texts that stand for numbers in the table."""
    yield from methods_in_words(difference.estimate for difference in found)
    if any(NONE in cells for cells in shown):
        yield f"{NONE}: there are too few seeds, or the record lacks the numbers."
    cells = [cell for row in shown for cell in row]
    if any(cell.startswith((AT_LEAST, AT_MOST)) for cell in cells):
        yield "at least, at most: some seeds did not reach the error in the steps that were run."
    if any(difference.undecided for difference in found):
        yield "Not counted: seeds in which neither arm reached the error, or one has no number."


def methods_in_words(estimates: Iterable[Estimate]) -> list[str]:
    """Explain how the numbers and intervals of `estimates` were computed, a line per method."""
    return [f"{METHODS[method]}: {method}." for method in dict.fromkeys(one.method for one in estimates)]


def _cells(difference: Difference) -> tuple[str, ...]:
    estimate = difference.estimate
    counts = f"{difference.higher}, {difference.equal}, {difference.lower} of {len(estimate.by_seed)}"
    shown = in_words(estimate.middle), METHODS[estimate.method], in_words(estimate.interval)
    return *shown, counts if estimate.by_seed else NONE


def in_words(interval: Interval | None) -> str:
    """Format a number, or bounds of one; a dash for none."""
    if interval is None:
        return NONE
    low, high = map(in_digits, interval)
    if interval.low == interval.high:
        return low
    if math.isinf(interval.low) and math.isinf(interval.high):
        return NONE
    if math.isinf(interval.high):
        return f"{AT_LEAST}{low}"
    return f"{AT_MOST}{high}" if math.isinf(interval.low) else f"{low} to {high}"
