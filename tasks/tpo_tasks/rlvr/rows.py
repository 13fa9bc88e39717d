"""Rows of problems, in the layout that verl and other trainers read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS = 1_000_000
"""Limit on the rows of a split."""


class Problem(NamedTuple):
    """A problem.

    Attributes:
        prompt: The text of the user's message.
        ground_truth: What the scorer reads.
    """

    prompt: str
    ground_truth: str


def rows_of(problems: Sequence[Problem], split: str, *, source: str, ability: str) -> list[dict[str, Any]]:
    """Create the rows of a split.

    Args:
        problems: In order.
        split: `train` or `test`.
        source: The data source, by which `tpo_tasks.rlvr.reward.score` finds the scorer.
        ability: What the problems train, such as `math`.
    """
    return [
        {
            "data_source": source,
            "prompt": [{"role": "user", "content": problem.prompt}],
            "ability": ability,
            "reward_model": {"style": "rule", "ground_truth": problem.ground_truth},
            "extra_info": {"index": index, "split": split},
        }
        for index, problem in enumerate(problems)
    ]
