"""Hypothesis strategies for groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

if TYPE_CHECKING:
    from tpo.testing.laws.groups import Array

LOG_PROBS = ("log_probs", "old_log_probs", "ref_log_probs", "rollout_log_probs")
quarters = st.integers(-40, 40).map(lambda number: number / 4)
"""Scores that are multiples of 1/4, so that sums are exact."""

nats = st.floats(-30, 0, width=32).map(float)
"""Log-probs from -30 to 0."""


SIZES, COUNTS = st.integers(2, 6), st.integers(2, 5)


@st.composite
def groups(
    draw: st.DrawFn, *, sizes: st.SearchStrategy[int] = SIZES, counts: st.SearchStrategy[int] = COUNTS
) -> dict[str, Array]:
    """Groups `[N, K]` with ties and masked slots: `log_probs`, and all arrays of `tpo.Group` but `taken` and tokens.

    Args:
        draw: The function that hypothesis passes.
        sizes: Strategy for K.
        counts: Strategy for N.
    """
    shape = draw(counts), draw(sizes)
    drawn = {name: draw(stn.arrays(np.float64, shape, elements=nats)) for name in LOG_PROBS}
    return {
        **drawn,
        "scores": draw(stn.arrays(np.float64, shape, elements=quarters)),
        "advantages": draw(stn.arrays(np.float64, shape, elements=quarters)),
        "baseline_scores": draw(stn.arrays(np.float64, shape[:1], elements=quarters)),
        "mask": draw(stn.arrays(np.bool_, shape)),
    }
