"""Trackio: a database on this machine, or a space that its own settings name."""

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
        """Trackio has a place of its own: TRACKIO_DIR."""
        del folder

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Begin the run, or take it up again."""
        import trackio  # noqa: PLC0415 - an extra

        # It would finish the run that was begun before in the same context.
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
        """A row."""
        self._run.log(dict(metrics), step=step)

    def finish(self) -> None:
        """Write what is left."""
        self._run.finish()
