"""The algorithms that come with `tpo`, registered as any third party's are."""

from __future__ import annotations

from tpo.hookspecs import AlgorithmInfo, hookimpl

ALGORITHMS = (
    AlgorithmInfo(name="tpo", load="tpo.core.algorithms.tpo:TPO", summary="fit the policy to a score-tilted target"),
    AlgorithmInfo(name="grpo", load="tpo.core.algorithms.grpo:GRPO", summary="clipped, standardized within the group"),
    AlgorithmInfo(name="ppo", load="tpo.core.algorithms.ppo:PPO", summary="clipped policy gradient on single samples"),
    AlgorithmInfo(name="dg", load="tpo.core.algorithms.dg:DG", summary="policy gradient gated by delight"),
    AlgorithmInfo(
        name="reinforce",
        load="tpo.core.algorithms.reinforce:REINFORCE",
        summary="policy gradient with a batch-mean baseline",
    ),
)


@hookimpl
def tpo_algorithms() -> tuple[AlgorithmInfo, ...]:
    """The built-in algorithms."""
    return ALGORITHMS
