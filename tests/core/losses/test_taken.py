"""Groups with more candidates than were sampled, and given advantages."""

import numpy as np
import pytest

import tpo
from tpo import UnknownNameError

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
