"""The log that every run keeps anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Log:
    """Adds nothing: all trackers are fed from `events.jsonl`, so whoever asks for it has it."""

    def __init__(self, folder: Path) -> None:
        """The log is in `folder`."""

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """It is there."""

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """It is there."""

    def finish(self) -> None:
        """It is written."""
