"""The law of half precision: results equal those of float32 for the rounded inputs, rounded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tpo.testing.laws.outcomes import Comparison, same
from tpo.testing.laws.poses import over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.testing.laws.groups import Array, Groups
    from tpo.testing.laws.outcomes import Outcome, Subject

SINGLE = "float32"
GRADIENT = "gradient"
"""Name of the gradient in comparisons of an `Outcome`."""

SLACK = 16 * float(np.finfo(np.float32).eps)
"""Tolerance for float32 under compilation, in units of the largest number of a group or of 1."""


class Format(NamedTuple):
    """A half-precision floating-point format.

    Attributes:
        digits: Bits of the significand.
        lowest: The exponent of the smallest normal number.
        highest: The largest number.
    """

    digits: int
    lowest: int
    highest: float


FORMATS: Mapping[str, Format] = {
    "float16": Format(11, -14, 65504.0),
    "bfloat16": Format(8, -126, float.fromhex("0x1.fep127")),
}


def spacing(values: Array, dtype: str) -> Array:
    """Compute the unit in the last place of `values` in a half-precision `dtype`, as float64."""
    form = FORMATS[dtype]
    finite = np.where(np.isfinite(values), values, 0.0).astype(np.float64)
    _, exponent = np.frexp(finite)
    leading = np.where(finite == 0, form.lowest, np.maximum(exponent - 1, form.lowest))
    return np.asarray(np.ldexp(1.0, leading - (form.digits - 1)))


def rounded(values: Array, dtype: str) -> Array:
    """Round `values` to a half-precision `dtype`, as float64; infinite beyond its range."""
    unit = spacing(values, dtype)
    with np.errstate(invalid="ignore"):
        nearest = np.round(values / unit) * unit
    return np.where(np.abs(nearest) > FORMATS[dtype].highest, np.copysign(np.inf, values), nearest)


def rounded_once(subject: Subject, groups: Groups) -> list[Comparison]:
    """Compare results in each half-precision dtype with those of float32, to half a unit in the last place."""
    comparisons: list[Comparison] = []
    leading = groups["scores"].shape[:-1]
    for dtype in subject.halves():
        half, single = subject.at(dtype), subject.at(SINGLE)
        given = {name: half.rounded(values) for name, values in within_range(groups, dtype).items()}
        found = same(half.outcome(given), single.outcome(given))
        comparisons += [to_the_last_place(comparison, dtype, leading, units=0.5) for comparison in found]
    return comparisons


def within_range(groups: Groups, dtype: str) -> dict[str, Array]:
    """Limit the scores of groups to the range of `dtype`."""
    highest = FORMATS[dtype].highest
    return {**groups, "scores": np.clip(groups["scores"], -highest, highest)}


def without_overflow(comparisons: list[Comparison], single: Outcome, dtype: str) -> list[Comparison]:
    """Allow infinite gradients in comparisons where the gradient of float32 exceeds the range of `dtype`."""
    if single.gradient is None:
        return comparisons
    beyond = np.abs(single.gradient) > FORMATS[dtype].highest
    return [
        comparison._replace(expected=np.where(beyond & np.isinf(comparison.got), comparison.got, comparison.expected))
        if comparison.what == GRADIENT
        else comparison
        for comparison in comparisons
    ]


def to_the_last_place(comparison: Comparison, dtype: str, leading: tuple[int, ...], units: float = 1.0) -> Comparison:
    """Give a comparison a tolerance of `units` in the last place of `dtype`, unless it is exact."""
    if comparison.exact:
        return comparison
    got, true = comparison.got.astype(np.float64), comparison.expected.astype(np.float64)
    nearest = rounded(true, dtype)
    finite = np.where(np.isfinite(true), true, 0)
    largest = np.max(np.abs(finite).reshape(*leading, -1), axis=-1, initial=1.0)
    with np.errstate(invalid="ignore"):
        near = np.abs(got - true) <= units * spacing(true, dtype) + SLACK * over(largest, true)
    expected = np.where(near | (got == nearest), got, nearest)
    return Comparison(f"{comparison.what} in {dtype}", got, expected, exact=True)
