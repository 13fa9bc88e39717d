"""The built-in algorithms and launchers, registered through the same hooks as those of third parties."""

from __future__ import annotations

from tpo.plugins.hookspecs import AlgorithmInfo, LauncherInfo, hookimpl

ALGORITHMS = tuple(
    AlgorithmInfo(name=name, load=f"tpo.core.algorithms.{module_and_class}", summary=summary)
    for name, module_and_class, summary in (
        ("tpo", "tpo:TPO", "fit the policy to a score-tilted target"),
        ("grpo", "grpo:GRPO", "clipped, standardized within the group"),
        ("ppo", "ppo:PPO", "clipped policy gradient on single samples"),
        ("dg", "dg:DG", "policy gradient gated by delight"),
        ("reinforce", "reinforce:REINFORCE", "policy gradient with a batch-mean baseline"),
        ("trpo", "trpo:TRPO", "policy gradient with a penalty for leaving the old policy"),
        ("mdpo", "mdpo:MDPO", "mirror descent on the policy"),
        ("rebel", "rebel:REBEL", "squared loss on reward differences"),
        ("gvpo", "gvpo:GVPO", "squared loss on centred implicit rewards"),
        ("pmpo", "pmpo:PMPO", "raise accepted, lower rejected candidates"),
        ("awr", "awr:AWR", "advantage-weighted regression"),
        ("mpo", "mpo:MPO", "fit the policy to exponentiated advantages"),
        ("rsbp", "rsbp:RSBP", "likelihood weighted by exponentiated scores"),
        ("v-mpo", "vmpo:VMPO", "MPO on the better half of the candidates"),
        (
            "reinforce++",
            "reinforce_plus_plus:REINFORCEPlusPlus",
            "clipped, whitened over the batch, KL penalty in the score",
        ),
        ("remax", "remax:ReMax", "policy gradient, greedy baseline"),
        ("rloo", "rloo:RLOO", "policy gradient, leave-one-out baseline"),
        ("maxrl", "maxrl:MaxRL", "policy gradient over the mean score"),
        ("group-pg", "group_pg:GroupPG", "policy gradient, standardized within the group"),
        ("dr-grpo", "dr_grpo:DrGRPO", "GRPO without division by deviation or length"),
        ("dapo", "dapo:DAPO", "GRPO clipped higher, without tied groups"),
        ("gspo", "gspo:GSPO", "GRPO with one ratio per completion"),
        ("cispo", "cispo:CISPO", "policy gradient with clipped ratios as weights"),
        ("sapo", "sapo:SAPO", "GRPO with a soft gate for clipping"),
        ("gpg", "gpg:GPG", "policy gradient, centred, without tied groups"),
    )
)
"""The algorithms: name, module and class, and summary."""

LAUNCHERS = (
    LauncherInfo(
        name="processes",
        load="tpo.experiments.execution.processes:processes",
        summary="processes of this machine",
    ),
    LauncherInfo(
        name="ray",
        load="tpo.experiments.execution.on_ray:on_ray",
        summary="actors of Ray, on this machine or a cluster",
        requires=("ray",),
        hint='pip install "tpo[ray]"',
    ),
)


@hookimpl
def tpo_algorithms() -> tuple[AlgorithmInfo, ...]:
    """The built-in algorithms."""
    return ALGORITHMS


@hookimpl
def tpo_launchers() -> tuple[LauncherInfo, ...]:
    """The built-in launchers."""
    return LAUNCHERS
