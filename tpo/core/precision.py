"""The two tiers in which standardized scores and targets are computed, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from tpo.core import exact, fast
from tpo.errors import unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.ops import Array

Precision = Literal["exact", "fast"]
"""`exact`: the same bits in every library, correctly rounded but for a few per cent of a unit in the last place.
`fast`: the plain formula made safe, within 8 machine epsilons in the target."""


class Tier(NamedTuple):
    """The functions of a tier; `tpo.core.fast` has their definitions at their plainest."""

    z_score: Callable[..., Array]
    tilted_softmax: Callable[..., Array]


TIERS = {
    "exact": Tier(exact.z_score, exact.tilted_softmax),
    "fast": Tier(fast.z_score, fast.tilted_softmax),
}


def tier(name: str) -> Tier:
    """The tier called `name`.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in TIERS:
        raise unknown_name("precision", name, TIERS)
    return TIERS[name]
