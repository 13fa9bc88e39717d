"""The valid slots of each group, and the functions of their number that the exact tier needs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import array_api_compat.numpy as host
import numpy as np

from tpo.core.arithmetic.double_word import Arithmetic, Pair
from tpo.core.arrays.elementwise import constants, count

if TYPE_CHECKING:
    from tpo.core.arithmetic.formats import Format
    from tpo.core.arrays.typing import Array

LARGEST_TABULATED = 1024
"""The largest group size whose reciprocals come from a table: computing them takes a tenth of the time of a target."""


class Members(NamedTuple):
    """The valid slots of each group and their number.

    Attributes:
        valid: `[..., K]` boolean.
        count: `[..., 1]` the number of valid slots.
        size: `[..., 1]` the same, but at least 1.
        power: `[..., 1]` the smallest power of two that is not below `size`.
        inverse_size: `[..., 1]` double words, `1 / size`.
    """

    valid: Array
    count: Array
    size: Array
    power: Array
    inverse_size: Pair


def members(w: Arithmetic, like: Array, mask: Array | None) -> Members:
    """The members of groups shaped like `like`: all slots, or the slots in the mask."""
    # A comparison with itself gives `True` that depends on data: a constant would be folded by compilers, which round
    # differently ahead of time.
    valid = (like == like) | (like != like) if mask is None else mask  # noqa: PLR0124
    number, most = count(w.xp, valid, like), like.shape[-1]
    size, power, *inverse = _looked_up(w, number, most) if most <= LARGEST_TABULATED else _computed(w, number, most)
    return Members(valid, number, size, power, Pair(*inverse))


def _computed(w: Arithmetic, number: Array, most: int) -> tuple[Array, ...]:
    """Compute `size`, `power` and `inverse_size` for a `number` of members, which is at most `most`."""
    size = w.xp.where(number > 0, number, w.one)
    power, reached = w.one, 1
    while reached < most:
        power = w.xp.where(size > reached, 2 * power, power)
        reached *= 2
    return size, power, *w.reciprocal(Pair(size, 0 * size))


def _looked_up(w: Arithmetic, number: Array, most: int) -> tuple[Array, ...]:
    """Look up `size`, `power` and `inverse_size`, with the same bits as `_computed`."""
    xp, table = w.xp, constants(w.xp, _table(w.fmt, most), number)
    indices = xp.astype(xp.reshape(number, (-1,)), xp.int32)
    rows = xp.reshape(xp.take(table, indices, axis=0), (*number.shape[:-1], table.shape[-1]))
    return tuple(rows[..., column : column + 1] for column in range(table.shape[-1]))


@functools.cache
def _table(fmt: Format, most: int) -> np.ndarray[Any, Any]:
    """The lookup table, `[most + 1, 4]`: a row for each number of members, computed by NumPy."""
    number = fmt.array(range(most + 1))
    columns = _computed(Arithmetic.beside(host, fmt, number), number, most)
    return np.stack(np.broadcast_arrays(*columns), axis=-1)
