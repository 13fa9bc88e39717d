"""What a tracker is: something outside that follows the measurements of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tracker(Protocol):
    """Follows one run: one arm, for the seeds that are trained together.

    Its methods are called in one thread, which is not the one that trains; several trackers of a kind may be open at
    once. Whatever they raise is shown once, and ends the reports to this kind of tracker for now: the next call of the
    same command goes on where they ended. After a `kill -9`, what was reported in the last second comes again.
    """

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """The run begins, or is taken up again.

        Args:
            name: What tells it from the other runs in its group, in words.
            config: What is run, as plain data. Its `group` names what the run belongs to; its `id` is like no other,
                and the same when the run is taken up again.
        """

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Step number `step`, from 0, measured these means over seeds; numbers that are not finite are left out."""

    def finish(self) -> None:
        """Nothing more comes, for now."""
