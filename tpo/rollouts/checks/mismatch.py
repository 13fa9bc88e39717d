"""A check of the engine that sampled against the trainer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tpo.rollouts.checks.base import Verdict, percent

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

MOST_DIVERGENCE = 0.01
"""The largest KL from engine to trainer, in nats per token, that may be rounding."""

MOST_FAR = 0.01
"""Share of tokens whose ratio may lie outside [1/2, 2]."""


def mismatch(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Ratios of trainer to engine for the sampled tokens, and the KL that they estimate (see `Mismatch`)."""
    del expected
    tokens, divergence, far = (
        float(np.nansum(rollouts.columns[f"mismatch.{name}"])) for name in ("tokens", "divergence", "far")
    )
    largest = float(np.nanmax(rollouts.columns["mismatch.largest"]))
    figures = {"kl": divergence / tokens, "far": far / tokens, "largest_log_ratio": largest, "tokens": tokens}
    ratio = f"{math.exp(largest):.3g}" if largest < math.log(1e6) else f"e^{largest:.3g}"
    said = (
        f"KL {figures['kl']:.2g} nats per token; {percent(figures['far'])} of {tokens:,.0f} tokens have a ratio "
        f"outside [1/2, 2]; the largest is {ratio}, or its inverse"
    )
    if figures["kl"] <= MOST_DIVERGENCE and figures["far"] <= MOST_FAR:
        return Verdict(ok=True, detail=said, figures=figures)
    remedy = (
        "Compare temperature, top-p and top-k, precision and the version of the weights of engine and trainer; correct "
        "what remains by tpo.TruncatedIS or tpo.IcePop."
    )
    return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
