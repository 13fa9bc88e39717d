"""Random groups of ragged completions, and our losses on them as PyTorch tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from tpo import Group

GROUPS, K, T = 6, 4, 7
ROWS = GROUPS * K


@dataclass(frozen=True, kw_only=True)
class Completions:
    """Groups of completions: `[GROUPS, K, T]` and `[GROUPS, K]`. Other libraries take one completion per row."""

    log_probs: torch.Tensor
    old_log_probs: torch.Tensor
    ref_log_probs: torch.Tensor
    scores: torch.Tensor
    baseline_scores: torch.Tensor
    token_mask: torch.Tensor

    def rows(self, name: str) -> torch.Tensor:
        """An array with groups and candidates in one axis."""
        array = getattr(self, name)
        return array.reshape(-1, *array.shape[2:])

    @property
    def mask(self) -> torch.Tensor:
        """The response or completion mask of other libraries, `[ROWS, T]`, 1 for a token."""
        return self.rows("token_mask").to(self.log_probs.dtype)

    def group(self) -> Group:
        """The group, with all arrays but the current log-probs."""
        names = ("scores", "old_log_probs", "ref_log_probs", "baseline_scores", "token_mask")
        return Group(**{name: getattr(self, name) for name in names})


def completions(seed: int, *, groups: int = GROUPS, k: int = K) -> Completions:
    """Completions of 1 to T tokens, no two scores of a group alike, ratios on both sides of every clip."""
    random = torch.Generator().manual_seed(seed)
    draw = {"generator": random, "dtype": torch.float64}
    new, old, reference = torch.randn(3, groups, k, T, **draw) * 0.4 - 1
    lengths = torch.randint(1, T + 1, (groups, k, 1), generator=random)
    return Completions(
        log_probs=new,
        old_log_probs=old,
        ref_log_probs=reference,
        scores=torch.rand(groups, k, **draw) + 0.1,
        baseline_scores=torch.rand(groups, **draw),
        token_mask=torch.arange(T) < lengths,
    )


def ours(algorithm: Any, sample: Completions) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of the batch, and its gradient in the log-probs, one completion per row."""
    log_probs = sample.log_probs.clone().requires_grad_()
    value, weight = algorithm.loss(log_probs, algorithm.prepare(sample.group()))
    loss = value.sum() / weight.sum()
    (gradient,) = torch.autograd.grad(loss, log_probs)
    return loss.detach(), gradient.reshape(-1, T)


def advantages(algorithm: Any, sample: Completions) -> torch.Tensor:
    """`[ROWS, T]`: the advantage of each token, 0 where there is none."""
    signal = algorithm.prepare(sample.group())
    return (signal.advantages * sample.token_mask).reshape(-1, T)


def agree(got: tuple[torch.Tensor, ...], expected: tuple[torch.Tensor, ...], tolerance: float) -> None:
    """Compare losses and gradients, to `tolerance` relative to the largest number in each."""
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=tolerance * float(other.abs().max()))
