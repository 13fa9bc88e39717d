"""Scores and options near the ends of a dtype's range: losses and gradients stay finite."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS, run
from tpo import AWR, DG, GPG, GVPO, MDPO, MPO, REBEL, RSBP, TPO, Gated, GroupPG
from tpo.plugins import registry

LARGE = [("float64", 1.7e308), ("float32", 1e22), ("float32", 3e38)]
CASES = [*(("torch", dtype, size) for dtype, size in LARGE), ("jax", "float32", 3e38)]
SIGNS = np.asarray([[1.0, -1.0, 0.5, -1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 0.0]])


def outcome(name, dtype, algorithm, scores, **more):
    backend = registry.backend(name)
    old, new = np.full(scores.shape, -1.5, dtype), np.linspace(-3, 0, scores.size, dtype=dtype).reshape(scores.shape)
    given = {key: values.astype(dtype) for key, values in (more | {"scores": scores}).items()}
    with backend.precision(dtype):
        return run(backend, algorithm, new, old_log_probs=old, **given)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
@pytest.mark.parametrize(("name", "dtype", "size"), CASES)
def test_large_scores_give_finite_losses(name, dtype, size, algorithm):
    scores = size * SIGNS
    more = {"advantages": scores, "baseline_scores": scores[:, 0], "rollout_log_probs": np.full(scores.shape, -1.5)}
    found = outcome(name, dtype, algorithm, scores, **more)
    assert np.isfinite(found.value).all()
    assert np.isfinite(found.gradient).all()


def test_scores_are_centred_where_their_difference_overflows(backend):
    group = tpo.Group(scores=backend.array([[1.7e308, -1.7e308, 0.0]]), old_log_probs=backend.array(np.zeros((1, 3))))
    advantages = backend.numpy(tpo.RLOO().prepare(group).advantages)[0, :, 0]
    assert advantages[0] == pytest.approx(-advantages[1], rel=1e-12)
    assert advantages[0] > 1e192
    assert abs(advantages[2]) < 1e-9 * advantages[0]


EXTREME = (1e-300, 1e-39, 1e39, 1e300)


@pytest.mark.parametrize("value", EXTREME)
@pytest.mark.parametrize("name", ["torch", "jax"])
def test_extreme_options_give_finite_losses(name, value):
    scores = 3 * SIGNS
    for algorithm in (
        *(TPO(eta=value), TPO(eta=value, divergence="reverse", precision="fast"), GroupPG(eta=value), DG(eta=value)),
        *(
            REBEL(eta=value),
            GVPO(beta=value),
            AWR(beta=value),
            MPO(eta=value),
            RSBP(beta=value),
            GPG(f_norm=value),
            MDPO(step_size=value),
        ),
        Gated(TPO(precision="fast"), eta=value),
    ):
        found = outcome(name, "float32", algorithm, scores, advantages=scores)
        assert np.isfinite(found.value).all(), algorithm
        assert np.isfinite(found.gradient).all(), algorithm


def test_a_tiny_temperature_gives_the_one_hot_target_in_both_tiers(backend):
    log_probs, scores = (backend.array(values, "float32") for values in (np.zeros((1, 3)), [[1.0, 0.0, 2.0]]))
    for precision in ("exact", "fast"):
        q = tpo.target(log_probs, scores, 1e-39, precision=precision)
        np.testing.assert_array_equal(backend.numpy(q), [[0, 0, 1]])
