"""Which slots of each group count, and what the exact tier needs to know of how many they are."""

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

TABULATED = 1024
"""Sizes of groups up to this one are looked up: their reciprocals take a tenth of a target to compute."""


class Members(NamedTuple):
    """Which slots of each group count, and how many.

    Attributes:
        valid: `[..., K]` boolean.
        count: `[..., 1]` how many of them there are.
        size: `[..., 1]` the same, but 1 where there is none.
        power: `[..., 1]` the smallest power of two that is not below `size`.
        inverse_size: `[..., 1]` pairs.
    """

    valid: Array
    count: Array
    size: Array
    power: Array
    inverse_size: Pair


def members(w: Arithmetic, like: Array, mask: Array | None) -> Members:
    """The members of groups shaped like `like`: all slots, or those in the mask."""
    # Compared with itself: true as data, so that no compiler computes with the constant ahead of time.
    valid = (like == like) | (like != like) if mask is None else mask  # noqa: PLR0124
    number, most = count(w.xp, valid, like), like.shape[-1]
    size, power, *inverse = _looked_up(w, number, most) if most <= TABULATED else _computed(w, number, most)
    return Members(valid, number, size, power, Pair(*inverse))


def _computed(w: Arithmetic, number: Array, most: int) -> tuple[Array, ...]:
    """The columns of what is known of groups with that `number` of members, at `most` so many."""
    size = w.xp.where(number > 0, number, w.one)
    power, reached = w.one, 1
    while reached < most:
        power = w.xp.where(size > reached, 2 * power, power)
        reached *= 2
    return size, power, *w.reciprocal(Pair(size, 0 * size))


def _looked_up(w: Arithmetic, number: Array, most: int) -> tuple[Array, ...]:
    """The same, bit for bit, from a table."""
    xp, table = w.xp, constants(w.xp, _table(w.fmt, most), number)
    indices = xp.astype(xp.reshape(number, (-1,)), xp.int32)
    rows = xp.reshape(xp.take(table, indices, axis=0), (*number.shape[:-1], table.shape[-1]))
    return tuple(rows[..., column : column + 1] for column in range(table.shape[-1]))


@functools.cache
def _table(fmt: Format, most: int) -> np.ndarray[Any, Any]:
    """`[most + 1, 4]`: a row for each number of members, made on the host."""
    number = fmt.array(range(most + 1))
    columns = _computed(Arithmetic.beside(host, fmt, number), number, most)
    return np.stack(np.broadcast_arrays(*columns), axis=-1)
