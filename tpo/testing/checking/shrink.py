"""Shrinking a counterexample to the smallest group with the plainest numbers."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.testing.laws.groups import Array, Groups

ROWS = 128
"""Groups tried at once. The number is constant, since libraries may recompile for every shape."""

SMALLEST = 2
PLAIN_VALUES = (0.0, 1.0, -1.0)
DIGITS = (0, 1, 2)


def shrink(shows: Callable[[Groups], Array], group: Groups, *, keep_sizes: bool = False) -> dict[str, Array]:
    """Shrink `group` to the smallest group for which `shows` still holds.

    Candidates are removed first, as many as possible; then numbers are replaced by 0, 1 or -1, or rounded.

    Args:
        shows: The property, a function from groups `[N, ...]` to `[N]` booleans.
        group: Arrays by name, `[1, K]`, or `[1, K, T]` for tokens.
        keep_sizes: Whether to change numbers only.

    Returns:
        The arrays with fewer candidates and tokens.
    """
    current = dict(group)
    proposals = plainer_groups if keep_sizes else simpler_groups
    while (simpler := _first_that_shows(shows, list(proposals(current)))) is not None:
        current = simpler
    return current


def simpler_groups(group: Groups) -> Iterator[dict[str, Array]]:
    """Yield groups with fewer candidates, then with fewer tokens, the smallest first; then plainer groups."""
    size = group["scores"].shape[-1]
    for fewer in range(SMALLEST, size):
        for kept in combinations(range(size), fewer):
            yield {name: values[:, list(kept)] for name, values in group.items()}
    tokens = [name for name, values in group.items() if values.ndim > group["scores"].ndim]
    for fewer in range(1, group[tokens[0]].shape[-1] if tokens else 1):
        yield {**group, **{name: group[name][..., :fewer] for name in tokens}}
    yield from plainer_groups(group)


def plainer_groups(group: Groups) -> Iterator[dict[str, Array]]:
    """Yield groups with plainer numbers: one entry or a whole array, in one array or in all equal arrays."""
    for name, values in group.items():
        if values.dtype.kind == "f":
            alone, alike = [name], [other for other in group if np.array_equal(group[other], values)]
            for names, place in product([alone, alike][: len(alike)], [..., *np.ndindex(values.shape)]):
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
    """Sort key for plainness: number of digits, then distance from 0, then positive before negative."""
    return len(f"{abs(value):g}"), abs(value) + (value < 0) / 2


def _first_that_shows(shows: Callable[[Groups], Array], proposals: list[dict[str, Array]]) -> dict[str, Array] | None:
    for shapes in sorted({_shapes(proposal) for proposal in proposals}):
        alike = [proposal for proposal in proposals if _shapes(proposal) == shapes]
        for start in range(0, len(alike), ROWS):
            part = alike[start : start + ROWS]
            filled = part + part[:1] * (ROWS - len(part))
            shown = shows({name: np.concatenate([group[name] for group in filled]) for name in part[0]})[: len(part)]
            if shown.any():
                return part[int(np.argmax(shown))]
    return None


def _shapes(group: Groups) -> tuple[tuple[int, ...], ...]:
    return tuple(values.shape for values in group.values())
