"""What holds for every algorithm."""

import numpy as np
import pytest

from tests.core.algorithms import ALGORITHMS, run

INF, NAN = float("inf"), float("nan")
SHAPE = (3, 20, 6)

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)


@pytest.fixture
def groups():
    """Random groups; their scores are quarters, so that sums with small integers are exact."""
    rng = np.random.default_rng(0)
    scores = rng.integers(-20, 20, SHAPE) / 4
    old, new, reference = rng.normal(size=(3, *SHAPE)) - 1
    return {"log_probs": new, "scores": scores, "old_log_probs": old, "ref_log_probs": reference}


@every_algorithm
def test_shifting_the_scores_of_a_group_changes_nothing(autodiff, algorithm, groups):
    shift = np.random.default_rng(1).integers(-64, 64, (*SHAPE[:-1], 1))
    shifted = run(autodiff, algorithm, **{**groups, "scores": groups["scores"] + shift})
    for got, expected in zip(shifted, run(autodiff, algorithm, **groups), strict=True):
        np.testing.assert_array_equal(got, expected)


@every_algorithm
def test_permuting_the_candidates_permutes_the_gradient(autodiff, algorithm, groups):
    order = np.random.default_rng(2).permutation(SHAPE[-1])
    permuted = run(autodiff, algorithm, **{name: values[..., order] for name, values in groups.items()})
    plain = run(autodiff, algorithm, **groups)
    np.testing.assert_allclose(permuted.gradient, plain.gradient[..., order], rtol=0, atol=1e-14)
    np.testing.assert_allclose(permuted.value, plain.value, rtol=1e-13, atol=1e-13)


@every_algorithm
def test_each_group_stands_alone(autodiff, algorithm, groups):
    others = np.ones(SHAPE[:-1], bool)
    others[1, 7] = others[2, 3] = False
    changed = {name: np.where(others[..., None], values[::-1], values) for name, values in groups.items()}
    for got, expected in zip(run(autodiff, algorithm, **changed), run(autodiff, algorithm, **groups), strict=True):
        assert got.shape[:2] == SHAPE[:-1]
        np.testing.assert_array_equal(got[~others], expected[~others])


@every_algorithm
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_tied_group_that_has_not_moved_has_a_gradient_of_exactly_zero(autodiff, algorithm, dtype):
    log_probs = (np.random.default_rng(3).normal(size=SHAPE) * 10 ** np.linspace(-2, 2, 20)[:, None]).astype(dtype)
    scores = np.broadcast_to(np.asarray([0.1, 123.456, 1e8 + 0.1])[:, None, None], SHAPE).astype(dtype)
    outcome = run(autodiff, algorithm, log_probs, scores=scores, old_log_probs=log_probs, ref_log_probs=log_probs)
    assert outcome.gradient.dtype == dtype
    assert not outcome.gradient.any()
    assert (outcome.weight > 0).all()


@every_algorithm
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_finite_far_from_the_old_policy(autodiff, algorithm, groups, dtype):
    far = np.where(np.random.default_rng(4).random(SHAPE) < 0.5, -1e4, -1.0)
    groups = groups | {"log_probs": far, "old_log_probs": far[::-1], "ref_log_probs": far[:, ::-1]}
    outcome = run(autodiff, algorithm, **{name: values.astype(dtype) for name, values in groups.items()})
    assert all(np.isfinite(array).all() for array in outcome)


@every_algorithm
def test_an_impossible_candidate_has_a_gradient_of_exactly_zero(autodiff, algorithm, groups):
    impossible = np.random.default_rng(5).random(SHAPE) < 0.4
    impossible[0, 0] = True
    stopped = {name: np.where(impossible, -INF, groups[name]) for name in groups if name.endswith("log_probs")}
    outcome = run(autodiff, algorithm, **groups | stopped)
    assert all(np.isfinite(array).all() for array in outcome)
    assert not outcome.gradient[impossible].any()
    assert outcome.gradient[~impossible].any()
    assert (outcome.value[0, 0], outcome.weight[0, 0]) == (0, 0)


@pytest.fixture
def padded(groups):
    """The same groups with three masked slots each, anywhere, that hold anything."""
    rng = np.random.default_rng(6)
    mask = rng.permuted(np.broadcast_to(np.arange(9) < SHAPE[-1], (*SHAPE[:-1], 9)), axis=-1)
    wider = {}
    for name, values in groups.items():
        wider[name] = rng.choice([NAN, INF, -INF, 1e4, 0.0], mask.shape)
        wider[name][mask] = values.ravel()
    return wider | {"mask": mask}


@every_algorithm
def test_padding_changes_nothing_and_gets_a_gradient_of_exactly_zero(autodiff, algorithm, groups, padded):
    outcome, plain = run(autodiff, algorithm, **padded), run(autodiff, algorithm, **groups)
    assert not outcome.gradient[~padded["mask"]].any()
    np.testing.assert_allclose(outcome.gradient[padded["mask"]].reshape(SHAPE), plain.gradient, rtol=0, atol=1e-14)
    np.testing.assert_allclose(outcome.value, plain.value, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(outcome.weight, plain.weight)


@every_algorithm
def test_a_group_without_candidates_weighs_nothing(autodiff, algorithm, padded):
    padded["mask"][0] = False
    for array in run(autodiff, algorithm, **padded):
        assert not array[0].any()
        assert array[1:].any()


@every_algorithm
def test_log_probs_may_have_half_precision(autodiff, algorithm, groups):
    half = {name: autodiff.asarray(values, dtype="bfloat16") for name, values in groups.items()}
    full = {name: autodiff.namespace().astype(values, autodiff.namespace().float64) for name, values in half.items()}
    outcome, exact = run(autodiff, algorithm, **half), run(autodiff, algorithm, **full)
    tolerance = 4 * 2.0**-7
    np.testing.assert_allclose(outcome.gradient, exact.gradient, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(outcome.value, exact.value, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(outcome.weight, exact.weight)
