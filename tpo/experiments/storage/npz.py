"""Files of arrays with a JSON header: NumPy's npz without pickle, written atomically."""

from __future__ import annotations

import io
import json
import tokenize
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import OutputError
from tpo.experiments.storage import output

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

HEADER = "header.json"
FORMAT = 2


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write `header`, plain JSON, and `arrays` to `path` atomically: readers see the old file or the new one.

    Raises:
        OutputError: The operating system refuses; whatever `path` held is still there.
    """
    content = io.BytesIO()
    encoded = json.dumps({"format": FORMAT, "arrays": sorted(arrays), **header}, allow_nan=False).encode()
    np.savez_compressed(content, **{HEADER: np.frombuffer(encoded, np.uint8)}, **arrays)  # type: ignore[arg-type]
    output.write(path, content.getvalue())


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Read the header and the arrays of `path`.

    Raises:
        OutputError: It is truncated, foreign or of another version.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            _check_sums(file)
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop(HEADER).tobytes())
        found, names = header.pop("format"), header.pop("arrays", arrays)
        if found == FORMAT:
            _check_names(names, arrays)
    except (
        OSError,
        ValueError,
        LookupError,
        EOFError,
        AttributeError,
        TypeError,
        RuntimeError,
        tokenize.TokenError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        message = (
            f"{str(path)!r} must be a file of tpo; got a damaged or foreign one ({type(error).__name__}: {error})."
        )
        raise OutputError(f"{message} Delete it to run this part again.") from error
    if found != FORMAT:
        message = f"{str(path)!r} must have format {FORMAT}; got {found}, of another version of tpo."
        raise OutputError(f"{message} Read it with that version, or delete it to run this part again.")
    return header, arrays


def _check_sums(file: Any) -> None:
    """NumPy reads as much as the header of an array says, and not to the end, where the check sum would tell."""
    if (damaged := file.zip.testzip()) is not None:
        raise zipfile.BadZipFile(f"{damaged} is damaged")


def _check_names(written: Iterable[str], found: Iterable[str]) -> None:
    if others := set(written) ^ set(found):
        raise ValueError(f"{', '.join(sorted(others))} lost or new")
