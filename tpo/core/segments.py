"""Flat rows with group ids, as padded groups and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.core.ops import namespace_of, unify, where_else
from tpo.errors import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from tpo.core.ops import Array

ROWS = 1
"""Ids are a list: they have this many axes."""


@dataclass(frozen=True, eq=False)
class Segments:
    """Where each of N flat rows stands among G groups of up to K candidates: built once, used for any arrays.

    Rows of one group need not be neighbours; within a group they keep their order. A group without rows is masked
    throughout: its target is 0 and it weighs nothing. A group of one row is a group: its standardized score is 0, its
    target 1 and its gradient 0.

    Attributes:
        index: `[G, K]` integer NumPy array: the row in each slot, 0 where there is none.
        mask: `[G, K]` boolean NumPy array: true where a slot holds a row. Pass it on to `tpo.target` or `tpo.Group`.
        position: `[N]` integer NumPy array: the slot of each row in the groups laid end to end.
    """

    index: np.ndarray[Any, Any]
    mask: np.ndarray[Any, Any]
    position: np.ndarray[Any, Any]

    @classmethod
    def from_ids(cls, ids: Any, *, num_groups: int | None = None, size: int | None = None) -> Segments:
        """Find the groups of rows by their ids.

        Args:
            ids: `[N]` whole numbers on the host: NumPy, or whatever `numpy.asarray` takes. Equal ids are one group, in
                any order.
            num_groups: G, where ids are numbers from 0 to G - 1 and some groups may be empty. Default: the ids that
                occur, in ascending order.
            size: K, to keep shapes the same from batch to batch. Default: the size of the largest group.

        Raises:
            InvalidTypeError: `ids` are no whole numbers.
            InvalidArgumentError: `ids` have several axes, one is not below `num_groups`, or a group exceeds `size`.

        Example:
            >>> import numpy as np, tpo
            >>> groups = tpo.Segments.from_ids([7, 3, 7, 7])
            >>> groups.gather(np.asarray([1.0, 2.0, 3.0, 4.0]))
            array([[2., 0., 0.],
                   [1., 3., 4.]])
            >>> groups.scatter(groups.gather(np.asarray([1.0, 2.0, 3.0, 4.0])))
            array([1., 2., 3., 4.])
        """
        ids = _checked(np.asarray(ids))
        names, numbers = np.unique(ids, return_inverse=True)
        if num_groups is not None:
            _check_range(ids, num_groups)
            numbers, names = ids, np.arange(num_groups)
        counts = np.bincount(numbers, minlength=len(names))
        largest = int(counts.max(initial=0))
        if size is not None and largest > size:
            message = f"`size` must be at least that of the largest group, {largest}; got {size}."
            raise InvalidArgumentError(f"{message} Leave it out to fit the largest.")
        width = largest if size is None else size
        order = np.argsort(numbers, kind="stable")
        starts = np.cumsum(counts) - counts
        slots = np.arange(len(ids)) - np.repeat(starts, counts)
        position = np.empty(len(ids), np.int64)
        position[order] = numbers[order] * width + slots
        index = np.zeros(len(names) * width, np.int64)
        index[position] = np.arange(len(ids))
        mask = np.arange(width) < counts[:, None]
        return cls(index.reshape(mask.shape), mask, position)

    def gather(self, rows: Array) -> Array:
        """`[N]` rows of any library as `[G, K]` groups, 0 (or false) in empty slots; differentiable.

        Raises:
            InvalidTypeError: `rows` is no array.
            InvalidArgumentError: There are not N rows.
        """
        self._check_rows(rows, (len(self.position),))
        ops, (rows, index, mask) = unify(rows=rows, index=self.index, mask=self.mask)
        xp = ops.namespace()
        if not len(self.position):
            return xp.zeros(self.mask.shape, dtype=rows.dtype)
        groups = xp.reshape(xp.take(rows, xp.reshape(index, (-1,)), axis=0), self.mask.shape)
        return where_else(xp, mask, groups, 0)

    def scatter(self, groups: Array) -> Array:
        """`[G, K]` groups as `[N]` rows in the order of the ids; the inverse of `gather`, differentiable.

        Raises:
            InvalidTypeError: `groups` is no array.
            InvalidArgumentError: They are not `[G, K]`.
        """
        self._check_rows(groups, self.mask.shape)
        ops, (groups, position) = unify(groups=groups, position=self.position)
        xp = ops.namespace()
        return xp.take(xp.reshape(groups, (-1,)), position, axis=0)

    @staticmethod
    def _check_rows(array: Array, expected: tuple[int, ...]) -> None:
        namespace_of(array)
        if tuple(array.shape) != expected:
            message = f"the array must have the shape of the ids, {expected}; got {tuple(array.shape)}."
            raise InvalidArgumentError(f"{message} Build the segments from the ids of these rows.")


def _checked(ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if ids.ndim != ROWS:
        message = f"`ids` must have the shape [N]; got {ids.shape}. Flatten them: numpy.ravel(ids)."
        raise InvalidArgumentError(message)
    if len(ids) and not np.issubdtype(ids.dtype, np.integer):
        message = f"`ids` must be whole numbers; got {ids.dtype}. Number the names: "
        raise InvalidTypeError(message + "numpy.unique(ids, return_inverse=True)[1].")
    return ids.astype(np.int64)


def _check_range(ids: np.ndarray[Any, Any], num_groups: int) -> None:
    if len(ids) and not 0 <= ids.min() <= ids.max() < num_groups:
        message = f"`ids` must be from 0 to {num_groups - 1}; got {ids.min()} to {ids.max()}."
        raise InvalidArgumentError(f"{message} Leave `num_groups` out for other ids.")
