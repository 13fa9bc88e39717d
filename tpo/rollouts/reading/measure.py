"""Reducing a row of a rollout file to the numbers that the audit needs; nothing else of the row is kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tpo.rollouts.reading.fields import LOG_PROBS
from tpo.rollouts.reading.tokens import log_probs_of, mask_of, mismatch, summed
from tpo.rollouts.reading.values import cut_off, digest, length, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from tpo.rollouts.reading.columns import Columns

LONGEST_NAME = 40
"""Characters that are kept of the id of a group."""

NUMBERS: Mapping[str, Callable[[Any], float]] = {
    "step": number,
    "advantage": number,
    "truncated": cut_off,
}
"""Fields that are a number each, with the function that reads it."""


class Numbering:
    """A numbering of values of any kind, from 0 in the order of first occurrence; equal values share a number."""

    def __init__(self) -> None:
        """Create an empty numbering."""
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        """How many different values there were."""
        return len(self._numbers)

    def __call__(self, value: Any) -> int:
        """The number of a value.

        Raises:
            ValueError: It is nested too deep.
        """
        return self._numbers.setdefault(digest(value), len(self._numbers))


def measure(values: Mapping[str, Any], columns: Columns) -> dict[str, float]:
    """The numbers of a row by the names of `Rollouts.columns`, without those that need other rows.

    Args:
        values: The row by column.
        columns: The column of each field.

    Raises:
        ValueError: A value is of another kind; the message names the column.
    """
    found = {"score": _score(values, columns)}
    for field, read in NUMBERS.items():
        if (column := columns.names.get(field)) is not None:
            found[field] = _named(column, read, values.get(column))
    column = columns.names.get("token_mask")
    mask = None if column is None else _named(column, mask_of, values.get(column))
    if (column := columns.names.get("length")) is not None:
        found["length"] = _named(column, lambda value: length(value, mask), values.get(column))
    return found | _log_probs(values, columns, mask) | _characters(values, columns)


def group_of(values: Mapping[str, Any], columns: Columns) -> tuple[Any, str]:
    """Find the name of a row's group, within its step if there are steps, and a short text of it.

    Raises:
        ValueError: It has no id.
    """
    field = "group" if "group" in columns.names else "prompt"
    value = values.get(columns.names[field])
    if value is None or value != value:  # noqa: PLR0124 - NaN, by which Parquet has a number that is missing
        raise ValueError(f"no value in the column {columns.names[field]!r}, which names the group")
    pattern = columns.dump.group_of if columns.dump is not None else None
    if field == "group" and pattern is not None and isinstance(value, str) and (matched := pattern.fullmatch(value)):
        value = matched[1]
    step = values.get(columns.names["step"]) if "step" in columns.names else None
    name = text(value)
    return [_as_one(step), _as_one(value)], name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _as_one(value: Any) -> Any:
    """Convert a whole float to an integer, so that equal numbers name the same group: 1.0 to 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _score(values: Mapping[str, Any], columns: Columns) -> float:
    """The weighted sum of the scores; those of functions that do not apply count as 0, unless none applies."""
    scores = {column: _named(column, number, values.get(column)) for column in columns.scores}
    known = [columns.scores[column] * score for column, score in scores.items() if not math.isnan(score)]
    return sum(known) if known else math.nan


def _log_probs(values: Mapping[str, Any], columns: Columns, mask: np.ndarray[Any, Any] | None) -> dict[str, float]:
    found: dict[str, float] = {}
    arrays = {}
    for field in LOG_PROBS:
        if (column := columns.names.get(field)) is not None:
            arrays[field] = _named(column, lambda value: log_probs_of(value, mask), values.get(column))
            numbers = summed(arrays[field])._asdict()
            found |= {field: numbers.pop("total")} | {f"{field}.{name}": one for name, one in numbers.items()}
    if {"old_log_probs", "rollout_log_probs"} <= arrays.keys():
        compared = mismatch(arrays["old_log_probs"], arrays["rollout_log_probs"])
        found |= {f"mismatch.{name}": one for name, one in compared._asdict().items()}
    return found


def _characters(values: Mapping[str, Any], columns: Columns) -> dict[str, float]:
    if "completion" not in columns.names:
        return {}
    completion = values.get(columns.names["completion"])
    return {"characters": math.nan if completion is None else float(len(text(completion)))}


def _named(column: str, read: Callable[[Any], Any], value: Any) -> Any:
    """Read a value.

    Raises:
        ValueError: It is of another kind; the message names the column.
    """
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{error}, in the column {column!r}") from error
