"""From a group that shows something to the smallest and plainest one that still shows it."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.testing.groups import Array, Groups

ROWS = 128
"""Groups tried at once. Always as many, since libraries may compile anew for every shape."""

SMALLEST = 2
PLAIN_VALUES = (0.0, 1.0, -1.0)
DIGITS = (0, 1, 2)


def shrink(shows: Callable[[Groups], Array], group: Groups) -> dict[str, Array]:
    """The smallest group found that shows what `group` shows.

    As few candidates as possible are kept, of the few there are, then numbers are made 0, 1 or -1, or rounded.

    Args:
        shows: From groups `[N, K]` to `[N]` booleans.
        group: Arrays `[1, K]` by name.

    Returns:
        Arrays `[1, K]` by name.
    """
    current = dict(group)
    while (smaller := _first_that_shows(shows, list(simpler(current)))) is not None:
        current = smaller
    return current


def simpler(group: Groups) -> Iterator[dict[str, Array]]:
    """Groups with some of the candidates of `group`, the fewest first; then groups with plainer numbers.

    A number is made plainer in one place or in all of an array; in one array, or in all that are equal.
    """
    size = group["scores"].shape[-1]
    for fewer in range(SMALLEST, size):
        for kept in combinations(range(size), fewer):
            yield {name: values[..., list(kept)] for name, values in group.items()}
    for name, values in group.items():
        alone, alike = [name], [other for other in group if np.array_equal(group[other], values)]
        places = [..., *np.ndindex(values.shape)]
        for names, place in product([alone, alike][: len(alike)], places):
            for plainer in _plainer(float(np.max(np.abs(values[place])))):
                yield {**group, **dict.fromkeys(names, _changed(values, place, plainer))}


def _changed(values: Array, place: Any, number: float) -> Array:
    changed = values.copy()
    changed[place] = number
    return changed


def _plainer(value: float) -> list[float]:
    proposals = [*PLAIN_VALUES, *(round(value, digits) for digits in DIGITS if np.isfinite(value))]
    return [proposal for proposal in proposals if _length(proposal) < _length(value)]


def _length(value: float) -> tuple[int, float]:
    """How much there is to read; among equals, how far from 0; positive before negative."""
    return len(f"{abs(value):g}"), abs(value) + (value < 0) / 2


def _first_that_shows(shows: Callable[[Groups], Array], proposals: list[dict[str, Array]]) -> dict[str, Array] | None:
    for size in sorted({proposal["scores"].shape[-1] for proposal in proposals}):
        alike = [proposal for proposal in proposals if proposal["scores"].shape[-1] == size]
        for start in range(0, len(alike), ROWS):
            part = alike[start : start + ROWS]
            filled = part + part[:1] * (ROWS - len(part))
            shown = shows({name: np.concatenate([group[name] for group in filled]) for name in part[0]})[: len(part)]
            if shown.any():
                return part[int(np.argmax(shown))]
    return None
