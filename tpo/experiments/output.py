"""The output folder: what goes wrong in writing there is said with a remedy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tpo.errors import OutputError
from tpo.experiments import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The scope in which `folder` is written.

    Raises:
        OutputError: The operating system refuses.
    """
    try:
        yield
    except OSError as error:
        message = f"the output folder must be writable; got {str(folder)!r} ({error.strerror or error})."
        raise OutputError(f"{message} Make room or choose another one: --output.") from error


def write(path: Path, content: bytes) -> None:
    """Put `content` in place of whatever `path` holds, in one go; its folder is created if need be.

    Raises:
        OutputError: The operating system refuses; whatever `path` held is still there.
    """
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, content)
