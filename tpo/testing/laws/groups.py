"""Test groups as NumPy arrays by name: the fields of `tpo.Group`, and the current `log_probs`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Groups = Mapping[str, Array]
"""Arrays by name: `log_probs`, `scores`, `old_log_probs` and other fields of `tpo.Group`, with shared leading axes."""

SHAPE = (3, 20, 6)
PLAIN = ("log_probs", "scores", "old_log_probs")
FROM_MODELS = ("old_log_probs", "ref_log_probs", "rollout_log_probs", "advantages")
"""Arrays of a group that models compute, and whose gradients must be stopped; scores come from a scorer."""
PER_GROUP = ("baseline_scores",)
"""Names of arrays without a group axis."""

ANYTHING = (math.nan, math.inf, -math.inf, 1e4, 0.0)
"""Values to put into masked slots."""


def made_up_groups(shape: tuple[int, ...] = SHAPE, *, seed: int = 0) -> dict[str, Array]:
    """Make random groups with all arrays but masks. Scores are multiples of 1/4, so that small sums are exact.

    Args:
        shape: `[..., K]`.
        seed: The seed of the generator.
    """
    rng = np.random.default_rng(seed)
    scores = rng.integers(-20, 20, shape) / 4
    log_probs, old, reference, rollout = rng.normal(size=(4, *shape)) - 1
    return {
        "log_probs": log_probs,
        "scores": scores,
        "old_log_probs": old,
        "ref_log_probs": reference,
        "rollout_log_probs": rollout,
        "advantages": rng.normal(size=shape),
        "baseline_scores": rng.integers(-20, 20, shape[:-1]) / 4,
    }


def plain_groups(shape: tuple[int, ...] = SHAPE, *, seed: int = 0) -> dict[str, Array]:
    """Make random groups of the three arrays that any loss takes."""
    made_up = made_up_groups(shape, seed=seed)
    return {name: made_up[name] for name in PLAIN}


def per_candidate(function: Callable[[Array], Array], groups: Groups) -> dict[str, Array]:
    """Apply `function` to every array with a group axis."""
    return {name: values if name in PER_GROUP else function(values) for name, values in groups.items()}


def reordered(groups: Groups, order: Array) -> dict[str, Array]:
    """Reorder the candidates of groups by `order`, `[K]` indices."""
    axis = groups["scores"].ndim - 1
    return per_candidate(lambda values: np.take(values, order, axis), groups)


def log_prob_names(groups: Groups) -> list[str]:
    """Names of the arrays of log-probs in `groups`."""
    return [name for name in groups if name.endswith("log_probs")]


def padded(groups: Groups, slots: int = 3, *, seed: int = 6) -> dict[str, Array]:
    """Insert `slots` masked slots at random places of each group, with arbitrary contents.

    The candidates keep their order: `padded(...)[name][mask]` lists them as `groups[name]` does.
    """
    rng = np.random.default_rng(seed)
    *leading, size = groups["scores"].shape
    mask = rng.permuted(np.broadcast_to(np.arange(size + slots) < size, (*leading, size + slots)), axis=-1)

    def pad(values: Array) -> Array:
        rest = values.shape[mask.ndim :]
        wider: Array = rng.choice(ANYTHING, mask.shape + rest).astype(values.dtype)
        wider[mask] = values.reshape(-1, *rest)
        return wider

    return per_candidate(pad, groups) | {"mask": mask}


def as_tokens(groups: Groups, tokens: int = 3, *, seed: int = 7) -> dict[str, Array]:
    """Convert groups to per-token log-probs, `[..., K, T]`, with completions of 1 to T tokens."""
    rng = np.random.default_rng(seed)
    shape = (*groups["scores"].shape, tokens)
    token_mask = np.arange(tokens) < rng.integers(1, tokens + 1, shape[:-1])[..., None]
    drawn = {name: rng.normal(size=shape) - 1 for name in log_prob_names(groups)}
    return {**groups, **drawn, "token_mask": token_mask}


def lengthened(tokens: Groups, more: int, *, seed: int = 9) -> dict[str, Array]:
    """Append `more` masked tokens with ordinary log-probs to each completion."""
    rng, shape = np.random.default_rng(seed), (*tokens["token_mask"].shape[:-1], more)
    behind = {name: rng.normal(size=shape) - 1 for name in log_prob_names(tokens)} | {
        "token_mask": np.zeros(shape, bool)
    }
    return {**tokens, **{name: np.concatenate([tokens[name], rest], axis=-1) for name, rest in behind.items()}}


def with_anything_in_padding(tokens: Groups, *, seed: int = 8) -> dict[str, Array]:
    """Put arbitrary log-probs where `token_mask` is false."""
    mask = tokens["token_mask"]
    anything = np.random.default_rng(seed).choice(ANYTHING, mask.shape)
    return {**tokens, **{name: np.where(mask, tokens[name], anything) for name in log_prob_names(tokens)}}
