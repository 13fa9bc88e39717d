"""The score of a completion, from the rewards of several functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from tpo import InvalidArgumentError, combine_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _summed(rewards: torch.Tensor, weights: torch.Tensor, group_size: int) -> torch.Tensor:
    del group_size
    return torch.where(torch.isnan(rewards).all(-1), math.nan, (rewards * weights).nansum(-1))


def _standardized(rewards: torch.Tensor, weights: torch.Tensor, group_size: int) -> torch.Tensor:
    grouped = rewards.reshape(-1, group_size, rewards.shape[-1])
    found: torch.Tensor = combine_scores(grouped, weights.tolist(), nan="mask")
    return found.flatten()


AGGREGATIONS: Mapping[str, Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]] = {
    "sum_then_normalize": _summed,
    "normalize_then_sum": _standardized,
}
"""TRL's `multi_objective_aggregation`. The second standardizes each reward in its group first, as GDPO does."""


def scores_of(rewards: torch.Tensor, weights: torch.Tensor, *, aggregation: str, group_size: int) -> torch.Tensor:
    """Combine rewards `[N, F]` with `weights` `[F]` to scores, `[N]`; NaN where every function returned None.

    Raises:
        InvalidArgumentError: A reward, a weight or a score is infinite, or a weight is NaN.
    """
    if not torch.isfinite(weights).all():
        message = f"every one of `reward_weights` must be finite; got {weights.tolist()}."
        raise InvalidArgumentError(f"{message} Choose numbers such as 1 and 0.5.")
    infinite = torch.isinf(rewards)
    if infinite.any():
        completions, functions = int(infinite.any(-1).sum()), (infinite.any(0).nonzero()[:, 0] + 1).tolist()
        numbers = f"{', '.join(map(str, functions))} of {rewards.shape[-1]}"
        message = f"every reward must be finite or None; got an infinite one for {completions} completions, from reward"
        raise InvalidArgumentError(f"{message} function {numbers}. Repair it.")
    scores = AGGREGATIONS[aggregation](rewards, weights.to(rewards), group_size)
    if torch.isinf(scores).any():
        message = (
            f"the weighted sum of rewards must be finite; got rewards up to {rewards.abs().nan_to_num().max():.3g}"
        )
        raise InvalidArgumentError(f"{message} with the weights {weights.tolist()}. Scale the rewards down.")
    return scores


def check_groups(prompts: Sequence[Any], *, first_row: int, group_size: int) -> None:
    """Raise an error if rows that should be one group do not share their prompt.

    Args:
        prompts: The prompts of a process's rows.
        first_row: The number of the first of them among the rows of all processes.
        group_size: K.

    Raises:
        InvalidArgumentError: A group has several prompts.
    """
    first: dict[int, Any] = {}
    for row, prompt in enumerate(prompts, first_row):
        if first.setdefault(row // group_size, prompt) != prompt:
            message = (
                f"{group_size} consecutive rows must have the same prompt; got several in group {row // group_size}."
            )
            raise InvalidArgumentError(f"{message} Leave the sampler and the data loader of TRL as they are.")


def check_columns(name: str, data: Any) -> None:
    """Raise an error for a data set without prompts.

    Args:
        name: The argument that `data` was given as.
        data: A data set, or several by name; one that does not tell its columns is let through.

    Raises:
        InvalidArgumentError: There is no column `prompt`.
    """
    if isinstance(data, Mapping):
        for key, one in data.items():
            check_columns(f"{name}[{key!r}]", one)
        return
    columns = getattr(data, "column_names", None)
    if columns and "prompt" not in columns:
        message = f"`{name}` must have a column `prompt`; got {', '.join(columns)}."
        raise InvalidArgumentError(f"{message} Rename it: dataset.rename_column({columns[0]!r}, 'prompt').")
