"""The configuration that selects the adapter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tunix.rl.grpo.grpo_learner import GRPOConfig

from tpo import InvalidArgumentError
from tpo_llm.refusals import reference_needed
from tpo_llm.settings import Settings, read_settings
from tpo_tunix.losses import NAME, register

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCEPTED = ("standardizer", "length_exponent", "token_clip")
"""The settings of `tpo_llm` that this adapter has a use for."""


@dataclass(kw_only=True)
class TargetPOConfig(GRPOConfig):
    """A `GRPOConfig` with which tunix's `GRPOLearner` trains by an algorithm of the core.

    Attributes:
        advantage_estimator: This adapter's, which hands on scores.
        policy_loss_fn: This adapter's.
        beta: Weight of tunix's own penalty on the KL divergence to the reference; 0 by default.
        tpo: `name`, the registered name of the algorithm (`tpo`), with its options, and any of `standardizer`,
            `length_exponent` and `token_clip`.

    Raises:
        InvalidArgumentError: An option is out of range, or the algorithm needs a reference policy and `beta` is 0.
        UnknownNameError: A name is unknown.

    Example:
        `GRPOLearner(rl_cluster, reward_fns=reward, algo_config=TargetPOConfig(num_generations=8, tpo={"eta": 0.5}))`
    """

    advantage_estimator: str = NAME
    policy_loss_fn: str = NAME
    beta: float = 0.0
    tpo: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the options, and register the functions."""
        super().__post_init__()
        self.settings: Settings = read_settings(self.tpo, "tpo.", ACCEPTED)
        if self.settings.needs_reference and not self.beta:
            remedy = "Set beta above 0: tunix computes it only for its own penalty."
            raise InvalidArgumentError(reference_needed(self.settings, "beta=0", remedy))
        register()
