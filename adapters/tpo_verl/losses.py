"""The policy loss and the advantage estimator that verl calls.

The loss is linear in the log-probs: the training worker has put the weights of rows, which carry the whole gradient,
where verl keeps advantages.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import torch
from verl.trainer.ppo.core_algos import agg_loss

from tpo import InvalidArgumentError, Segments, standardize
from tpo_verl.names import ESTIMATOR, LOSS_MODE, TRAINER

if TYPE_CHECKING:
    import numpy as np

REDUCTION = "seq-mean-token-sum"
"""verl's reduction that sums over tokens; the division by the loss's own weights is in the weights of rows."""

READY = "ready"
"""Key of `algorithm.tpo` that our trainer sets."""

WEIGHED: ContextVar[bool] = ContextVar("weighed", default=False)
"""Whether our worker calls the loss: advantages are then weights of rows."""

WITHOUT_TRAINER = (
    "the {kind} `{name}` must be used by the trainer " + TRAINER + ", which computes its weights; got another trainer. "
    "Set trainer.v1.trainer_mode=" + TRAINER + " and trainer.use_v1=True."
)


def policy_loss(
    old_log_prob: torch.Tensor,
    log_prob: torch.Tensor,
    advantages: torch.Tensor,
    response_mask: torch.Tensor,
    loss_agg_mode: str = REDUCTION,
    config: Any = None,
    rollout_is_weights: torch.Tensor | None = None,
) -> tuple[torch.Tensor, dict[str, float]]:
    """Minimise `-advantages * log_prob`, where the advantages are the negative weights of rows, in verl's units.

    Args:
        old_log_prob: `[B, R]` in nats.
        log_prob: `[B, R]` in nats, differentiable.
        advantages: `[B, R]`: what the training worker put there.
        response_mask: `[B, R]`.
        loss_agg_mode: Not used: the algorithm of the core says how its loss is averaged.
        config: verl's configuration of the actor, with the sizes of the whole batch.
        rollout_is_weights: `[B, R]` verl's own importance weights, or `None`.

    Returns:
        The loss, and an estimate of the KL divergence to the old policy.

    Raises:
        InvalidArgumentError: Another worker calls it.
    """
    del loss_agg_mode
    if not WEIGHED.get():
        raise InvalidArgumentError(WITHOUT_TRAINER.format(kind="policy loss", name=LOSS_MODE))
    losses = -advantages * log_prob
    if rollout_is_weights is not None:
        losses = losses * rollout_is_weights
    loss = agg_loss(loss_mat=losses, loss_mask=response_mask, loss_agg_mode=REDUCTION, **config.global_batch_info)
    moved = ((old_log_prob - log_prob) * response_mask).sum() / response_mask.sum().clamp(min=1)
    return loss, {"actor/ppo_kl": moved.detach().item()}


def advantages(
    token_level_rewards: torch.Tensor,
    response_mask: torch.Tensor,
    config: Any = None,
    index: np.ndarray[Any, Any] | None = None,
    **more: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Standardized scores of rows, for verl's logs. The training worker replaces them by the weights of rows.

    Args:
        token_level_rewards: `[B, R]`.
        response_mask: `[B, R]`.
        config: verl's section `algorithm`.
        index: `[B]` the id of each row's prompt.
        **more: Whatever else verl passes.

    Returns:
        Advantages and returns, `[B, R]`.

    Raises:
        InvalidArgumentError: Another trainer calls it.
    """
    del more
    if index is None or config is None or not (config.get("tpo") or {}).get(READY):
        raise InvalidArgumentError(WITHOUT_TRAINER.format(kind="advantage estimator", name=ESTIMATOR))
    segments = Segments.from_ids(index.tolist())
    scores = segments.gather(token_level_rewards.sum(-1))
    standardized = standardize(scores, mask=torch.as_tensor(segments.mask, device=scores.device))
    spread = segments.scatter(standardized)[:, None] * response_mask
    return spread, spread
