"""Measures of an optimizer step, summed over groups so that ranks and micro-batches can be added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

from tpo import diagnostics, summarize
from tpo_llm.settings import innermost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo_llm.settings import Settings
    from tpo_llm.weights import Candidates, Weighed

NAMES = ("excess_cross_entropy", "remaining_variation", "weights_norm")
OF_SCORES = ("tied", "near_tied", "all_fail", "all_pass")
OF_OLD_POLICY = ("effective_sample_size",)
"""Measures of a rollout, as `tpo.Diagnostics` names them."""


@dataclass(frozen=True)
class Sums:
    """Sums of measures over groups.

    Attributes:
        values: `[1 + M]` float32: the number of groups, and the sum of each of `NAMES`.
    """

    values: torch.Tensor

    @classmethod
    def zero(cls, device: torch.device) -> Sums:
        """Create sums of 0, over no groups."""
        return cls(torch.zeros(1 + len(NAMES), dtype=torch.float32, device=device))

    def __add__(self, other: Sums) -> Sums:
        """Add the groups of another part of the mini-batch."""
        return Sums(self.values + other.values)

    def reduced(self, group: Any) -> Sums:
        """Add the groups of all ranks of a process group."""
        values = self.values.clone()
        dist.all_reduce(values, group=group)
        return Sums(values)

    def means(self) -> Mapping[str, float]:
        """The mean of each measure over the groups; 0 without any."""
        count, *sums = self.values.tolist()
        return dict(zip(NAMES, [one / max(count, 1.0) for one in sums], strict=True))


def measured(settings: Settings, weighed: Weighed) -> Sums:
    """Measure an optimizer step before it is taken.

    The target is that of TPO, with the algorithm's options if it is TPO: for other algorithms the measures tell how far
    their policy is from the target of `TPO(anchor="ratio")`.

    Args:
        settings: The algorithm.
        weighed: The groups, and the weights of their rows.

    Returns:
        Sums of KL(q || p) in nats, of the total variation between p and q, and of the norm of each group's weights.
    """
    joined = weighed.candidates
    if joined is None:
        return Sums.zero(weighed.total.device)
    found = diagnostics(joined.group, joined.now, **target_options(settings))
    squares = weighed.weights.square().sum(-1)
    norms = joined.groups.gather(joined.rows.gather(squares[joined.order]).sum(-1)).sum(-1).sqrt()
    count = found.present.float().sum()
    parts = (count, found.excess_cross_entropy, found.remaining_variation, norms)
    return Sums(torch.stack([part.float().sum() for part in parts]))


def target_options(settings: Settings) -> Mapping[str, Any]:
    """The options of `tpo.target` that the algorithm builds its target with, or the default for long completions."""
    options: Mapping[str, Any] = getattr(innermost(settings.algorithm), "target_options", {"anchor": "ratio"})
    return options


def rollout_measures(
    settings: Settings, joined: Candidates | None, group_size: int, *, knows_old: bool = True
) -> Mapping[str, float]:
    """Measure what the groups of a rollout can teach; nothing without a group.

    Warns if the old policy is degenerate over most groups and the algorithm builds its target on it.

    Args:
        settings: The algorithm.
        joined: The groups, from `tpo_llm.weights.join`.
        group_size: Candidates of a full group.
        knows_old: Whether the groups have the old log-probs.

    Returns:
        Name to number: those of `OF_SCORES`, of `OF_OLD_POLICY` if the old log-probs are known, the number of groups,
        and how many have fewer candidates.
    """
    if joined is None:
        return {}
    summary = summarize(diagnostics(joined.group, anchor="policy"), warn=knows_old and settings.tilts_old_policy)
    short = (joined.present.sum(-1) < group_size).sum()
    counts = {"groups": float(len(joined.groups.ids)), "short_groups": float(short)}
    names = (*OF_OLD_POLICY, *OF_SCORES) if knows_old else OF_SCORES
    return {name: summary[name] for name in names} | counts
