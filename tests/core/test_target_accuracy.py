"""Targets of adversarial groups against 50 digits."""

import functools

import numpy as np
import pytest

import tpo
from tests.core import families, oracle

EACH = 4
BOUND = 8


@functools.cache
def exact(dtype, eta):
    """By group size: log-probs, scores, names, and the true targets."""
    cases = {size: families.groups(size, dtype, EACH) for size in families.SIZES}
    return {size: (x, s, names, *oracle.target(x, s, eta)) for size, (x, s, names) in cases.items()}


@pytest.mark.parametrize("eta", [1.0, 0.25])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_target_is_off_by_more_than_8_eps(backend, dtype, eta):
    compute = backend.compile(lambda x, s: tpo.target(x, s, eta))
    worst = {}
    for size, (log_probs, scores, names, high, low) in exact(dtype, eta).items():
        q = backend.numpy(compute(backend.array(log_probs, dtype), backend.array(scores, dtype)))
        errors = np.abs((q.astype(np.float64) - high) - low) / np.finfo(dtype).eps
        group = int(np.argmax(errors.max(-1)))
        worst[size] = float(errors.max()), names[group], scores[group].tolist(), log_probs[group].tolist()
        assert (q[np.isneginf(log_probs)] == 0).all()
    assert max(worst.values())[0] <= BOUND, max(worst.values())
