"""Groups that are hard on a computer: scores and log-probs of every kind, crossed."""

from __future__ import annotations

import numpy as np

SIZES = (2, 3, 8, 64)
CONSTANTS = (0.1, 0.2, 0.3, 0.7, 1 / 3, 1e-3, 123.456, -0.6, 1e8 + 0.1)


def score_families(rng: np.random.Generator, groups: int, size: int, dtype: str) -> dict[str, np.ndarray]:
    """By name, `[groups, size]` each, in `dtype`."""
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


def log_prob_families(rng: np.random.Generator, groups: int, size: int, dtype: str) -> dict[str, np.ndarray]:
    """By name, `[groups, size]` each, in `dtype`."""
    shape = groups, size
    normal = rng.normal(size=shape)
    impossible = rng.random(shape) < 0.3
    impossible[np.arange(groups), rng.integers(0, size, groups)] = False
    families = {
        "any distribution": np.log(rng.dirichlet(np.ones(size), groups) + 1e-300),
        "down to -1e4": -(10 ** rng.uniform(-3, 4, shape)),
        "some impossible": np.where(impossible, -np.inf, normal),
        "long sequences": -1234.5 + 5 * normal,
        "peaked": 20 * normal,
    }
    return {name: log_probs.astype(dtype) for name, log_probs in families.items()}


def groups(size: int, dtype: str, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Log-probs and scores `[groups, size]`, `each` groups of every pair of families, and the pairs' names."""
    rng = np.random.default_rng([seed, size])
    log_probs, scores, names = [], [], []
    for name in score_families(rng, 1, size, dtype):
        for other in log_prob_families(rng, 1, size, dtype):
            scores.append(score_families(rng, each, size, dtype)[name])
            log_probs.append(log_prob_families(rng, each, size, dtype)[other])
            names += each * [f"{name}, {other}"]
    return np.concatenate(log_probs), np.concatenate(scores), names
