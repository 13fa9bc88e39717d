"""Computing on padded groups, a block of groups of similar size at a time.

Padding all groups to the largest would take memory without limit: a wrong column of ids can make one group of half of
the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.core.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_SLOTS = 2**18
"""Slots of a block, unless a single group has more."""


def blocks(groups: np.ndarray[Any, Any], keep: np.ndarray[Any, Any]) -> Iterator[tuple[Any, Segments]]:
    """Divide rows into blocks of whole groups, each padded to less than twice its rows.

    Args:
        groups: `[N]` integers, the group of each row.
        keep: `[N]` boolean, the rows to be used.

    Yields:
        The numbers of the rows of a block, `[M]` integers, and their groups; `Segments.ids` are numbers of groups.

    Example:
        >>> [(rows.tolist(), found.ids.tolist()) for rows, found in blocks(np.asarray([0, 1, 1]), np.ones(3, bool))]
        [([0], [0]), ([1, 2], [1])]
    """
    rows = np.flatnonzero(keep)
    sizes = np.bincount(groups[rows])
    doublings = np.ceil(np.log2(np.maximum(sizes, 1))).astype(int)[groups[rows]]
    for width in np.unique(doublings):
        inside = rows[doublings == width]
        inside = inside[np.argsort(groups[inside], kind="stable")]
        starts = np.flatnonzero(np.diff(groups[inside], prepend=-1))
        cuts = starts[:: max(MOST_SLOTS >> int(width), 1)][1:]
        for block in np.split(inside, cuts):
            yield block, Segments.from_ids(groups[block])


def per_group(
    groups: np.ndarray[Any, Any],
    keep: np.ndarray[Any, Any],
    count: int,
    compute: Callable[[Any, Segments], np.ndarray[Any, Any]],
) -> np.ndarray[Any, Any]:
    """Compute numbers per group, `[count, ...]` float64; NaN for groups without a kept row.

    Args:
        groups: `[N]` integers from 0 to `count - 1`.
        keep: `[N]` boolean.
        count: G.
        compute: Given the rows of a block and their groups, returns `[G', ...]`, a number or several per group.
    """
    found: np.ndarray[Any, Any] | None = None
    for rows, segments in blocks(groups, keep):
        numbers = compute(rows, segments)
        found = np.full((count, *numbers.shape[1:]), np.nan) if found is None else found
        found[segments.ids] = numbers
    return np.full(count, np.nan) if found is None else found


def per_row(
    groups: np.ndarray[Any, Any], keep: np.ndarray[Any, Any], compute: Callable[[Any, Segments], np.ndarray[Any, Any]]
) -> np.ndarray[Any, Any]:
    """Compute a number per row within its group, `[N]` float64; NaN for rows that are not kept.

    Args:
        groups: `[N]` integers.
        keep: `[N]` boolean.
        compute: Given the rows of a block and their groups, returns `[G', K]`.
    """
    found = np.full(len(groups), np.nan)
    for rows, segments in blocks(groups, keep):
        found[rows] = segments.scatter(compute(rows, segments))
    return found
