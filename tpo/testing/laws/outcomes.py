"""What a loss makes of groups, and comparisons of it with what it should be, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.testing.laws.groups import Array, Groups


class Outcome(NamedTuple):
    """What a loss makes of groups.

    Attributes:
        value: `[...]`.
        weight: `[...]`.
        gradient: Of the sum of the values, shaped as the log-probs; `None` from a library that does not differentiate.
    """

    value: Array
    weight: Array
    gradient: Array | None


class Subject(Protocol):
    """A loss on one backend and in one dtype."""

    def outcome(self, groups: Groups) -> Outcome:
        """What it makes of `groups`."""

    def leaks(self, groups: Groups) -> Mapping[str, Array]:
        """The gradient of the sum of its values in the arrays of `groups` that models computed, which should be 0."""

    def halves(self) -> Sequence[str]:
        """The half-precision dtypes that the backend has."""

    def at(self, dtype: str) -> Subject:
        """The same loss on the same backend, in another dtype."""

    def rounded(self, values: Array) -> Array:
        """NumPy `values` as the loss sees them."""


class Comparison(NamedTuple):
    """What came and what should have.

    Attributes:
        what: Which part of the outcome.
        got: `[...]` or `[..., K]`.
        expected: The same.
        exact: Whether no rounding is forgiven.
    """

    what: str
    got: Array
    expected: Array
    exact: bool


def breaks(comparison: Comparison, leading: int, tolerance: float) -> Array:
    """`[...]` boolean: the groups in which the two differ.

    Args:
        comparison: What came and what should have.
        leading: How many axes stand before the group axis.
        tolerance: How far roundings may carry a result that is not exact, in machine epsilons of the largest
            number of the group or of 1.
    """
    got, expected = (_rows(values, leading) for values in (comparison.got, comparison.expected))
    largest = np.maximum(1, np.max(np.abs(expected), axis=-1, keepdims=True))
    allowed = 0 if comparison.exact else tolerance * np.finfo(got.dtype).eps * largest
    with np.errstate(invalid="ignore"):
        # NaN compares as neither, and so breaks; two infinities have no difference, and so are compared first.
        kept = (got == expected) | (np.abs(got - expected) <= allowed)
    return np.asarray(~np.all(kept, axis=-1))


def _rows(values: Array, leading: int) -> Array:
    return np.asarray(values).reshape(*values.shape[:leading], -1)


def same(got: Outcome, expected: Outcome, *, exact: bool = False) -> list[Comparison]:
    """Comparisons of every part of two outcomes."""
    parts = zip(Outcome._fields, got, expected, strict=True)
    return [Comparison(what, one, other, exact) for what, one, other in parts if one is not None and other is not None]


def zero_where(outcome: Outcome, groups: Array, candidates: Array) -> list[Comparison]:
    """Comparisons that ask for 0 in some `groups` and `candidates`, and for finite numbers everywhere."""
    zero = {"value": groups, "weight": groups, "gradient": candidates}
    parts = [(what, values) for what, values in outcome._asdict().items() if values is not None]
    return [Comparison(what, values, _tidied(values, zero[what]), exact=True) for what, values in parts]


def _tidied(values: Array, zero: Array) -> Array:
    return np.where(zero | ~np.isfinite(values), np.zeros((), values.dtype), values)


def check_agreement(comparisons: Sequence[Comparison], groups: Groups, tolerance: float, statement: str) -> None:
    """Fail with `statement` and the first group that differs, if one does.

    Raises:
        AssertionError: One does.
    """
    for comparison in comparisons:
        wrong = breaks(comparison, groups["scores"].ndim - 1, tolerance)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            got, expected = comparison.got[at], comparison.expected[at]
            message = f"in {wrong.sum()} of {wrong.size} groups, the first {at}: {comparison.what} {got}"
            raise AssertionError(f"{statement}: {message} instead of {expected}")
