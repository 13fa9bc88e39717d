"""Atomic writing of files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY = ".part"
"""Suffix of a file that is being written."""


def replace(path: Path, content: bytes) -> None:
    """Replace the content of a file atomically: readers see the old content or the new, never a part.

    Raises:
        OSError: The operating system refuses; the old content is still there.
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
