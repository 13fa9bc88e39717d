"""Arms that differ in what TPO's target is anchored to, and the baselines beside them. Beyond the paper."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tpo.training.arm import Arm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    CreateArm = Callable[..., Arm]
    """Creates an arm from an algorithm, a grouping and options; the settings that all arms share are bound."""

SOURCE = "beyond the paper"

TARGET_METRICS = ("effective_sample_size", "gradient_norm", "excess_cross_entropy")
"""Metrics of groups: how many candidates the old policy spreads over, and how far the target pulls."""


def creator(**settings: Any) -> CreateArm:
    """Bind the settings that all arms share."""

    def create(algorithm: str, grouping: str, **options: Any) -> Arm:
        return Arm(algorithm=algorithm, grouping=grouping, options=options, **settings)

    return create


def by_anchor(create: CreateArm, grouping: str) -> dict[str, Arm]:
    """Create the arms of TPO that every grouping admits.

    The paper's target starts from the old policy over the group. With `ratio` it starts from equal probabilities, and
    is fitted by the log-ratios to the old policy, as in LPO; the reverse divergence is LPO's other projection.
    """
    tpo = partial(create, "tpo", grouping)
    return {
        "TPO": tpo(),
        "TPO (ratio)": tpo(anchor="ratio"),
        "TPO (ratio, reverse)": tpo(anchor="ratio", divergence="reverse"),
    }


def by_length(create: CreateArm) -> dict[str, Arm]:
    """Create the arms of TPO whose log-probs of whole completions are divided by a power of the length."""
    return {
        "TPO (root of length)": create("tpo", "sequence-sqrt"),
        "TPO (mean log-probs)": create("tpo", "sequence-mean"),
    }


def of_tokens(create: CreateArm) -> dict[str, Arm]:
    """Create the arms of methods with a ratio for each token and a score for the whole."""
    return {
        "GRPO": create("grpo", "sequence-tokens", kl=0.0),
        "Dr. GRPO": create("dr-grpo", "sequence-tokens"),
    }


def of_completions(**settings: Any) -> Mapping[str, Arm]:
    """Create all arms on whole completions or episodes, with equal settings."""
    create = creator(**settings)
    return by_anchor(create, "sequence") | by_length(create) | of_tokens(create)
