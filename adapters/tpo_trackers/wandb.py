"""The Weights & Biases tracker, online or offline according to its own settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = "tpo"


class Wandb:
    """A run in the project named by WANDB_PROJECT, `tpo` by default."""

    def __init__(self, folder: Path) -> None:
        """Use `folder` for its files."""
        self._folder = folder

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Start the run, or resume it; other open runs stay open."""
        import wandb  # noqa: PLC0415 - an extra

        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=config["id"],
            name=name,
            group=config["group"],
            config=dict(config),
            dir=self._folder,
            resume="allow",
            reinit="create_new",
            settings=wandb.Settings(quiet=True, console="off", x_disable_stats=True),
        )

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log a row of metrics."""
        self._run.log(dict(metrics), step=step)

    def finish(self) -> None:
        """Send the remaining metrics and end the run."""
        self._run.finish()
