"""A bar that says how much is done, and how much time is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from rich.console import Console

SPEED_SECONDS = 600
"""The time left is guessed from the steps of this long: a step may take a minute."""


def progress_bar(console: Console, done: ProgressColumn) -> Progress:
    """A bar as wide as the terminal, gone when it is over; `done` says how far it is."""
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
