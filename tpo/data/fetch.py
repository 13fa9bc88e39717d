"""Fetching a data set from the first source that has it, and storing it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tpo import files
from tpo.data.containers import find_idx_files
from tpo.data.download import ignore_bytes
from tpo.data.folder import VARIABLE, folder_of
from tpo.errors import DataError, OutputError
from tpo.folders import Use, locked, make_private, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.data.catalogue import DataSet
    from tpo.data.download import OnBytes
    from tpo.data.sources import Source

DOWNLOADS = ".downloads"
"""Subfolder of a data set for downloads; each source has a folder of its own in it."""

DATA = Use("data", f"the environment variable {VARIABLE}")


def fetch(
    data_set: DataSet, on_bytes: OnBytes = ignore_bytes, on_failure: Callable[[str], None] = lambda _: None
) -> str:
    """Fetch `data_set` from the first of its sources that has it.

    Partial downloads are kept, and the next call resumes them.

    Args:
        data_set: The data set.
        on_bytes: The callback for progress.
        on_failure: Called with the reason when a source is given up.

    Returns:
        The title of the source.

    Raises:
        DataError: No source has it.
        OutputError: The folder cannot be written.
    """
    failures = []
    folder = folder_of(data_set)
    with locked(folder, DATA):
        for number, source in enumerate(data_set.sources):
            workspace = folder / DOWNLOADS / str(number)
            try:
                with _work_folder(source, workspace) as work:
                    _keep(data_set, source.fetch(tuple(data_set.sizes), work, on_bytes))
            except OutputError:
                raise
            except OSError as error:
                if isinstance(error, DataError):
                    # The download is complete but wrong, so it must not be resumed.
                    shutil.rmtree(workspace, ignore_errors=True)
                failures.append(f"{source.title}: {error}")
                on_failure(failures[-1])
            else:
                shutil.rmtree(folder / DOWNLOADS, ignore_errors=True)
                return source.title
    listed = "".join(f"\n  {failure}" for failure in failures)
    message = f"{data_set.title} must come from one of its sources; all of them failed:{listed}\n"
    raise DataError(
        f"{message}Try again: what was downloaded is kept. Or get it elsewhere ({data_set.by_hand}), and pass what you "
        f"got: tpo data {data_set.name} --from FOLDER_OR_FILE."
    )


@contextmanager
def _work_folder(source: Source, kept: Path) -> Iterator[Path]:
    """The scope of a folder in which `source` works: `kept`, or a new one where a program runs.

    Raises:
        OutputError: It cannot be made, or somebody else can write to it.
    """
    if source.resumes:
        with writing(kept.parent.parent, DATA):
            for folder in (kept.parent, kept):
                make_private(folder)
        yield kept
    else:
        with tempfile.TemporaryDirectory(prefix="tpo-") as new:
            yield Path(new)


def take(data_set: DataSet, path: Path) -> None:
    """Store `data_set` from a local folder or file.

    Raises:
        DataError: The files are not there.
        OutputError: The folder cannot be written.
    """
    if not path.exists():
        raise DataError(f"--from must name a folder or file; got {str(path)!r}, which does not exist. Check its name.")
    if not path.is_dir() and not path.is_file():
        raise DataError(f"--from must name a folder or file; got {str(path)!r}, which is neither. Take another one.")
    with locked(folder_of(data_set), DATA):
        _keep(data_set, path)


def check_sum(data_set: DataSet, name: str, content: bytes) -> None:
    """Raise an error if a file has the wrong checksum.

    Raises:
        DataError: The checksum is another.
    """
    found, expected = hashlib.md5(content, usedforsecurity=False).hexdigest(), data_set.checksums[name]
    if found != expected:
        message = f"{name} of {data_set.title} must have the MD5 sum {expected}, uncompressed; got {found}."
        raise DataError(f"{message} It is damaged or another file: take another source.")


def _keep(data_set: DataSet, path: Path) -> None:
    """Check all the files in `path`, and then write them."""
    found = find_idx_files(path, data_set.sizes)
    for name, content in found.items():
        check_sum(data_set, name, content)
    folder = folder_of(data_set)
    with writing(folder, DATA):
        for name, content in found.items():
            files.replace(folder / name, content)
