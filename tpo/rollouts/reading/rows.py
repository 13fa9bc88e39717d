"""Rows of a dump: a file of JSON lines or Parquet, or a folder of them, read a piece at a time."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.data.parquet import pyarrow
from tpo.errors import DataError, reason_of
from tpo.experiments.storage.decoding import TOO_DEEP
from tpo.files import check_readable
from tpo.rollouts.reading.batches import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tpo.data.download import OnBytes

LONGEST_LINE = 2**26
"""Limit on a line of JSON, in bytes: a completion of 100,000 tokens with three log-probs each has some 6 million."""

MOST_ROWS = 2**22
"""Limit on the rows that are read; each takes some 300 bytes of memory."""

BATCH = 256
"""Rows of a Parquet file that are decoded at once."""

LARGEST_GROUP = 2**32
"""Limit on the bytes of a row group of Parquet, uncompressed, as its file states them."""

REPORTED_EVERY = 256
"""Rows between two reports of progress."""


class Row(NamedTuple):
    """A row: its location, for messages, and its values by column."""

    location: str
    values: Mapping[str, Any]


def rows(path: Path, on_bytes: OnBytes) -> Iterator[Row]:
    """Yield the rows of a file, or of all files of known kinds in a folder, by name.

    Raises:
        DataError: There is no such file, or it cannot be read, or a row is no object, or there are too many.
        NotInstalledError: pyarrow is missing, for Parquet.
    """
    found = 0
    for file in _files(path):
        with _readable(file):
            check_readable(file)
            size = file.stat().st_size
            for row, done in READERS[file.suffix](file):
                if found == MOST_ROWS:
                    message = f"rollouts must have at most {MOST_ROWS:,} rows; got more in {str(path)!r}."
                    raise DataError(f"{message} Audit fewer rows at once: name one file of the folder, or split it.")
                if found % REPORTED_EVERY == 0:
                    on_bytes(file.name, min(done, size), size)
                found += 1
                yield row


def _files(path: Path) -> list[Path]:
    kinds = " or ".join(READERS)
    with _readable(path):
        if path.is_dir():
            found = sorted(file for file in path.iterdir() if file.suffix in READERS)
            if not found:
                message = f"a folder of rollouts must hold {kinds} files; got none in {str(path)!r}."
                raise DataError(f"{message} Name the folder that the trainer writes to.")
            return found
        check_readable(path)
    if path.suffix not in READERS:
        message = f"rollouts must be a {kinds} file, or a folder of them; got {str(path)!r}."
        raise DataError(f"{message} Rename it, or convert it.")
    return [path]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn errors of the operating system, and of what is read, into `DataError`."""
    try:
        yield
    except DataError:
        raise
    except (OSError, ValueError, NotImplementedError) as error:
        message = f"rollouts must be readable; got {str(path)!r} ({reason_of(error)})."
        raise DataError(f"{message} Check its name, or let the trainer write it again.") from error


def _json_lines(path: Path) -> Iterator[tuple[Row, int]]:
    with path.open("rb") as file:
        done, number = 0, 0
        while line := file.readline(LONGEST_LINE + 1):
            done, number = done + len(line), number + 1
            if line.strip():
                yield Row(location := f"line {number} of {str(path)!r}", _decoded(line, location)), done


def _decoded(line: bytes, location: str) -> dict[str, Any]:
    """Decode a line of JSON. Python's own decoder also reads NaN, which trainers write for missing scores.

    Raises:
        DataError: It is too long, or no object.
    """
    if len(line) > LONGEST_LINE:
        raise _other_line(location, f"more than {LONGEST_LINE:,} bytes")
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _other_line(location, TOO_DEEP if isinstance(error, RecursionError) else str(error)) from error
    if not isinstance(values, dict):
        raise _other_line(location, type(values).__name__)
    return values


def _other_line(location: str, what: str) -> DataError:
    message = f"every line of rollouts must be a JSON object; got something else in {location} ({what})."
    return DataError(f"{message} Remove the line, or let the trainer write it again.")


def _parquet(path: Path) -> Iterator[tuple[Row, int]]:
    arrow = pyarrow("read")
    number, size = 0, path.stat().st_size
    with arrow.parquet.ParquetFile(path) as file:
        stated = file.metadata
        largest = max((stated.row_group(index).total_byte_size for index in range(stated.num_row_groups)), default=0)
        if largest > LARGEST_GROUP:
            raise ValueError(f"a row group of {largest:,} bytes, more than {LARGEST_GROUP:,}")
        for batch in file.iter_batches(batch_size=BATCH):
            for values in rows_of(batch):
                number += 1
                yield Row(f"row {number} of {str(path)!r}", values), size * number // max(stated.num_rows, 1)


READERS: Mapping[str, Callable[[Path], Iterator[tuple[Row, int]]]] = {".jsonl": _json_lines, ".parquet": _parquet}
"""The functions that read a kind of file, by its suffix; each row comes with the bytes read so far."""
