"""The TensorBoard tracker: a folder of event files per run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "tensorboard"


class TensorBoard:
    """A writer of event files to `tensorboard/` in the output folder. It needs no TensorFlow."""

    def __init__(self, folder: Path) -> None:
        """Write event files below `folder`."""
        self._folder = folder / FOLDER

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Open an event file; files of earlier attempts are kept, and TensorBoard reads them as one."""
        from tensorboard.summary import Writer  # noqa: PLC0415 - an extra

        self._writer = Writer(str(self._folder / f"{_as_folder(name)} {config['id']}"))

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log a scalar per metric."""
        for tag, value in metrics.items():
            self._writer.add_scalar(tag, value, step)
        self._writer.flush()

    def finish(self) -> None:
        """Write everything and close the file."""
        self._writer.close()


def _as_folder(name: str) -> str:
    """Replace the characters of `name` that a folder's name cannot have."""
    return re.sub(r"[^\w=.,()-]+", " ", name).strip()
