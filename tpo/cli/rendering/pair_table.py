"""Printing the differences between the arms of a record, seed by seed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.text import Text

from tpo.cli.rendering.console import plain_table, print_table, terminal
from tpo.experiments.analysis.pairs import median_interval, pairs
from tpo.experiments.analysis.record import in_digits
from tpo.experiments.analysis.table import PANEL

if TYPE_CHECKING:
    from tpo.experiments.analysis.pairs import Pair
    from tpo.experiments.spec.schema import Record

NONE = "-"
"""Text for an interval that so few seeds do not have."""


def print_pairs(record: Record, reference: str) -> None:
    """Print a table with the difference of each arm to the arm called `reference`: median, interval, seeds.

    Raises:
        UnknownNameError: No panel has such an arm.
        InvalidArgumentError: The record has no numbers by seed.
    """
    found, console, table = pairs(record, reference), terminal(), plain_table()
    several = len({pair.panel for pair in found}) > 1
    for head in (PANEL, "arm") if several else ("arm",):
        table.add_column(head, overflow="fold")
    for head in (f"minus {reference},\nmedian", "95 % interval\nof the median", "seeds with a\nhigher number"):
        table.add_column(Text(head), justify="right")
    for pair in found:
        labels = (pair.panel, pair.arm) if several else (pair.arm,)
        table.add_row(*map(Text, labels), *_cells(pair))
    console.print(Text(f"{record['title']} ({record['source']}): {record['statistic']}"), soft_wrap=True)
    print_table(console, table)
    if any(math.isinf(difference) for pair in found for difference in pair.differences):
        console.print(Text(f"inf: the arm never gets there, {reference} does; -inf: the other way round."))


def _cells(pair: Pair) -> tuple[str, ...]:
    if not pair.differences:
        return NONE, NONE, NONE
    interval = median_interval(pair.differences)
    between = NONE if interval is None else f"{_text(interval.low)} to {_text(interval.high)}"
    return _text(pair.median), between, f"{pair.higher} of {len(pair.differences)}"


def _text(difference: float) -> str:
    return f"{difference}" if math.isinf(difference) else in_digits(difference)
