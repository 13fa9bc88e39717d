"""The tracker `jsonl`, which needs nothing but the event log that every run writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Log:
    """A tracker that does nothing: the event log `events.jsonl`, which feeds all trackers, is always written."""

    def __init__(self, folder: Path) -> None:
        """Ignore the folder, which contains the log."""

    def start(self, name: str, config: Mapping[str, Any]) -> None:
        """Do nothing: the log is already open."""

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Do nothing: the log has the step."""

    def finish(self) -> None:
        """Do nothing: the log is complete."""
