"""The Trackio tracker: a database on this machine, or a space named in Trackio's settings."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = "tpo"


class Trackio:
    """A run in the project `tpo`."""

    def __init__(self, folder: Path) -> None:
        """Ignore the folder: Trackio writes to TRACKIO_DIR."""
        del folder

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Start the run, or resume it."""
        import trackio  # noqa: PLC0415 - an extra

        # A new context, since Trackio would finish an earlier run of the same context.
        self._run = contextvars.Context().run(
            trackio.init,
            project=PROJECT,
            name=f"{config['group']}: {name} ({config['id']})",
            group=config["group"],
            config=dict(config),
            resume="allow",
            embed=False,
            auto_log_cpu=False,
            auto_log_gpu=False,
        )

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log a row of metrics."""
        self._run.log(dict(metrics), step=step)

    def finish(self) -> None:
        """Write the remaining metrics and end the run."""
        self._run.finish()
