"""What the parts of an experiment agree on: the version of its results, their record, and the names of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS_VERSION = 2
"""Raised with every change of what the same cell computes, so that older results are not taken for new ones."""

Record = dict[str, Any]
"""What an experiment came to, as JSON has it."""


def run_label(panel: str, arm: str) -> str:
    """What an arm of a panel is called in words."""
    return f"{panel}: {arm}"


def arms_of(record: Record) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The arms of a record, panel by panel: the label of the panel, that of the arm, and its numbers."""
    for panel, arms in record["panels"].items():
        for label, arm in arms.items():
            yield panel, label, arm
