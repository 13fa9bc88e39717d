"""Loading rollouts: rows of a dump become arrays."""

from __future__ import annotations

import itertools
import math
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.data.download import ignore_bytes
from tpo.errors import DataError
from tpo.rollouts.reading.columns import Choice, choose, shown
from tpo.rollouts.reading.fields import LOG_PROBS
from tpo.rollouts.reading.measure import Numbering, group_of, measure
from tpo.rollouts.reading.rows import rows
from tpo.rollouts.reading.values import Number
from tpo.rollouts.rollouts import CHARACTERS, TOKENS, Rollouts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tpo.data.download import OnBytes
    from tpo.rollouts.reading.columns import Columns
    from tpo.rollouts.reading.rows import Row

LOOKED_AT = 256
"""The first rows, whose columns are taken for those of all."""

IDENTITIES = ("prompt", "completion")
"""Fields of which only equality matters."""


def load(path: Path, choice: Choice | None = None, on_bytes: OnBytes = ignore_bytes) -> Rollouts:
    """Load the rollouts of a file of JSON lines (.jsonl) or Parquet (.parquet), or of a folder of such files.

    Args:
        path: The file or folder.
        choice: What the user says about the columns. Default: they are found by their names.
        on_bytes: The callback for progress.

    Raises:
        DataError: The file cannot be read, has no rows, or a row has another layout; the message names the line.
        InvalidArgumentError: There are no scores, nothing that names groups, or no column that the user names.
        NotInstalledError: pyarrow is missing, for Parquet.
    """
    source = rows(path, on_bytes)
    first = list(itertools.islice(source, LOOKED_AT))
    if not first:
        message = f"rollouts must have at least one row; got none in {str(path)!r}."
        raise DataError(f"{message} Name a file that the trainer has written.")
    columns = choose(*_columns_of(first), choice or Choice())
    return _arrays(itertools.chain(first, source), columns)


def _columns_of(found: Sequence[Row]) -> tuple[list[str], set[str]]:
    """The columns of rows in their order, and those that hold nothing but numbers."""
    columns = list(dict.fromkeys(name for row in found for name in row.values))
    return columns, {name for name in columns if _is_numeric(found, name)}


def _is_numeric(found: Sequence[Row], column: str) -> bool:
    """Whether a column holds numbers, and nothing else but `None`."""
    try:
        types = {type(value) for row in found if (value := row.values.get(column)) is not None}
    except ValueError:  # a fault only where the column is needed
        return False
    return bool(types) and all(issubclass(one, Number) for one in types)


def _arrays(source: Iterable[Row], columns: Columns) -> Rollouts:
    measured: dict[str, array[float]] = {}
    numbering = {field: Numbering() for field in IDENTITIES if field in columns.names}
    groups, grouping, names = array("q"), Numbering(), list[str]()
    for row in source:
        try:
            numbers: dict[str, float] = measure(row.values, columns)
            for field, number in numbering.items():
                value = row.values.get(columns.names[field])
                numbers[field] = math.nan if value is None else number(value)
            key, name = group_of(row.values, columns)
            groups.append(grouping(key))
        except ValueError as error:
            message = f"a row of rollouts must have values of the usual kinds; got {error}, in {row.location}."
            raise DataError(f"{message} Repair the row, or name another column: tpo doctor --help.") from error
        if len(grouping) > len(names):
            names.append(name)
        for column, one in numbers.items():
            measured.setdefault(column, array("d")).append(one)
    found: dict[str, Any] = {name: np.frombuffer(values, np.float64) for name, values in measured.items()}
    empty = {field for field in columns.names if field not in LOG_PROBS and field in found and _is_empty(found[field])}
    filled = {field: column for field, column in columns.names.items() if field not in empty}
    unit = _add_length(found)
    return Rollouts(
        groups=np.frombuffer(groups, np.int64),
        names=names,
        columns=found,
        available=_available(found, filled, len(groups) > len(names)),
        length_unit=unit,
        read=_read(columns._replace(names=filled), unit, counted="length" in found),
        unread=(*columns.unread, *(columns.names[field] for field in columns.names if field in empty)),
    )


def _is_empty(values: np.ndarray[Any, Any]) -> bool:
    return bool(np.isnan(values).all())


def _add_length(found: dict[str, np.ndarray[Any, Any]]) -> str:
    """Add lengths, if no column has them: of lists of log-probs, or else of texts; return their unit."""
    characters = found.pop("characters", None)
    if "length" in found and not _is_empty(found["length"]):
        return TOKENS
    for field in LOG_PROBS:
        tokens = found.get(f"{field}.tokens")
        if tokens is not None and not _is_empty(tokens):
            found["length"] = tokens
            return TOKENS
    if characters is not None:
        found["length"] = characters
    return CHARACTERS


def _available(found: Mapping[str, np.ndarray[Any, Any]], fields: Iterable[str], has_groups: bool) -> frozenset[str]:  # noqa: FBT001 - private
    available = {*fields, "score"} | {field for field in ("length",) if field in found and not _is_empty(found[field])}
    if {*LOG_PROBS} & available:
        available.add("log_probs")
    lists = [f"{field}.tokens" for field in LOG_PROBS]
    if any(name in found and not _is_empty(found[name]) for name in lists):
        available.add("token_log_probs")
    if "mismatch.tokens" in found and np.nansum(found["mismatch.tokens"]) > 0:
        available.add("mismatch")
    return frozenset(available | ({"groups"} if has_groups else set()))


def _read(columns: Columns, unit: str, *, counted: bool) -> dict[str, str]:
    """Describe, in words, what was read from which column; `counted` says that there are lengths."""
    names = {field: shown(column) for field, column in columns.names.items()}
    scores = [(shown(column), weight) for column, weight in columns.scores.items()]
    weights = [column if weight == 1 else f"{weight:g} {column}" for column, weight in scores]
    read = {"score": " + ".join(weights), **names}
    if columns.dump is not None and columns.dump.group_of is not None and "group" in read:
        read["group"] += f", without the ends that {columns.dump.name} adds for each row"
    elif "group" not in read:
        read["group"] = f"{names['prompt']}, for want of an id"
    if "step" in read:
        read["group"] += f", within each {names['step']}"
    if "length" not in read and counted:
        read["length"] = f"{unit}, counted"
    return read
