"""Loading the questions and answers of GSM8K from local files or from the Hugging Face hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo import DataError, InvalidArgumentError, import_extra
from tpo_tasks.rlvr import INSTALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REPOSITORY, CONFIG = "openai/gsm8k", "main"
"""The data set on the hub."""

SPLITS = ("train", "test")
COLUMNS = ("question", "answer")
FROM_FILES = " Or pass .jsonl files: tpo data gsm8k --from FOLDER_OR_FILE."


class Example(NamedTuple):
    """A question with its answer.

    Attributes:
        question: The text of the problem.
        answer: A solution that ends with `####` and the number.
        location: Where it comes from, for messages.
    """

    question: str
    answer: str
    location: str


def load(path: str | None, test_size: int | None) -> Mapping[str, list[Example]]:
    """Load the examples of `train` and `test`.

    Args:
        path: A folder with a file for each split, a file, or `None` for the hub.
        test_size: How many examples of a single file are for testing, the last ones.

    Raises:
        DataError: They are not there, or cannot be read.
        InvalidArgumentError: A single file was given without `test_size`, or it has no more examples than that.
        NotInstalledError: A library that reads them is missing.
    """
    if path is None:
        return _from_hub()
    given = Path(path)
    if path and given.is_dir():
        return {split: _read(_file_of(given, split)) for split in SPLITS}
    if path and given.is_file():
        return _divided(_read(given), given, test_size)
    raise DataError(f"--from must name a folder or file; got {path!r}, which is neither. Check its name.")


def _divided(examples: list[Example], path: Path, test_size: int | None) -> Mapping[str, list[Example]]:
    if test_size is None or test_size >= len(examples):
        message = f"`test_size` must be given for a single file, and be less than its {len(examples)} rows; got"
        raise InvalidArgumentError(f"{message} {test_size}, for {str(path)!r}. Add it, such as --test-size 1.")
    return {"train": examples[:-test_size], "test": examples[-test_size:]}


def _file_of(folder: Path, split: str) -> Path:
    """Find the one file of a split, such as `train.jsonl` or `train-00000-of-00001.parquet`.

    Raises:
        DataError: There is none, or there are several.
    """
    # The hub numbers the files of a split: `train-00000-of-00001.parquet`.
    named = (path for path in folder.glob(f"{split}*") if path.stem.partition("-")[0] == split)
    found = sorted(path for path in named if path.suffix in READERS and path.is_file())
    if len(found) != 1:
        message = f"--from must name a folder with one {' or '.join(READERS)} file called {split};"
        listed = ", ".join(path.name for path in found) or "none"
        raise DataError(f"{message} got {listed} in {str(folder)!r}. Name another folder, or a file.")
    return found[0]


def _read(path: Path) -> list[Example]:
    """Read the examples of a file.

    Raises:
        DataError: It is of another kind, or its rows are.
        NotInstalledError: pyarrow is missing, for Parquet.
    """
    if path.suffix not in READERS:
        message = f"--from must name a {' or '.join(READERS)} file; got {str(path)!r}."
        raise DataError(f"{message} Convert it, or take another one.")
    examples = [_example(row, location) for row, location in READERS[path.suffix](path)]
    if not examples:
        raise DataError(f"a file of examples must have at least one; got none in {str(path)!r}. Take another one.")
    return examples


def _example(row: Any, location: str) -> Example:
    question, answer = (row.get(name) if isinstance(row, dict) else None for name in COLUMNS)
    if not isinstance(question, str) or not isinstance(answer, str):
        message = f"a row must have a question and an answer, both texts; got something else in {location}."
        raise DataError(f"{message} Fix it there, or take another file.")
    return Example(question, answer, location)


def _json_lines(path: Path) -> Iterator[tuple[Any, str]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            location = f"line {number} of {str(path)!r}"
            if line.strip():
                try:
                    yield json.loads(line), location
                except (ValueError, RecursionError) as error:
                    message = f"every line of a .jsonl file must be JSON; got something else in {location} ({error})."
                    raise DataError(f"{message} Fix it there, or take another file.") from error


def _parquet(path: Path) -> Iterator[tuple[Any, str]]:
    arrow = import_extra("pyarrow.parquet", "pyarrow", "read .parquet files", install=INSTALL)
    try:
        with arrow.ParquetFile(path) as file:
            there = [name for name in COLUMNS if name in file.schema_arrow.names]
            # Other columns may hold what Python cannot, such as dates after the year 9999.
            table = file.read(there)
    except (OSError, ValueError, NotImplementedError) as error:
        message = f"a .parquet file must be readable; got {str(path)!r} ({error})."
        raise DataError(f"{message} Fetch it again, or take another one.") from error
    columns = {name: _values(table, name, path) for name in there}
    for number in range(table.num_rows):
        yield {name: values[number] for name, values in columns.items()}, f"row {number} of {str(path)!r}"


def _values(table: Any, name: str, path: Path) -> list[Any]:
    """Convert a column to Python values.

    Raises:
        DataError: One of them cannot be converted, or several columns have that name.
    """
    try:
        values: list[Any] = table.column(name).to_pylist()
    except (ArithmeticError, LookupError, NotImplementedError, TypeError, ValueError) as error:
        message = (
            f"a column of texts must be readable; got {name!r} of {str(path)!r} ({type(error).__name__}: {error})."
        )
        raise DataError(f"{message} Fix it there, or take another file.") from error
    return values


READERS: Mapping[str, Callable[[Path], Iterator[tuple[Any, str]]]] = {".jsonl": _json_lines, ".parquet": _parquet}
"""The functions that read a kind of file, by its suffix."""


def _from_hub() -> Mapping[str, list[Example]]:
    datasets = import_extra(
        "datasets", "datasets", "load GSM8K from the Hugging Face hub", install=INSTALL, otherwise=FROM_FILES
    )
    try:
        loaded = datasets.load_dataset(REPOSITORY, CONFIG)
        rows = {split: list(loaded[split]) for split in SPLITS}
    except Exception as error:  # libraries below `datasets` raise errors of their own where there is no network
        message = f"{REPOSITORY} must be on the Hugging Face hub; got {type(error).__name__}: {error}."
        raise DataError(
            f"{message} Try again, or get the files elsewhere: tpo data gsm8k --from FOLDER_OR_FILE."
        ) from error
    return {
        split: [_example(row, f"row {number} of {split!r} of {REPOSITORY}") for number, row in enumerate(found)]
        for split, found in rows.items()
    }
