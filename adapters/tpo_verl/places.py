"""Numbering the rows of a rollout: which prompt, which candidate, which part of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import torch

from tpo_llm.rows import PADDING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


def place_rows(
    keys: Sequence[tuple[Hashable, Hashable, int]], scores: torch.Tensor, padding: Sequence[bool]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Number the groups of rows, and give each row the score of its candidate.

    Args:
        keys: The prompt, the candidate and the part of each row. Candidates are numbered in the order of their names.
        scores: `[N]`: what each row scored. That of a candidate is the score of its last part.
        padding: Which rows only fill the batch.

    Returns:
        `[N, 4]` int64: group, candidate, part, and how many rows the group has; and `[N]` scores of candidates.
    """
    prompts: dict[Hashable, int] = {}
    last: dict[tuple[Hashable, Hashable], int] = {}
    for row, ((prompt, candidate, part), fills) in enumerate(zip(keys, padding, strict=True)):
        if not fills:
            prompts.setdefault(prompt, len(prompts))
            known = last.setdefault((prompt, candidate), row)
            if keys[known][2] < part:
                last[prompt, candidate] = row
    members = Counter(key[0] for key, fills in zip(keys, padding, strict=True) if not fills)
    numbers = _numbered(last)
    place = [
        (PADDING, 0, 0, 0) if fills else (prompts[prompt], numbers[prompt, candidate], part, members[prompt])
        for (prompt, candidate, part), fills in zip(keys, padding, strict=True)
    ]
    of_candidate = [row if fills else last[key[:2]] for row, (key, fills) in enumerate(zip(keys, padding, strict=True))]
    return torch.tensor(place, dtype=torch.int64).reshape(-1, 4), scores.float()[of_candidate]


def _numbered(candidates: dict[tuple[Hashable, Hashable], int]) -> dict[tuple[Hashable, Hashable], int]:
    """Number the candidates of each prompt from 0, shorter names first, so that '2' comes before '10'."""
    counts: Counter[Hashable] = Counter()
    numbers = {}
    for prompt, candidate in sorted(candidates, key=lambda pair: (len(str(pair[1])), str(pair[1]))):
        numbers[prompt, candidate] = counts[prompt]
        counts[prompt] += 1
    return numbers
