"""How much of a log a tracker has, kept in a file."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from tpo import files
from tpo.experiments.storage.decoding import LARGEST_FILE, Count, Strict, from_json

if TYPE_CHECKING:
    from pathlib import Path


class Kept(Strict):
    """A cursor's file."""

    reached: Count
    lost: dict[str, Count]


class Cursor:
    """Where a tracker's reading of a log has come to, in bytes from its beginning.

    Attributes:
        reached: What ends here or before has been reported.
        lost: Of runs whose reports the tracker has lost, by digest: where they begin.
    """

    def __init__(self, path: Path) -> None:
        """Go on from `path`, if it is there.

        Raises:
            ValueError: It holds something else.
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
        """Whether what the log says from `start` to `end` about a run is still to be reported."""
        return end > self.reached or start >= self.lost.get(digest, math.inf)

    def save(self) -> None:
        """Write it."""
        files.replace(self._path, json.dumps({"reached": self.reached, "lost": self.lost}).encode())
