"""A check of the movement of the policy since the rollout, by length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.core.arithmetic.limits import LOG_RATIO_BOUND
from tpo.rollouts.checks.base import Verdict, percent
from tpo.rollouts.statistics import CERTAIN, correlation, log_ratios, paired, standard_errors

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

LARGE_DRIFT = 1.0
"""Mean log-ratio of the longest quarter, in nats, from which on ratios of sequences say little."""

CORRELATED = 0.3

MOST_BOUNDED = 0.01
"""Share of completions whose ratio may lie beyond `LOG_RATIO_BOUND`."""


def drift(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Log-ratios of completions, new minus old log-prob in nats, and whether they grow with the length."""
    del expected
    ratios, lengths = log_ratios(rollouts), rollouts.columns["length"]
    known = paired(ratios, lengths)
    ratios, lengths = ratios[known], lengths[known]
    if not ratios.size:
        return Verdict(ok=None, detail="no row has both log-probs and a length", figures={})
    if not ratios.any():
        return Verdict(ok=True, detail="all log-ratios are 0: the policy has not moved", figures={"mean": 0.0})
    found = correlation(ratios, lengths)
    longest = ratios[lengths >= np.quantile(lengths, 0.75)]
    figures = {
        "mean": float(ratios.mean()),
        "deviation": float(ratios.std()),
        "correlation": found,
        "mean_of_longest_quarter": float(longest.mean()),
        "bounded": float((np.abs(ratios) > LOG_RATIO_BOUND).mean()),
    }
    said = (
        f"mean {figures['mean']:.3g} nats, deviation {figures['deviation']:.3g}; in the longest quarter mean "
        f"{figures['mean_of_longest_quarter']:.3g}; correlation with the length {found:.2f}"
    )
    grows = abs(found) >= CORRELATED and abs(standard_errors(found, ratios.size)) >= CERTAIN
    if grows and abs(figures["mean_of_longest_quarter"]) >= LARGE_DRIFT:
        remedy = (
            "Every token drifts in one direction, so that ratios measure the length: old and new log-probs may come "
            "from different temperatures, precisions or models, or the rollout is stale."
        )
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    if figures["bounded"] > MOST_BOUNDED:
        said += f"; {percent(figures['bounded'])} lie beyond {LOG_RATIO_BOUND:g} nats"
        remedy = "The policy has left the rollout: sample again, do fewer epochs, or lower the learning rate."
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    return Verdict(ok=True, detail=said, figures=figures)
