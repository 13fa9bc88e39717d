"""Probes of an algorithm on small groups, which find what its gradient depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tpo import Group, row_weights

if TYPE_CHECKING:
    from tpo_llm.settings import Settings

SCORES = ((0.0, 1.0, 2.0, 4.0), (3.0, 0.0, 0.0, 0.0))
"""Two groups of four candidates."""

TOKENS = 3


def looks_across_groups(settings: Settings) -> bool:
    """Whether the gradient of one group depends on the scores of another."""
    scores = torch.tensor(SCORES)
    others = scores * torch.tensor([[1.0], [5.0]]) + torch.tensor([[0.0], [7.0]])
    log_probs = _log_probs(settings, seed=0)
    return not torch.equal(_weights(settings, scores, log_probs)[0], _weights(settings, others, log_probs)[0])


def depends_on_old_log_probs(settings: Settings, *, reference: bool) -> bool:
    """Whether the loss or its gradient depends on the old log-probs even where the policy has not moved yet.

    It does not for methods of likelihood ratios, such as `TPO(anchor="ratio")` and GRPO: all ratios are 1 there. It
    does where the policy is compared with that of the engine, or with a reference.

    Args:
        settings: The algorithm.
        reference: Whether groups have the log-probs of a reference policy.
    """
    others = _log_probs(settings, seed=2)
    found = [_evaluated(settings, _log_probs(settings, seed), others if reference else None, others) for seed in (0, 1)]
    return not all(map(torch.equal, *found))


def _log_probs(settings: Settings, seed: int) -> torch.Tensor:
    shape = (2, 4, TOKENS) if settings.takes_tokens else (2, 4)
    return -torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def _weights(settings: Settings, scores: torch.Tensor, log_probs: torch.Tensor) -> torch.Tensor:
    group = _group(settings, scores, log_probs, log_probs)
    found: torch.Tensor = row_weights(settings.algorithm, group, log_probs)
    return found


def _evaluated(
    settings: Settings, log_probs: torch.Tensor, reference: torch.Tensor | None, rollout: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights of the rows and the values of the loss, for a policy that has not moved."""
    group = _group(settings, torch.tensor(SCORES), log_probs, rollout, reference)
    algorithm = settings.algorithm
    value: torch.Tensor = algorithm.loss(log_probs, algorithm.prepare(group)).value
    return row_weights(algorithm, group, log_probs), value


def _group(
    settings: Settings,
    scores: torch.Tensor,
    log_probs: torch.Tensor,
    rollout: torch.Tensor,
    reference: torch.Tensor | None = None,
) -> Group:
    token_mask = torch.ones_like(log_probs, dtype=torch.bool) if settings.takes_tokens else None
    return Group(
        scores=scores,
        old_log_probs=log_probs,
        ref_log_probs=reference,
        rollout_log_probs=rollout,
        token_mask=token_mask,
    )
