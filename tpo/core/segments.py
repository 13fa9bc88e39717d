"""Gathering flat rows with group ids into padded groups, and scattering them back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.core.arrays.elementwise import cast, where_else
from tpo.core.arrays.ops import namespace_of, unify
from tpo.core.row_ids import number_ids
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array

SHOWN = 3
"""The most groups that an error lists."""

INCOMPLETE = (
    "Rows that are shuffled before they are cut into micro-batches leave groups incomplete: gather whole groups first, "
    "or train on the `tpo.row_weights` of whole groups."
)
OVERFULL = "Groups that share an id, as when a prompt is drawn twice, need ids of their own."

LEAST = {"num_groups": 0, "size": 0, "exact_size": 1}


@dataclass(frozen=True, eq=False)
class Segments:
    """The mapping of N flat rows to G groups of up to K candidates: built once, used for any arrays.

    Rows of one group need not be adjacent; within a group they keep their order. A group without rows is fully masked:
    its target is 0 and its weight is 0. A group of one row is a group: its standardized score is 0, its target 1 and,
    from TPO, its gradient 0. Segments are equal if all their arrays are, and can be pickled and copied.

    Attributes:
        index: `[G, K]` integer NumPy array: the row in each slot, 0 in empty slots.
        mask: `[G, K]` boolean NumPy array: true where a slot holds a row. Pass it on to `tpo.target` or `tpo.Group`.
        position: `[N]` integer NumPy array: the slot of each row in the groups laid end to end.
        ids: `[G]` NumPy array: the id of each group; an object array if ids are neither integers nor a NumPy array.
    """

    index: np.ndarray[Any, Any]
    mask: np.ndarray[Any, Any]
    position: np.ndarray[Any, Any]
    ids: np.ndarray[Any, Any]

    @classmethod
    def from_ids(
        cls, ids: Any, *, num_groups: int | None = None, size: int | None = None, exact_size: int | None = None
    ) -> Segments:
        """Find the groups of rows by their ids. Needs concrete values: not inside `jax.jit`.

        Args:
            ids: `[N]` integers, strings or other values that can be hashed, in a list or tuple; or an array of any
                library, on any device. Equal ids are one group, in any order.
            num_groups: G, if ids are integers from 0 to G - 1 and some groups may be empty. Default: the ids that
                occur, in ascending order, or by first occurrence if ids have no order.
            size: K, to keep shapes equal from batch to batch. Default: the size of the largest group, at least 1.
            exact_size: The number of rows that every group must have exactly. Default: any.

        Raises:
            InvalidTypeError: An id is a floating-point number, missing, or cannot be hashed.
            InvalidArgumentError: `ids` have several axes, an id is not below `num_groups`, a group exceeds `size`,
                or a group does not have `exact_size` rows.

        Example:
            >>> import numpy as np, tpo
            >>> groups = tpo.Segments.from_ids(["b", "a", "b", "b"])
            >>> groups.gather(np.asarray([1.0, 2.0, 3.0, 4.0]))
            array([[2., 0., 0.],
                   [1., 3., 4.]])
            >>> groups.scatter(groups.gather(np.asarray([1.0, 2.0, 3.0, 4.0])))
            array([1., 2., 3., 4.])
            >>> groups.ids.tolist()
            ['a', 'b']
        """
        _check_integers(num_groups=num_groups, size=size, exact_size=exact_size)
        names, numbers = number_ids(ids, num_groups)
        counts = np.bincount(numbers, minlength=len(names))
        if exact_size is not None:
            _check_exact_size(names, counts, exact_size)
        width = _width(counts, exact_size if size is None else size)
        order = np.argsort(numbers, kind="stable")
        starts = np.cumsum(counts) - counts
        slots = np.arange(len(numbers)) - np.repeat(starts, counts)
        position = np.empty(len(numbers), np.int64)
        position[order] = numbers[order] * width + slots
        index = np.zeros(len(names) * width, np.int64)
        index[position] = np.arange(len(numbers))
        mask = np.arange(width) < counts[:, None]
        return cls(index.reshape(mask.shape), mask, position, names)

    def gather(self, rows: Array) -> Array:
        """Gather rows `[N, ...]` into groups `[G, K, ...]`, 0 (or false) in empty slots; differentiable.

        Rows may come from any library; groups have their dtype and their device.

        Raises:
            InvalidTypeError: `rows` is no array.
            InvalidArgumentError: There are not N rows.
        """
        self._check_leading("rows", rows, self.position.shape, "one row for each of the ids, [N, ...]")
        tail = tuple(rows.shape[1:])
        in_use = self.mask.reshape(-1, *(1 for _ in tail))
        ops, (rows, index, mask) = unify(rows=rows, index=self.index.reshape(-1), mask=in_use)
        xp = ops.namespace()
        if len(self.position):
            slots = where_else(xp, mask, xp.take(rows, index, axis=0), 0)
        else:
            # All slots are empty. The rows are still part of the graph, so that a backward pass reaches them.
            empty = cast(xp, xp.broadcast_to(mask, (self.mask.size, *tail)), rows.dtype)
            slots = xp.concat([rows, empty], axis=0)
        return xp.reshape(slots, (*self.mask.shape, *tail))

    def scatter(self, groups: Array) -> Array:
        """Scatter `[G, K, ...]` groups into `[N, ...]` rows, the inverse of `gather`; differentiable.

        Raises:
            InvalidTypeError: `groups` is no array.
            InvalidArgumentError: They are not `[G, K, ...]`.
        """
        self._check_leading("groups", groups, self.mask.shape, "the groups that `gather` gives, [G, K, ...]")
        ops, (groups, position) = unify(groups=groups, position=self.position)
        xp = ops.namespace()
        return xp.take(xp.reshape(groups, (self.mask.size, *groups.shape[2:])), position, axis=0)

    @staticmethod
    def _check_leading(name: str, array: Array, expected: tuple[int, ...], words: str) -> None:
        namespace_of(array, name)
        if tuple(array.shape[: len(expected)]) != expected:
            message = f"`{name}` must hold {words}, here {expected}; got {tuple(array.shape)}."
            raise InvalidArgumentError(f"{message} Build the segments from the ids of these rows.")

    def __eq__(self, other: object) -> bool:
        """Whether all arrays are equal."""
        if not isinstance(other, Segments):
            return NotImplemented
        return all(np.array_equal(getattr(self, field.name), getattr(other, field.name)) for field in fields(self))

    def __hash__(self) -> int:
        """Hash the positions of the rows."""
        return hash((self.mask.shape, self.position.tobytes()))


def _check_integers(**given: int | None) -> None:
    for name, value in given.items():
        if value is not None and not (isinstance(value, int | np.integer) and value >= LEAST[name]):
            message = f"`{name}` must be an integer and at least {LEAST[name]}; got {value!r}."
            raise InvalidArgumentError(f"{message} Leave it out to take what the ids have.")


def _width(counts: np.ndarray[Any, Any], size: int | None) -> int:
    """K: at least 1, since there is no maximum over an empty axis."""
    largest = int(counts.max(initial=0))
    if size is not None and largest > size:
        message = f"`size` must be at least that of the largest group, {largest}; got {size}."
        raise InvalidArgumentError(f"{message} Leave it out to fit the largest.")
    return max(largest if size is None else size, 1)


def _check_exact_size(names: np.ndarray[Any, Any], counts: np.ndarray[Any, Any], exact_size: int) -> None:
    wrong = np.flatnonzero(counts != exact_size)
    if not len(wrong):
        return
    shown = wrong[:SHOWN]
    listing = ", ".join(f"{name!r} has {rows}" for name, rows in zip(names[shown].tolist(), counts[shown], strict=True))
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    remedies = [text for text, at in ((INCOMPLETE, counts < exact_size), (OVERFULL, counts > exact_size)) if at.any()]
    message = (
        f"every group must have `exact_size` rows, {exact_size}; got another number in {len(wrong)} of {len(counts)}"
    )
    raise InvalidArgumentError(" ".join([f"{message} groups: {listing}{more}.", *remedies]))
