"""The built-in algorithms and launchers, registered through the same hooks as those of third parties."""

from __future__ import annotations

from tpo.plugins.hookspecs import AlgorithmInfo, LauncherInfo, hookimpl

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
    AlgorithmInfo(
        name="trpo",
        load="tpo.core.algorithms.trpo:TRPO",
        summary="policy gradient with a penalty for leaving the old policy",
    ),
    AlgorithmInfo(name="mdpo", load="tpo.core.algorithms.mdpo:MDPO", summary="mirror descent on the policy"),
    AlgorithmInfo(name="rebel", load="tpo.core.algorithms.rebel:REBEL", summary="squared loss on reward differences"),
    AlgorithmInfo(
        name="gvpo", load="tpo.core.algorithms.gvpo:GVPO", summary="squared loss on centred implicit rewards"
    ),
    AlgorithmInfo(
        name="pmpo", load="tpo.core.algorithms.pmpo:PMPO", summary="raise accepted, lower rejected candidates"
    ),
    AlgorithmInfo(name="awr", load="tpo.core.algorithms.awr:AWR", summary="advantage-weighted regression"),
    AlgorithmInfo(name="mpo", load="tpo.core.algorithms.mpo:MPO", summary="fit the policy to exponentiated advantages"),
    AlgorithmInfo(
        name="v-mpo", load="tpo.core.algorithms.vmpo:VMPO", summary="MPO on the better half of the candidates"
    ),
    AlgorithmInfo(
        name="reinforce++",
        load="tpo.core.algorithms.reinforce_plus_plus:REINFORCEPlusPlus",
        summary="clipped, whitened over the batch, KL penalty in the score",
    ),
    AlgorithmInfo(name="remax", load="tpo.core.algorithms.remax:ReMax", summary="policy gradient, greedy baseline"),
    AlgorithmInfo(name="rloo", load="tpo.core.algorithms.rloo:RLOO", summary="policy gradient, leave-one-out baseline"),
    AlgorithmInfo(name="maxrl", load="tpo.core.algorithms.maxrl:MaxRL", summary="policy gradient over the mean score"),
    AlgorithmInfo(
        name="group-pg",
        load="tpo.core.algorithms.group_pg:GroupPG",
        summary="policy gradient, standardized within the group",
    ),
    AlgorithmInfo(
        name="dr-grpo",
        load="tpo.core.algorithms.dr_grpo:DrGRPO",
        summary="GRPO without division by deviation or length",
    ),
    AlgorithmInfo(
        name="dapo",
        load="tpo.core.algorithms.dapo:DAPO",
        summary="GRPO clipped higher, without tied groups",
    ),
    AlgorithmInfo(name="gspo", load="tpo.core.algorithms.gspo:GSPO", summary="GRPO with one ratio per completion"),
    AlgorithmInfo(
        name="cispo", load="tpo.core.algorithms.cispo:CISPO", summary="policy gradient with clipped ratios as weights"
    ),
    AlgorithmInfo(name="sapo", load="tpo.core.algorithms.sapo:SAPO", summary="GRPO with a soft gate for clipping"),
    AlgorithmInfo(
        name="gpg", load="tpo.core.algorithms.gpg:GPG", summary="policy gradient, centred, without tied groups"
    ),
)

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
