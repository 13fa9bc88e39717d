"""Policies far from the old one: ratios stop at the bound, gradients do not vanish."""

import math

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS, COMPOSITIONS, run
from tpo.core.arithmetic.limits import LOG_RATIO_BOUND, log_ratio_bound
from tpo.plugins import registry
from tpo.testing.laws.groups import made_up_groups

OLD = np.full((1, 2), -50.0)
SCORES = np.asarray([[1.0, 0.0]])
BOUND = math.exp(20)


@pytest.mark.parametrize("moved", [-1000.0, -21.0, -19.0, 19.0, 21.0, 1000.0])
def test_a_kl_penalty_pulls_back_as_hard_as_at_the_bound(autodiff, moved):
    """The derivative of `exp(-d) + d - 1` at d, or at 20 nats beyond the bound."""
    log_probs = OLD + moved
    both = [run(autodiff, tpo.GRPO(kl=kl), log_probs, scores=SCORES, old_log_probs=OLD).gradient for kl in (0.0, 0.5)]
    at = np.clip(moved, -20, 20)
    # Two candidates, each a token: the penalty is their mean over the weight, which the value does not hold yet.
    np.testing.assert_allclose(both[1] - both[0], np.full((1, 2), 0.5 * (1 - math.exp(-at))), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("algorithm", "slope"),
    [
        (tpo.PPO(), 0.5 * BOUND),
        (tpo.DrGRPO(), 0.5 * BOUND),
        (tpo.GRPO(kl=0.0), BOUND),
        (tpo.GSPO(), BOUND),
        (tpo.TRPO(kl=0.0), 0.5 * BOUND),
        (tpo.TRPO(kl=2.0), 2.0 * (BOUND - 1) + 0.5 * BOUND),
        (tpo.MDPO(step_size=0.5), 0.5 * BOUND + 2 * 20 * BOUND),
    ],
    ids=str,
)
def test_a_bad_candidate_that_became_likely_is_pushed_down(autodiff, algorithm, slope):
    """The gradient at 30 nats with a negative advantage is not 0."""
    found = run(autodiff, algorithm, OLD + 30.0, scores=SCORES, old_log_probs=OLD)
    np.testing.assert_allclose(found.gradient[0, 1], slope, rtol=1e-12)


def test_values_stay_those_at_the_bound(autodiff):
    values = [
        run(autodiff, tpo.GRPO(), OLD + moved, scores=SCORES, old_log_probs=OLD).value[0] for moved in (20.0, 30.0, 1e4)
    ]
    assert values[0] == values[1] == values[2]


def test_a_candidate_that_became_impossible_has_no_gradient_and_no_nan(autodiff):
    log_probs = np.asarray([[-np.inf, -50.0]])
    for algorithm in (tpo.GRPO(), tpo.PPO(), tpo.TRPO(), tpo.MDPO(), tpo.GSPO(), tpo.MPO(eta=1.0, kl=0.1)):
        group = {"scores": SCORES, "old_log_probs": OLD, "advantages": SCORES}
        found = run(autodiff, algorithm, log_probs, **group)
        assert found.gradient[0, 0] == 0 or algorithm == tpo.MPO(eta=1.0, kl=0.1)
        assert np.isfinite(found.gradient).all()


def test_in_float16_the_bound_leaves_room_for_the_gradient():
    torch = pytest.importorskip("torch")
    xp = registry.backend("torch").namespace()

    bounds = {
        dtype: log_ratio_bound(xp, dtype) for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float16)
    }
    assert [bounds[dtype] for dtype in (torch.float64, torch.float32, torch.bfloat16)] == [LOG_RATIO_BOUND] * 3
    assert bounds[torch.float16] == pytest.approx(0.7 * math.log(65504))


def test_diagnostics_count_the_ratios_beyond_the_bound(backend):
    old = backend.array([[-50.0] * 4, [-1.0] * 4])
    group = tpo.Group(scores=backend.array(np.zeros((2, 4))), old_log_probs=old)
    now = backend.array([[-29.9, -30.1, -70.1, -50.0], [-1.0] * 4])
    found = tpo.diagnostics(group, now)
    np.testing.assert_array_equal(backend.numpy(found.ratios_bounded), [0.5, 0.0])
    assert tpo.summarize(found)["ratios_bounded"] == 0.25


@pytest.mark.parametrize("algorithm", [a for a in ALGORITHMS if a not in COMPOSITIONS], ids=str)
def test_in_float16_no_gradient_of_a_far_policy_is_infinite(algorithm):
    """All but importance weights around an algorithm, which are computed in float32 and round to infinity."""
    torch = pytest.importorskip("torch")
    groups = made_up_groups((20, 6))
    far = {name: np.where(v < -1.3, -1e4, v) if name.endswith("log_probs") else v for name, v in groups.items()}
    arrays = {name: torch.tensor(values, dtype=torch.float16) for name, values in far.items()}
    log_probs = arrays.pop("log_probs")
    assert torch.isfinite(tpo.row_weights(algorithm, tpo.Group(**arrays), log_probs)).all()
