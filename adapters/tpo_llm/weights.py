"""The weights of rows: the gradient of an algorithm's loss in each log-prob, from rows of whole groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from tpo import Group, InvalidArgumentError, Segments, row_weights
from tpo_llm.rows import PADDING

if TYPE_CHECKING:
    from tpo import Algorithm, Loss
    from tpo_llm.rows import Rows
    from tpo_llm.settings import Settings


class Candidates(NamedTuple):
    """Rows joined to candidates, and candidates to groups.

    Attributes:
        group: The groups, `[G, K]` or `[G, K, T]` with T the tokens of all rows of a candidate.
        now: Log-probs under the current policy, shaped as the group's.
        present: `[G, K]` boolean: the slots that hold a candidate with tokens that count.
        rows: Where each row stands: from `[C, P, ...]` candidates and parts to `[N, ...]` rows.
        groups: Where each candidate stands: from `[G, K, ...]` to `[C, ...]`.
        scale: `[C]`: what the log-prob of each candidate was multiplied by.
        order: `[M]` int64: the rows that are not padding, by group, candidate and part.
    """

    group: Group
    now: torch.Tensor
    present: torch.Tensor
    rows: Segments
    groups: Segments
    scale: torch.Tensor
    order: torch.Tensor


class Weighed(NamedTuple):
    """The gradient weights of tokens, and the number to divide their sum by.

    Attributes:
        weights: `[N, W]`: the gradient of the summed loss in each log-prob; 0 where there is no token, and in padding.
        total: `[]`: the sum of the loss's weights over the groups.
        loss: `[]`: the mean of the algorithm's loss over the groups, at the current log-probs; 0 without groups.
        candidates: The groups they were computed for; `None` if all rows are padding.
    """

    weights: torch.Tensor
    total: torch.Tensor
    loss: torch.Tensor
    candidates: Candidates | None


def weigh(settings: Settings, rows: Rows) -> Weighed:
    """Compute the weights of rows of whole groups, in any order.

    Minimising `sum(weights * log_probs) / total` over any split of the rows has the gradient of the algorithm's loss
    over the batch at `rows.now`, and only there.

    Args:
        settings: The algorithm, and how log-probs of tokens become those of candidates.
        rows: Rows of whole groups; rows of padding may be among them.

    Returns:
        Weights in the order of `rows`.

    Raises:
        InvalidArgumentError: A group is incomplete.
    """
    joined = join(settings, rows)
    weights = torch.zeros_like(rows.now)
    if joined is None:
        return Weighed(weights, weights.sum(), weights.sum(), None)
    of_candidates = joined.groups.scatter(row_weights(settings.algorithm, joined.group, joined.now))
    parts = joined.rows.mask.shape[1]
    if settings.takes_tokens:
        of_parts = of_candidates.reshape(len(of_candidates), parts, -1)
    else:
        of_parts = (of_candidates * joined.scale)[:, None, None].repeat(1, parts, 1)
    weights[joined.order] = torch.where(rows.mask[joined.order], joined.rows.scatter(of_parts), 0.0)
    loss = _loss(settings.algorithm, joined.group, joined.now)
    return Weighed(weights, loss.weight.sum(), loss.mean(), joined)


def total_weight(settings: Settings, rows: Rows) -> torch.Tensor:
    """Sum the loss's weights over the groups of `rows`, `[]`, as `weigh` does. They do not depend on `rows.now`."""
    joined = join(settings, rows)
    if joined is None:
        return rows.now.new_zeros(())
    total: torch.Tensor = _loss(settings.algorithm, joined.group, joined.group.old_log_probs).weight.sum()
    return total


@torch.no_grad()
def _loss(algorithm: Algorithm, group: Group, log_probs: torch.Tensor) -> Loss:
    return algorithm.loss(log_probs, algorithm.prepare(group))


def join(settings: Settings, rows: Rows) -> Candidates | None:
    """Join rows to candidates, and candidates to groups; `None` if all rows are padding.

    Raises:
        InvalidArgumentError: A group is incomplete.
    """
    order = _sorted(rows)
    if not len(order):
        return None
    rows = rows.take(order)
    _check_whole(rows)
    pieces = Segments.from_ids(_number(rows.group, rows.candidate))
    of_candidates = pieces.gather(rows.group)[:, 0]
    counts = torch.bincount(of_candidates)
    # Algorithms refuse groups of one. With a second, masked slot they learn nothing from them, as they should.
    groups = Segments.from_ids(of_candidates, size=max(2, int(counts.max())))
    lengths = pieces.gather(rows.lengths).sum(-1)
    # A candidate without a token that counts has no log-prob: its 0 would be the largest of all.
    mask = groups.gather(lengths) > 0
    scale = lengths.clamp(min=1).to(rows.now.dtype) ** -settings.length_exponent

    def of_groups(array: torch.Tensor | None) -> Any:
        if array is None:
            return None
        parts = pieces.gather(array)
        return groups.gather(parts.flatten(1) if settings.takes_tokens else parts.sum((1, 2)) * scale)

    scores = level_near_ties(groups.gather(pieces.gather(rows.score)[:, 0]), mask, settings.tie_tolerance)
    group = Group(
        scores=scores,
        old_log_probs=of_groups(rows.old),
        mask=mask,
        token_mask=of_groups(rows.mask) if settings.takes_tokens else None,
        rollout_log_probs=of_groups(rows.rollout),
        ref_log_probs=of_groups(rows.ref),
    )
    return Candidates(group, of_groups(rows.now), mask, pieces, groups, scale, order)


def level_near_ties(scores: torch.Tensor, mask: torch.Tensor, tolerance: float) -> torch.Tensor:
    """Make all scores of a group equal, `[G, K]`, if they span no more than `tolerance`."""
    if not tolerance:
        return scores
    lowest = torch.where(mask, scores, torch.inf).amin(-1, keepdim=True)
    highest = torch.where(mask, scores, -torch.inf).amax(-1, keepdim=True)
    return torch.where(highest - lowest <= tolerance, highest, scores)


def _sorted(rows: Rows) -> torch.Tensor:
    """The rows that are not padding, by group, candidate and part: the same order on every rank."""
    order = torch.argsort(rows.part, stable=True)
    order = order[torch.argsort(rows.candidate[order], stable=True)]
    order = order[torch.argsort(rows.group[order], stable=True)]
    return order[rows.group[order] != PADDING]


def _number(group: torch.Tensor, candidate: torch.Tensor) -> torch.Tensor:
    """Number candidates in ascending order of group and candidate, `[N]`; rows are sorted by both."""
    new = torch.ones_like(group)
    new[1:] = ((group[1:] != group[:-1]) | (candidate[1:] != candidate[:-1])).long()
    return new.cumsum(0) - 1


def _check_whole(rows: Rows) -> None:
    found = torch.bincount(rows.group)[rows.group]
    wrong = len({*rows.group[found != rows.members].tolist()})
    if wrong:
        message = f"every group must be whole when its rows are weighed; got {wrong} with missing or doubled rows."
        raise InvalidArgumentError(f"{message} Keep the rows of a prompt in one mini-batch, and gather each row once.")
