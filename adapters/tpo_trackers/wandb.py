"""Weights & Biases, online or offline as its own settings have it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = "tpo"


class Wandb:
    """A run in the project `tpo`, or the one that WANDB_PROJECT names."""

    def __init__(self, folder: Path) -> None:
        """Keep its files in `folder`."""
        self._folder = folder

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Begin the run, or take it up again; others that are open stay so."""
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
        """A row of its history."""
        self._run.log(dict(metrics), step=step)

    def finish(self) -> None:
        """Send what is left."""
        self._run.finish()
