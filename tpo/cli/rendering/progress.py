"""A progress bar with the remaining time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from rich.console import Console

SPEED_SECONDS = 600
"""Seconds of history for estimating the remaining time: a step may take a minute."""


def progress_bar(console: Console, done: ProgressColumn) -> Progress:
    """Create a bar as wide as the terminal, removed at the end; `done` is the column that shows the progress."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        done,
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        expand=True,
        speed_estimate_period=SPEED_SECONDS,
    )
