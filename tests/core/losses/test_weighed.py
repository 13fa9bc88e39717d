"""A candidate without an advantage adds nothing, even if it has become impossible."""

import numpy as np
import pytest

import tpo
from tpo.plugins import registry

INF = float("inf")
OLD, NOW = np.asarray([[-1.0, -2.0, -1.5]] * 2), np.asarray([[-1.0, -2.0, -INF]] * 2)
SCORES = np.asarray([[0.5, 0.5, 0.5], [1.0, 0.0, 0.5]])
LINEAR = [
    tpo.REINFORCE(),
    tpo.REINFORCE(advantages="given"),
    tpo.RLOO(),
    tpo.ReMax(),
    tpo.MaxRL(),
    tpo.GPG(skip_tied=False),
    tpo.GroupPG(),
    tpo.CISPO(),
    tpo.DG(),
    tpo.Gated(tpo.DG()),
]


def value_and_weights(name, algorithm, scores, now):
    """The loss and its gradient at log-probs `now`, with advantages that are the scores minus .5."""
    library = registry.backend(name)
    given = {"scores": scores, "old_log_probs": OLD, "advantages": scores - 0.5, "baseline_scores": [0.5, 0.5]}
    group = tpo.Group(**{key: library.asarray(np.asarray(values), dtype="float32") for key, values in given.items()})
    log_probs = library.asarray(now, dtype="float32")
    value = algorithm.loss(log_probs, algorithm.prepare(group)).value
    return library.to_numpy(value), library.to_numpy(tpo.row_weights(algorithm, group, log_probs))


@pytest.mark.parametrize("algorithm", LINEAR, ids=str)
def test_its_group_has_the_value_of_the_others(algorithm):
    value, weights = value_and_weights("torch", algorithm, SCORES, NOW)
    possible, others = value_and_weights("torch", algorithm, SCORES, OLD)
    np.testing.assert_array_equal(value, [0, value[1]])
    assert np.isfinite(value[1])
    np.testing.assert_array_equal(weights[:, 2], [0, 0])
    if not isinstance(algorithm, tpo.Gated):  # whose gate depends on all the log-probs
        np.testing.assert_array_equal(value, possible)
        np.testing.assert_array_equal(weights, others)


def test_the_gate_of_a_tied_group_is_known_to_mlx():
    value, weights = value_and_weights("mlx", tpo.DG(), SCORES, NOW)
    assert value[0] == 0
    assert np.isfinite(value).all()
    assert np.isfinite(weights).all()
    np.testing.assert_array_equal(weights[0], [0, 0, 0])


def test_a_bad_candidate_that_became_impossible_has_a_closed_gate():
    value, weights = value_and_weights("torch", tpo.DG(), SCORES[:, ::-1].copy() - [0.0, 0.0, 1.0], NOW)
    assert np.isfinite(value).all()
    np.testing.assert_array_equal(weights[:, 2], [0, 0])


def test_one_with_an_advantage_makes_the_loss_infinite_and_keeps_its_weight():
    value, weights = value_and_weights("torch", tpo.REINFORCE(), np.asarray([[0.0, 0.0, 1.0]] * 2), NOW)
    np.testing.assert_array_equal(value, [INF, INF])
    np.testing.assert_allclose(weights[:, 2], [-2 / 3] * 2, rtol=1e-6)
