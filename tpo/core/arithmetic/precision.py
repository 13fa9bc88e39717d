"""The two tiers in which standardized scores and targets are computed, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from tpo.core.arithmetic import exact, fast
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.standardizing.standardizer import Standardizer

Precision = Literal["exact", "fast"]
"""Names of the tiers.

`exact`: the same bits in every library, correctly rounded to within a few per cent of a unit in the last place.
`fast`: the plain formula, safe from overflow, within 8 machine epsilons in the target."""

WITHOUT_ROUNDING = "fast"
"""The tier that replaces the exact one where a library cannot keep its roundings."""


class Tier(NamedTuple):
    """The functions of a precision tier; `tpo.core.arithmetic.fast` has the plainest definitions."""

    standardize: Callable[..., Array]
    tilted_softmax: Callable[..., Array]


@exact.same_bits
def _exactly(xp: Namespace, scores: Array, mask: Array | None, standardizer: Standardizer) -> Array:
    standard = standardizer.exact(xp, scores, mask)
    return standard.high + standard.low


def _fast(xp: Namespace, scores: Array, mask: Array | None, standardizer: Standardizer) -> Array:
    return standardizer.fast(xp, scores, mask)


TIERS = {
    "exact": Tier(_exactly, exact.tilted_softmax),
    "fast": Tier(_fast, fast.tilted_softmax),
}


def check_precision(name: str) -> None:
    """Raise an error for an unknown tier.

    Raises:
        UnknownNameError: The name is unknown.
    """
    look_up("precision", name, TIERS)


def tier(name: str, ops: Ops) -> Tier:
    """Look up a tier by name; the fast one if the library of `ops` cannot keep exact roundings at the moment.

    Raises:
        UnknownNameError: The name is unknown.
    """
    check_precision(name)
    return TIERS[name if ops.keeps_roundings() else WITHOUT_ROUNDING]
