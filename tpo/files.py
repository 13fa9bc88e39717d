"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY = ".part"
"""The end of the name of a file that is being written."""


def replace(path: Path, content: bytes) -> None:
    """Put `content` in place of whatever `path` holds in one go: readers see the old or the new, never half.

    Raises:
        OSError: The operating system refuses; whatever `path` held is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
