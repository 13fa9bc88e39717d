"""Printing the differences between the arms of a record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.cli.rendering.console import plain_table, print_table, terminal, text
from tpo.experiments.analysis.differences import BY_MEAN, BY_MEDIAN, OF_MEANS, differences
from tpo.experiments.analysis.record import in_digits
from tpo.experiments.analysis.table import PANEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.analysis.differences import Difference
    from tpo.experiments.spec.schema import Record

NONE = "-"
"""Text for what so few seeds, or the record, do not have."""

METHODS: Mapping[str, str] = {BY_MEDIAN: "median", BY_MEAN: "mean", OF_MEANS: "of means"}
"""Names of the methods in the table."""


def print_differences(record: Record, reference: str) -> None:
    """Print a table with the difference of each arm to the arm called `reference`: number, interval, seeds, method.

    Raises:
        UnknownNameError: No panel has such an arm.
        InvalidArgumentError: The record does not say how the seeds spread.
    """
    found, console, table = differences(record, reference), terminal(), plain_table()
    several = len({difference.panel for difference in found}) > 1
    for head in (PANEL, "arm") if several else ("arm",):
        table.add_column(head, overflow="fold")
    for head in (f"minus {reference}", "computed by", "95 % interval", "seeds with a\nhigher number"):
        table.add_column(text(head), justify="right")
    shown = [_cells(difference) for difference in found]
    for difference, cells in zip(found, shown, strict=True):
        labels = (difference.panel, difference.arm) if several else (difference.arm,)
        table.add_row(*map(text, labels), *cells)
    console.print(text(f"{record['title']} ({record['source']}): {record['statistic']}"), soft_wrap=True)
    print_table(console, table)
    for method in dict.fromkeys(difference.method for difference in found):
        console.print(text(f"{METHODS[method]}: {method}."), soft_wrap=True)
    if any(NONE in cells for cells in shown):
        console.print(text(f"{NONE}: too few seeds for it, or the record does not have it."), soft_wrap=True)
    if any("inf" in cell for cells in shown for cell in cells):
        inf = f"inf: the arm never gets there, {reference} does; -inf: the other way round."
        console.print(text(inf), soft_wrap=True)


def _cells(difference: Difference) -> tuple[str, ...]:
    interval = difference.interval
    between = NONE if interval is None else f"{_text(interval.low)} to {_text(interval.high)}"
    seeds = f"{difference.higher} of {len(difference.by_seed)}" if difference.by_seed else NONE
    return _text(difference.number), METHODS[difference.method], between, seeds


def _text(number: float) -> str:
    if math.isnan(number):
        return NONE
    return f"{number}" if math.isinf(number) else in_digits(number)
