"""The interface of trackers, which receive the metrics of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tracker(Protocol):
    """Receives the metrics of one run: one arm, for the seeds that are trained together.

    Its methods are called in one thread, which is not the one that trains; several trackers of a kind may be open at
    once. An exception is shown once and stops the reports to this kind of tracker; the next run of the same command
    continues where they stopped. After a `kill -9`, reports of the last second are repeated.
    """

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Start the run, or resume it.

        Args:
            name: A name that distinguishes the run in its group.
            config: The settings of the run, as plain data. `group` is the name of its group; `id` is unique, and stays
                the same when the run is resumed.
        """

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of a step, from 0, as means over seeds; numbers that are not finite are left out."""

    def finish(self) -> None:
        """End the run for now."""
