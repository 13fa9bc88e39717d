"""Files of arrays with a JSON header: NumPy's npz without pickle, written atomically."""

from __future__ import annotations

import io
import json
import math
import tokenize
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from tpo.errors import OutputError
from tpo.experiments.storage import header as headers
from tpo.experiments.storage import output
from tpo.experiments.storage.header import FORMAT
from tpo.files import BROKEN_ZIP, check_readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tpo.folders import Use

HEADER = "header.json"

SUFFIX = ".npy"
"""Suffix of the name of an array in the file."""

LARGEST = 2**33
"""Limit on the uncompressed arrays of a file, in bytes; larger files are refused."""

BROKEN = (*BROKEN_ZIP, TypeError, SyntaxError, tokenize.TokenError)
"""Errors of zipfile and of NumPy at damaged files."""


def write(
    path: Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]], use: Use = output.OUTPUT
) -> None:
    """Write `header`, plain JSON, and `arrays` to `path` atomically: readers see the old file or the new one.

    `use` is the purpose of its folder, for error messages.

    Raises:
        OutputError: The operating system refuses; whatever `path` held is still there.
    """
    content = io.BytesIO()
    encoded = json.dumps({"format": FORMAT, "arrays": sorted(arrays), **header}, allow_nan=False).encode()
    np.savez_compressed(content, **{HEADER: np.frombuffer(encoded, np.uint8)}, **arrays)  # type: ignore[arg-type]
    output.write(path, content.getvalue(), use)


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Read the header and the arrays of `path`.

    Raises:
        OutputError: It is truncated, foreign or of another version.
    """
    try:
        check_readable(path)
        arrays = _arrays(path)
        header = headers.decode(arrays.pop(HEADER).tobytes())
        found, names = header.pop("format"), header.pop("arrays", arrays)
        if found == FORMAT:
            _check_names(names, arrays)
    except BROKEN as error:
        message = (
            f"{str(path)!r} must be a file of tpo; got a damaged or foreign one ({type(error).__name__}: {error})."
        )
        raise OutputError(f"{message} Delete it to run this part again.") from error
    if found != FORMAT:
        message = f"{str(path)!r} must have format {FORMAT}; got {found}, of another version of tpo."
        raise OutputError(f"{message} Read it with that version, or delete it to run this part again.")
    return header, arrays


def _arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    with zipfile.ZipFile(path) as file:
        if sum(member.file_size for member in file.infolist()) > LARGEST:
            raise ValueError(f"it says that it holds more than {LARGEST} bytes")
        # Read to the end, where zipfile verifies the checksum.
        return {member.filename.removesuffix(SUFFIX): _array(file.read(member)) for member in file.infolist()}


def _array(content: bytes) -> np.ndarray[Any, Any]:
    """Decode a npy file after checking its size against its header, since NumPy allocates whatever the header says."""
    file = io.BytesIO(content)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(file)]
    shape, in_columns, dtype = read_header(file)
    size = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or min(shape, default=0) < 0 or len(content) - file.tell() != size:
        raise ValueError(f"an array of {dtype} and shape {shape} is not of {len(content) - file.tell()} bytes")
    flat = np.frombuffer(bytearray(content[file.tell() :]), dtype)
    return flat.reshape(shape, order="F" if in_columns else "C")


def _check_names(written: Iterable[str], found: Iterable[str]) -> None:
    if others := set(written) ^ set(found):
        raise ValueError(f"{', '.join(sorted(others))} lost or new")
