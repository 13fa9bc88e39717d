"""Choosing the column of each field: as the user says, as a known dump has it, or by its name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.errors import InvalidArgumentError
from tpo.experiments.storage.decoding import LARGEST
from tpo.rollouts.reading.dumps import recognise
from tpo.rollouts.reading.fields import BY_NAME, FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tpo.rollouts.reading.dumps import Dump

SHOWN = 40
"""The most columns that an error or a report lists."""


class Choice(NamedTuple):
    """The user's choice of columns.

    Attributes:
        named: The column of some fields.
        scores: Columns of scores, each `NAME` or `NAME=WEIGHT`.
        ignored: Columns that are not read.
    """

    named: Mapping[str, str] = {}
    scores: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class Columns(NamedTuple):
    """The column of each field.

    Attributes:
        names: Column by field, without the scores.
        scores: Weight by column; the score of a row is their weighted sum.
        dump: The known dump, or `None`.
        unread: Columns that are no field.
    """

    names: Mapping[str, str]
    scores: Mapping[str, float]
    dump: Dump | None
    unread: tuple[str, ...]


def choose(columns: Sequence[str], numeric: Collection[str], choice: Choice) -> Columns:
    """Choose the column of each field.

    Args:
        columns: The columns that are there, in their order.
        numeric: Those of them that hold numbers.
        choice: What the user says.

    Raises:
        InvalidArgumentError: A column that is named is not there, or there is none with scores, or none by which groups
            can be found.

    Example:
        >>> choose(["prompt_id", "reward", "note"], ["reward"], Choice())[:2]
        ({'group': 'prompt_id'}, {'reward': 1.0})
    """
    for field, column in (*choice.named.items(), *(("ignore", column) for column in choice.ignored)):
        _check_there(field, column, columns)
    usable = [column for column in columns if column not in choice.ignored]
    dump = recognise(usable)
    found = {field.name: next((name for name in field.synonyms if name in usable), None) for field in FIELDS}
    names = {name: column for name, column in found.items() if column is not None} | dict(choice.named)
    scores = _given_scores(choice.scores, columns) or _scores_of(dump, usable, numeric)
    if not scores and "score" in names:
        scores = {names["score"]: 1.0}
    names.pop("score", None)
    _check_found(names, scores, columns)
    read = {*names.values(), *scores}
    return Columns(names, scores, dump, tuple(column for column in columns if column not in read))


def listing(columns: Sequence[str]) -> str:
    """Join the names of columns, of many only the first."""
    more = [f"and {len(columns) - SHOWN} more"] if len(columns) > SHOWN else []
    return ", ".join([*(shown(column[:SHOWN]) for column in columns[:SHOWN]), *more]) or "none"


def shown(name: str) -> str:
    r"""A name from a file as people see it: itself, or quoted if it has line breaks or control characters.

    Example:
        >>> print(shown("uid"), shown("my\nuid"))
        uid 'my\nuid'
    """
    return name if name.isprintable() else repr(name)


def _scores_of(dump: Dump | None, columns: Sequence[str], numeric: Collection[str]) -> dict[str, float]:
    """The columns of reward functions in a dump that names them as it likes."""
    if dump is None or dump.scores_between is None:
        return {}
    first, last = (list(columns).index(name) for name in dump.scores_between)
    return {column: 1.0 for column in columns[first + 1 : last] if column in numeric}


def _given_scores(scores: Sequence[str], columns: Sequence[str]) -> dict[str, float]:
    found = {}
    for text in scores:
        name, weight = _weighted(text, columns)
        _check_there("score", name, columns)
        found[name] = weight
    return found


def _weighted(text: str, columns: Sequence[str]) -> tuple[str, float]:
    """Split `NAME=WEIGHT`; a column may have an equals sign in its name.

    Raises:
        InvalidArgumentError: The weight is no number, or beyond `LARGEST`: sums of what it weighs would be infinite.
    """
    name, sign, weight = text.rpartition("=")
    if text in columns or not sign:
        return text, 1.0
    try:
        number = float(weight)
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST:
        message = f"the weight of `--score` must be a number from {-LARGEST:g} to {LARGEST:g}; got {text!r}."
        raise InvalidArgumentError(f"{message} Write a column, or one with its weight: --score format=0.2.")
    return name, number


def _check_there(field: str, column: str, columns: Sequence[str]) -> None:
    if column not in columns:
        message = f"`{_flag(field)}` must name a column of the rollouts; got {column!r}."
        raise InvalidArgumentError(f"{message} Their columns: {listing(columns)}.")


def _check_found(names: Mapping[str, str], scores: Mapping[str, float], columns: Sequence[str]) -> None:
    there = f"got the columns {listing(columns)}"
    if not scores:
        usual = ", ".join(BY_NAME["score"].synonyms)
        message = f"rollouts must have a column of scores, such as one of {usual}; {there}."
        raise InvalidArgumentError(f"{message} Name it: --score COLUMN.")
    if "group" not in names and "prompt" not in names:
        message = f"rollouts must have a column with the id of the group, or with the prompt; {there}."
        raise InvalidArgumentError(
            f"{message} Name it: --group COLUMN or --prompt COLUMN. Rows are never grouped by their order."
        )


def _flag(field: str) -> str:
    return "--" + field.replace("_", "-")
