"""Standardizers by name, for settings that are text."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tpo.core.standardizing.mean_scaled import MeanScaled
from tpo.core.standardizing.ranks import Ranks
from tpo.core.standardizing.standardizers import Z_SCORE, Centred, LeaveOneOut
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.standardizing.standardizer import Standardizer

STANDARDIZERS: Mapping[str, Standardizer] = MappingProxyType(
    {
        "z-score": Z_SCORE,
        "centred": Centred(),
        "leave-one-out": LeaveOneOut(),
        "mean-scaled": MeanScaled(),
        "ranks": Ranks(),
    }
)
"""Standardizers with their default options. A `BatchZScore` is not among them: it mixes the groups of a batch."""


def standardizer_named(name: str) -> Standardizer:
    """The standardizer called `name`.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("standardizer", name, STANDARDIZERS)
