"""Writing to the output folder, with errors that give a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo import files
from tpo.folders import Use, writing

if TYPE_CHECKING:
    from pathlib import Path

OUTPUT = Use("output", "--output")
PROBE = ".probe"


def probe(folder: Path) -> None:
    """Check, before anything is trained, that `folder` can be written; create it if necessary.

    Raises:
        OutputError: The operating system refuses.
    """
    write(folder / PROBE, b"")
    (folder / PROBE).unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Replace the content of `path` atomically; create its folder if necessary.

    Raises:
        OutputError: The operating system refuses; whatever `path` held is still there.
    """
    with writing(path.parent, OUTPUT):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, content)
