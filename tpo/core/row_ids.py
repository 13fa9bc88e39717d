"""Numbering the groups of flat rows by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.core.arrays.numpy_arrays import NUMERIC_KINDS, NUMPY, usable
from tpo.core.arrays.ops import unify
from tpo.errors import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

Numbered = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
"""The distinct ids, `[G]`, and the index of each row's id among them, `[N]`."""

SORTED_BY_NUMPY = "biuUS"
"""Kinds of dtype whose values `numpy.unique` compares as Python does."""

NOT_IDS = (float, complex, type(None))
"""Types that are refused as ids, also inside tuples: NaN does not equal itself, equality of floating-point results is
accidental, and `None` is a missing id."""


def number_ids(ids: Any, num_groups: int | None) -> Numbered:
    """Number the groups of rows, in ascending order of their ids, or by first occurrence if ids have no order.

    Args:
        ids: `[N]` an array of any library, or a sequence of values that can be hashed.
        num_groups: G, the number of groups, if ids are already the integers from 0 to G - 1; else `None`.

    Returns:
        The distinct ids, `[G]`, and for each row the index of its id among them, `[N]`.

    Raises:
        InvalidTypeError: An id is a floating-point number, missing, or cannot be hashed.
        InvalidArgumentError: There are several axes, values are not concrete, or an id is not from 0 to
            `num_groups - 1`.
    """
    values = _on_host(ids)
    names, numbers = _by_sorting(values) if isinstance(values, np.ndarray) else _by_hashing(values)
    if num_groups is None:
        return names, numbers
    _check_range(names, num_groups)
    return np.arange(num_groups), names.astype(np.int64)[numbers]


def _on_host(ids: Any) -> np.ndarray[Any, Any] | list[Any]:
    """Return a sequence as a list, and anything else (such as a pandas column) as a NumPy array."""
    if isinstance(ids, Sequence) and not isinstance(ids, str | bytes):
        # NumPy would turn [1, "1"] into two equal strings, and [2**63, -1] into floating-point numbers.
        return list(ids)
    if isinstance(ids, NUMPY):
        return _with_one_axis(np.asarray(usable("ids", ids) if ids.dtype.kind in NUMERIC_KINDS else ids))
    try:
        ops, (ids,) = unify(ids=ids)
    except InvalidTypeError:
        return _with_one_axis(np.asarray(ids))
    try:
        return _with_one_axis(ops.to_numpy(ids))
    except (TypeError, RuntimeError) as error:
        message = "`ids` must have concrete values; got an array that is being traced. "
        raise InvalidArgumentError(message + "Find the groups outside the compiled function.") from error


def _with_one_axis(ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if ids.ndim != 1:
        message = f"`ids` must have the shape [N]; got {ids.shape}."
        remedy = "Flatten them: numpy.ravel(ids)." if ids.ndim else "Give one for each row, in a list or an array."
        raise InvalidArgumentError(f"{message} {remedy}")
    return ids


def _by_sorting(ids: np.ndarray[Any, Any]) -> Numbered:
    if not ids.size:
        return _by_hashing([])
    if ids.dtype.kind not in SORTED_BY_NUMPY:
        return _by_hashing(list(ids))
    names, numbers = np.unique(ids, return_inverse=True)
    return names, numbers


def _by_hashing(ids: list[Any]) -> Numbered:
    if any(hasattr(kind, "shape") or issubclass(kind, tuple) for kind in set(map(type, ids))):
        # PyTorch hashes tensors by identity: each would become a group of its own.
        ids = [_plain(value) for value in ids]
    kinds = set(map(type, ids))
    for kind in kinds | set(map(type, _inside(ids))):
        if issubclass(kind, NOT_IDS):
            message = f"`ids` must be exact, such as integers or strings; got {kind.__name__} among them. "
            raise InvalidTypeError(message + "Give each row the id of its group.")
    names = _distinct(ids)
    place = {name: number for number, name in enumerate(names)}
    numbers = np.fromiter((place[name] for name in ids), np.int64, len(ids))
    if kinds <= {int} and all(-(2**63) <= name < 2**63 for name in names):
        return np.asarray(names, np.int64), numbers
    # An array of objects, since NumPy cuts zero bytes off the end of strings.
    return np.fromiter(names, object, len(names)), numbers


def _inside(ids: list[Any]) -> Iterator[Any]:
    """Yield what the tuples among the ids hold, at any depth."""
    for value in ids:
        if isinstance(value, tuple):
            yield from value
            yield from _inside(list(value))


def _plain(value: Any) -> Any:
    """Convert 0-dimensional arrays, also inside tuples, to Python scalars; return anything else unchanged."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if not hasattr(value, "shape"):
        return value
    if value.shape:
        message = f"`ids` must have the shape [N]; got one of shape {tuple(value.shape)} among them. "
        raise InvalidArgumentError(message + "Give each row one id: a number, a string or a tuple.")
    return value.item() if isinstance(value, NUMPY) else unify(id=value)[0].to_numpy(value).item()


def _distinct(ids: list[Any]) -> list[Any]:
    try:
        names = list(dict.fromkeys(ids))
    except TypeError as error:
        message = f"`ids` must be N hashable values; got {error}. "
        raise InvalidTypeError(message + "Flatten them, or name groups by integers, strings or tuples.") from error
    try:
        return sorted(names)
    except TypeError:  # such as strings among numbers
        return names


def _check_range(names: np.ndarray[Any, Any], num_groups: int) -> None:
    strangers = [name for name in names.tolist() if not (isinstance(name, int) and 0 <= name < num_groups)]
    if strangers:
        message = f"`ids` must be integers from 0 to `num_groups` - 1, here {num_groups - 1}; got {strangers[0]!r}. "
        raise InvalidArgumentError(message + "Leave `num_groups` out for other ids.")
