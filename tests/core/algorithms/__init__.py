"""Running an algorithm on groups: its loss, weight and gradient as NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo import (
    AWR,
    CISPO,
    DAPO,
    DG,
    GPG,
    GRPO,
    GSPO,
    GVPO,
    MDPO,
    MPO,
    PMPO,
    PPO,
    REBEL,
    REINFORCE,
    RLOO,
    RSBP,
    SAPO,
    TPO,
    TRPO,
    VMPO,
    DrGRPO,
    Gated,
    GroupPG,
    IcePop,
    MaxRL,
    MeanScaled,
    Ranks,
    REINFORCEPlusPlus,
    ReMax,
    TokenClip,
    TruncatedIS,
)
from tpo.testing.laws.subjects import algorithm_subject

if TYPE_CHECKING:
    from tpo.testing.laws.outcomes import Outcome

TARGETS = (
    TPO(eta=0.3),
    TPO(eta=0.5, divergence="reverse"),
    TPO(anchor="ratio", divergence="reverse", standardizer=Ranks(), precision="fast"),
    TPO(standardizer=MeanScaled()),
)
REGRESSIONS = (
    TRPO(),
    MDPO(),
    REBEL(),
    GVPO(),
    PMPO(),
    PMPO(threshold="median"),
    AWR(),
    MPO(),
    MPO(eta=0.5, kl=0.1),
    VMPO(),
    RSBP(beta=0.5),
)
POLICY_GRADIENTS = (
    REINFORCE(),
    REINFORCE(advantages="given"),
    DG(advantages="given"),
    REINFORCEPlusPlus(),
    ReMax(),
    RLOO(),
    MaxRL(),
    GroupPG(eta=0.5),
    PPO(),
    PPO(dual_clip=3.0),
    DG(),
    GRPO(),
    GRPO(kl=0.0),
    DrGRPO(max_length=3),
    DAPO(),
    GSPO(),
    CISPO(),
    SAPO(),
    GPG(),
)
COMPOSITIONS = (
    Gated(TPO(precision="fast"), eta=0.5),
    Gated(GRPO(), eta=0.5),
    TruncatedIS(GRPO()),
    IcePop(TPO(eta=0.3, precision="fast")),
    TruncatedIS(Gated(TPO(precision="fast"))),
    TokenClip(TPO(anchor="ratio", precision="fast"), epsilon=0.9),
    TokenClip(TPO(anchor="ratio", divergence="reverse", precision="fast"), epsilon=0.9),
)
ALGORITHMS = (*TARGETS, *POLICY_GRADIENTS, *REGRESSIONS, *COMPOSITIONS)


def run(autodiff: Any, algorithm: Any, log_probs: Any, **group: Any) -> Outcome:
    """The loss of `log_probs` under the signal prepared from `Group(**group)`, and its gradient."""
    return algorithm_subject(autodiff, algorithm, log_probs.dtype.name).outcome({"log_probs": log_probs, **group})
