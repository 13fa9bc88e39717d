"""Numerically hard groups: thirteen families of scores crossed with five of log-probs, and masks.

The difficulties: ties whose mean does not round to their value, common offsets that absorb the differences, squares
that overflow or underflow, candidates close to the mean, exponents so large that their rounding matters, and impossible
candidates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

CONSTANTS = (0.1, 0.2, 0.3, 0.7, 1 / 3, 1e-3, 123.456, -0.6, 1e8 + 0.1)
"""Scores of tied groups; the computed mean of several copies is not the score itself."""


def score_families(rng: np.random.Generator, groups: int, size: int, dtype: str) -> dict[str, Array]:
    """Generate the families of scores by name, `[groups, size]` each, in `dtype`."""
    single = dtype == "float32"
    shape = groups, size
    normal = rng.normal(size=shape)
    constants = np.broadcast_to(rng.choice(CONSTANTS, (groups, 1)), shape).astype(dtype)
    nearly_the_mean = np.where(np.arange(size) % 2 == 0, 1.0, -1.0) * np.ones(shape)
    nearly_the_mean[:, -1] = 1e-5 * normal[:, -1]
    outlier = 1 + 1e-4 * normal
    outlier[:, 0] = 1e5 * normal[:, 0]
    families = {
        "normal": normal,
        "tiny": 1e-7 * normal,
        "offset": 1e4 + 1e-2 * normal if single else 1e8 + 1e-3 * normal,
        "one-hot": np.eye(size)[rng.integers(0, size, groups)],
        "binary": rng.integers(0, 2, shape),
        "few grades": rng.integers(-3, 4, shape),
        "tied": constants,
        "0 to 2 units in the last place apart": constants + rng.integers(0, 3, shape) * np.spacing(constants),
        "heavy-tailed": np.exp(5 * normal),
        "one outlier": outlier,
        "huge": normal * (1e30 if single else 1e200),
        "vanishing": normal * (1e-30 if single else 1e-200),
        "one near the mean": nearly_the_mean,
    }
    return {name: scores.astype(dtype) for name, scores in families.items()}


def log_prob_families(rng: np.random.Generator, groups: int, size: int, dtype: str) -> dict[str, Array]:
    """Generate the families of log-probs by name, `[groups, size]` each, in `dtype`."""
    shape = groups, size
    normal = rng.normal(size=shape)
    impossible = rng.random(shape) < 1 / 3
    impossible[np.arange(groups), rng.integers(0, size, groups)] = False
    families = {
        "any distribution": np.log(rng.dirichlet(np.ones(size), groups) + 1e-300),
        "down to -1e4": -(10 ** rng.uniform(-3, 4, shape)),
        "some impossible": np.where(impossible, -np.inf, normal),
        "long sequences": -1234.5 + 5 * normal,
        "peaked": 20 * normal,
    }
    return {name: log_probs.astype(dtype) for name, log_probs in families.items()}


def mask_families(rng: np.random.Generator, groups: int, size: int) -> dict[str, Array]:
    """Generate masks by name, `[groups, size]` boolean each; masked slots still hold numbers."""
    shape = groups, size
    one = np.arange(size) == rng.integers(0, size, (groups, 1))
    return {
        "all": np.ones(shape, bool),
        "ragged": np.arange(size) < rng.integers(1, size + 1, (groups, 1)),
        "a third masked": rng.random(shape) >= 1 / 3,
        "one left": one,
        "none left": np.zeros(shape, bool),
    }


def groups(size: int, dtype: str, each: int, seed: int = 0) -> tuple[Array, Array, list[str]]:
    """Generate groups of every family of scores crossed with every family of log-probs.

    Args:
        size: K.
        dtype: `float32` or `float64`.
        each: Groups per pair of families.
        seed: The same seed and version of NumPy give the same groups.

    Returns:
        Log-probs `[groups, K]`, scores `[groups, K]`, and the names of the pair of each group.
    """
    rng = np.random.default_rng([seed, size])
    counts = len(score_families(rng, 1, size, dtype)), len(log_prob_families(rng, 1, size, dtype))
    scores = score_families(rng, each * counts[1], size, dtype)
    log_probs = log_prob_families(rng, each * counts[0], size, dtype)
    names = [f"{name}, {other}" for name in scores for other in log_probs for _ in range(each)]
    crossed = np.stack([x.reshape(counts[0], each, size) for x in log_probs.values()], axis=1)
    return crossed.reshape(-1, size), np.concatenate(list(scores.values())), names
