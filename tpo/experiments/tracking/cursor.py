"""A tracker's position in the event log, stored in a file."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from tpo import files
from tpo.experiments.storage.decoding import LARGEST_FILE, Count, Strict, from_json

if TYPE_CHECKING:
    from pathlib import Path


class Kept(Strict):
    """The contents of a cursor's file.

    Attributes:
        reached: The position up to which events have been reported, in bytes.
        lost: The position from which reports of a run are lost, in bytes, by the digest of its cell.
    """

    reached: Count
    lost: dict[str, Count]


class Cursor:
    """A tracker's position in the event log, in bytes from its beginning.

    Attributes:
        reached: Events that end here or before have been reported.
        lost: Start positions of the runs whose reports the tracker has lost, by digest.
    """

    def __init__(self, path: Path) -> None:
        """Load the position from `path`, if it exists.

        Raises:
            ValueError: The file has other contents.
        """
        self._path = path
        try:
            kept = from_json(files.read(path, LARGEST_FILE), Kept | Count) if path.exists() else 0  # type: ignore[arg-type]
        except ValueError as error:
            raise ValueError(f"{path} says no longer what was reported; delete it to report all again") from error
        # Older versions wrote the number alone.
        whole = Kept(reached=kept, lost={}) if isinstance(kept, int) else kept
        self.reached: int = whole.reached
        self.lost: dict[str, int] = whole.lost

    def is_new(self, digest: str, start: int, end: int) -> bool:
        """Whether an event of a run, from `start` to `end` in the log, is still to be reported."""
        return end > self.reached or start >= self.lost.get(digest, math.inf)

    def save(self) -> None:
        """Write the position to its file."""
        files.replace(self._path, json.dumps({"reached": self.reached, "lost": self.lost}).encode())
