"""Outcomes of a loss on groups, and their comparison with expected results, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.testing.laws.groups import Array, Groups


class Outcome(NamedTuple):
    """The outcome of a loss on groups.

    Attributes:
        value: `[...]` losses.
        weight: `[...]` weights.
        gradient: The gradient of the sum of the values, shaped as the log-probs; `None` if the library does not
            differentiate.
    """

    value: Array
    weight: Array
    gradient: Array | None


class Subject(Protocol):
    """A loss on one backend in one dtype, called with NumPy arrays."""

    def outcome(self, groups: Groups) -> Outcome:
        """Evaluate the loss on `groups`."""

    def leaks(self, groups: Groups) -> Mapping[str, Array]:
        """Compute the gradients of the summed values in the arrays that models computed; they should be 0."""

    def halves(self) -> Sequence[str]:
        """Names of the half-precision dtypes that the backend has."""

    def at(self, dtype: str) -> Subject:
        """Return the same loss on the same backend in another dtype."""

    def rounded(self, values: Array) -> Array:
        """Round NumPy `values` to the dtype of the loss."""


class Comparison(NamedTuple):
    """A result beside the expected one.

    Attributes:
        what: The name of the part of the outcome.
        got: The result, `[...]` or `[..., K]`.
        expected: The expected result, of the same shape.
        exact: Whether the two must be equal without tolerance.
    """

    what: str
    got: Array
    expected: Array
    exact: bool


def breaks(comparison: Comparison, leading: int, tolerance: float) -> Array:
    """Find the groups in which result and expectation differ, `[...]` boolean.

    Args:
        comparison: The two arrays.
        leading: The number of axes before the group axis.
        tolerance: The tolerance for results that are not exact, in machine epsilons of the largest number of the
            group or of 1.
    """
    got, expected = (_rows(values, leading) for values in (comparison.got, comparison.expected))
    largest = np.maximum(1, np.max(np.abs(expected), axis=-1, keepdims=True))
    allowed = 0 if comparison.exact else tolerance * np.finfo(got.dtype).eps * largest
    with np.errstate(invalid="ignore"):
        # Written so that NaN breaks. Equal infinities are compared first, since their difference is NaN.
        kept = (got == expected) | (np.abs(got - expected) <= allowed)
    return np.asarray(~np.all(kept, axis=-1))


def _rows(values: Array, leading: int) -> Array:
    return np.asarray(values).reshape(*values.shape[:leading], -1)


def same(got: Outcome, expected: Outcome, *, exact: bool = False) -> list[Comparison]:
    """Compare every part of two outcomes."""
    parts = zip(Outcome._fields, got, expected, strict=True)
    return [Comparison(what, one, other, exact) for what, one, other in parts if one is not None and other is not None]


def zero_where(outcome: Outcome, groups: Array, candidates: Array) -> list[Comparison]:
    """Compare an outcome with 0 in some `groups` and `candidates`, and with finite numbers everywhere."""
    zero = {"value": groups, "weight": groups, "gradient": candidates}
    parts = [(what, values) for what, values in outcome._asdict().items() if values is not None]
    return [Comparison(what, values, _tidied(values, zero[what]), exact=True) for what, values in parts]


def _tidied(values: Array, zero: Array) -> Array:
    return np.where(zero | ~np.isfinite(values), np.zeros((), values.dtype), values)


def check_agreement(
    comparisons: Sequence[Comparison], groups: Groups, tolerance: float, statement: str, remedy: str
) -> None:
    """Fail with `statement`, the first group that differs, and `remedy`.

    Raises:
        AssertionError: A group differs.
    """
    for comparison in comparisons:
        wrong = breaks(comparison, groups["scores"].ndim - 1, tolerance)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            got, expected = comparison.got[at], comparison.expected[at]
            message = f"in {wrong.sum()} of {wrong.size} groups, the first {at}: {comparison.what} {got}"
            raise AssertionError(f"{statement}: {message} instead of {expected}. {remedy}")
