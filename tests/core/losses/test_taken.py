"""Groups with more candidates than were sampled, and given advantages."""

import numpy as np
import pytest

import tpo
from tpo import UnknownNameError
from tpo.plugins import registry

LOG_PROBS = np.log([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
SCORES = np.asarray([[0.0, 2.0, 0.0], [-1.0, 0.0, 0.0]])
TAKEN = SCORES != 0


def test_a_policy_gradient_runs_over_the_candidates_taken(autodiff, gradient):
    group = {"scores": SCORES, "old_log_probs": LOG_PROBS, "taken": TAKEN}
    group = tpo.Group(**{name: autodiff.asarray(values) for name, values in group.items()})
    signal = tpo.GroupPG().prepare(group)
    found = gradient(lambda x: tpo.GroupPG().loss(x, signal).value, autodiff.asarray(LOG_PROBS))
    root = np.sqrt(2)
    np.testing.assert_allclose(found, [[0, -root, 0], [root, 0, 0]], atol=1e-12)
    assert autodiff.to_numpy(tpo.GroupPG().loss(autodiff.asarray(LOG_PROBS), signal).weight).tolist() == [1, 1]


def test_a_target_is_one_for_all_candidates():
    taken = tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS, taken=TAKEN)
    every = tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS)
    np.testing.assert_array_equal(tpo.TPO().prepare(taken).q, tpo.TPO().prepare(every).q)


@pytest.mark.parametrize("cls", [tpo.REINFORCE, tpo.DG])
def test_given_advantages_are_taken_as_they_are(cls):
    given = np.asarray([[0.5, -1.0, 2.0], [1.0, 1.0, 1.0]])
    group = tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS, advantages=given)
    algorithm = cls(advantages="given")
    np.testing.assert_array_equal(algorithm.prepare(group).advantages[..., 0], given)
    assert algorithm.traits.needs == ("advantages",)
    assert set(algorithm.traits.breaks) == {"tied"}
    assert cls().traits.needs == ()
    with pytest.raises(tpo.InvalidArgumentError, match="`advantages` must be in the group"):
        algorithm.prepare(tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS))


def test_an_unknown_choice_of_advantages():
    with pytest.raises(UnknownNameError, match="must be a registered choice of advantages; got 'gven'"):
        tpo.DG(advantages="gven")


@pytest.mark.parametrize("name", ["torch", "jax", "mlx"])
@pytest.mark.parametrize("left_out", ["mask", "taken", "old_log_probs"])
def test_advantages_of_what_does_not_count_may_be_anything(name, left_out):
    library = registry.backend(name)
    counts = np.asarray([[True, True, False]])
    old = np.where(counts | (left_out != "old_log_probs"), LOG_PROBS[:1], -np.inf)
    group = {"scores": SCORES[:1], "old_log_probs": old, "advantages": np.asarray([[0.5, -1.0, np.nan]])}
    arrays = {key: library.asarray(values, dtype="float32") for key, values in group.items()}
    if left_out != "old_log_probs":
        arrays[left_out] = library.asarray(counts)
    now = library.asarray(LOG_PROBS[:1], dtype="float32")
    weights = tpo.row_weights(tpo.REINFORCE(advantages="given"), tpo.Group(**arrays), now)
    np.testing.assert_array_equal(library.to_numpy(weights), [[-0.5, 1.0, 0.0]])


@pytest.mark.parametrize("name", ["torch", "jax", "mlx"])
def test_masked_scores_above_a_greedy_one_may_be_anything(name):
    library = registry.backend(name)
    arrays = {"scores": [[1.0, 0.0, np.nan]], "old_log_probs": LOG_PROBS[:1], "baseline_scores": [0.5]}
    floating = {key: library.asarray(np.asarray(values), dtype="float32") for key, values in arrays.items()}
    group = tpo.Group(**floating, mask=library.asarray(np.asarray([[True, True, False]])))
    weights = tpo.row_weights(tpo.ReMax(), group, floating["old_log_probs"])
    np.testing.assert_array_equal(library.to_numpy(weights), [[-0.5, 0.5, 0.0]])
