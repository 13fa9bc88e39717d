"""Shared definitions of experiments: the results version, records, and names of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS_VERSION = 2
"""Version of the numerical results, raised with every change of a cell's results, so that older ones are not reused."""

Record = dict[str, Any]
"""The record of an exhibit, as JSON data."""


def run_label(panel: str, arm: str) -> str:
    """The name of a run: its panel and arm."""
    return f"{panel}: {arm}"


def names_panels(record: Record) -> bool:
    """Whether the panels of a record are named: there are several, or it is a part of an exhibit that has several."""
    return bool(max(len(record["panels"]), record.get("panels_in_exhibit", 1)) > 1)


def arms_of(record: Record) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Iterate over the arms of a record: the labels of panel and arm, and the arm's numbers."""
    for panel, arms in record["panels"].items():
        for label, arm in arms.items():
            yield panel, label, arm
