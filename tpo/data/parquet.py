"""Rows of problems as Parquet, in the layout that verl and other trainers read."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, Any

import msgspec

from tpo.errors import DataError
from tpo.experiments.storage.decoding import Strict, from_plain
from tpo.plugins.installation import import_extra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARK = b"problems written by tpo data"
"""A text in the metadata of every file, by which a file of ours is recognised."""

HINT = 'pip install "tpo[rlvr]"'


class Message(Strict):
    """A message of a prompt."""

    role: str
    content: str


class RewardModel(Strict):
    """How completions are scored, and what the scorer reads."""

    style: str
    ground_truth: str


class ExtraInfo(msgspec.Struct):
    """The place of a row in its split; further entries are allowed."""

    index: int
    split: str


class Row(Strict):
    """A row of a split."""

    data_source: str
    prompt: list[Message]
    ability: str
    reward_model: RewardModel
    extra_info: ExtraInfo


def encode(split: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Encode rows as the content of a Parquet file.

    Args:
        split: The name of the split, for messages.
        rows: At least one.

    Raises:
        DataError: There is none, or one has another layout.
        NotInstalledError: pyarrow is missing.
    """
    if not rows:
        message = f"the split {split!r} must have at least one row; got none."
        raise DataError(f"{message} Ask for more by the options of the problems, or fix the plug-in that makes them.")
    for number, row in enumerate(rows):
        try:
            from_plain(row, Row)
        except ValueError as error:
            raise _other_layout(split, number, error) from error
    arrow, content = pyarrow(), io.BytesIO()
    try:
        table = arrow.Table.from_pylist([dict(row) for row in rows])
        arrow.parquet.write_table(table.replace_schema_metadata({b"tpo": MARK}), content)
    except (ArithmeticError, NotImplementedError, TypeError, ValueError) as error:
        message = f"the rows of the split {split!r} must fit into the columns of a table; got {error}."
        raise DataError(f"{message} Fix the plug-in that makes the problems.") from error
    return content.getvalue()


def _other_layout(split: str, number: int, error: Exception) -> DataError:
    message = f"a row must have the layout of `tpo.Problems.splits`; got row {number} of the split {split!r}: {error}."
    return DataError(f"{message} Fix the plug-in that makes the problems.")


def pyarrow(purpose: str = "write") -> Any:
    """Import pyarrow, to `read` or to `write` files.

    Raises:
        NotInstalledError: It is missing.
    """
    import_extra("pyarrow.parquet", "pyarrow", f"{purpose} Parquet files", install=HINT)
    return importlib.import_module("pyarrow")
