"""Writing to the output folder, with errors that give a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo import files
from tpo.errors import OutputError
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


def write(path: Path, content: bytes, use: Use = OUTPUT) -> None:
    """Replace the content of `path` atomically; create its folder if necessary, whose purpose is `use`.

    Raises:
        OutputError: The operating system refuses; whatever `path` held is still there.
    """
    with writing(path.parent, use):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, content)


def check_ours(path: Path, mark: bytes) -> None:
    """Raise an error if a file named by a user must not be replaced: it must be empty, or an earlier version.

    Args:
        path: As the user gave it.
        mark: Stands in every file of that kind.

    Raises:
        OutputError: It is another file, or none that can be replaced.
    """
    with writing(path.parent, OUTPUT):
        files.check_writable(path)
        if path.exists() and (content := path.read_bytes()) and mark not in content:
            message = f"an output must be new or made by tpo before; got {str(path)!r}, which is another file."
            raise OutputError(f"{message} Remove it, or choose another name.")
