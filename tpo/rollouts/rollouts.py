"""Rollouts as arrays, one entry per completion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOKENS = "tokens"
CHARACTERS = "characters"


@dataclass(frozen=True, eq=False, kw_only=True)
class Rollouts:
    """N completions in G groups.

    Attributes:
        groups: `[N]` int64, the group of each completion, from 0 to G - 1.
        names: G texts, the id of each group, or the beginning of its prompt.
        columns: `[N]` float64 arrays by name, NaN where a row does not tell: `score`, `step`, `advantage`, `truncated`
            (1 or 0), `length`; `prompt` and `completion`, equal numbers for equal ones; `old_log_probs`,
            `new_log_probs` and `rollout_log_probs`, summed over tokens, in nats, each with its `.tokens`, `.positive`
            and `.impossible` (see `Summed`); and `mismatch.` with `tokens`, `divergence`, `far` and `largest` (see
            `Mismatch`). What no column tells is not there.
        available: The names that checks may need: those of the fields with a column, `log_probs` if there are any,
            `token_log_probs` if they are lists, `mismatch` if trainer and engine can be compared token by token, and
            `groups` if a group has more than one completion.
        length_unit: `tokens`, or `characters` if the rollouts have only texts.
        read: What was read from which column, in words, by field.
        unread: Columns that no field was read from.
    """

    groups: np.ndarray[Any, Any]
    names: Sequence[str]
    columns: Mapping[str, np.ndarray[Any, Any]]
    available: frozenset[str]
    length_unit: str
    read: Mapping[str, str]
    unread: Sequence[str]

    @cached_property
    def sizes(self) -> np.ndarray[Any, Any]:
        """`[G]` int64, the completions of each group."""
        return np.bincount(self.groups, minlength=len(self.names))

    @cached_property
    def computed(self) -> dict[Any, Any]:
        """A cache of what several checks compute from these rollouts, which lives as long as they do."""
        return {}

    @property
    def scores(self) -> np.ndarray[Any, Any]:
        """`[N]` float64, NaN where there is none."""
        return self.columns["score"]
