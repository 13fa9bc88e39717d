"""Treatments of NaN scores."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry

NAN = float("nan")
SCORES = np.asarray([[1.0, NAN, 0.0], [2.0, 1.0, 0.0], [NAN, NAN, NAN]])
LOG_PROBS = np.log([[0.2, 0.3, 0.5]] * 3)
MASKED = ~np.isnan(SCORES)
TEXT = "`scores` must be finite; got 4 that are NaN or infinite. Repair the scorer, or leave them out: nan='mask'."
INFINITE = np.asarray([[1.0, np.inf, 0.0], [2.0, 1.0, 0.0], [-np.inf, np.inf, -np.inf]])

every_tier = pytest.mark.parametrize("precision", ["exact", "fast"])


@every_tier
def test_they_make_their_group_nan_and_no_other(backend, precision):
    arrays = backend.array(LOG_PROBS), backend.array(SCORES)
    q = backend.numpy(tpo.target(*arrays, precision=precision))
    u = backend.numpy(tpo.standardize(arrays[1], precision=precision))
    assert np.isnan(q[[0, 2]]).all()
    assert np.isnan(u[[0, 2]]).all()
    assert np.isfinite(q[1]).all()
    assert np.isfinite(u[1]).all()


@every_tier
def test_they_can_be_left_out(backend, precision):
    arrays = backend.array(LOG_PROBS), backend.array(SCORES)
    filled, mask = np.nan_to_num(SCORES), backend.array(MASKED, "bool")
    q = tpo.target(*arrays, nan="mask", precision=precision)
    expected = tpo.target(arrays[0], backend.array(filled), mask=mask, precision=precision)
    np.testing.assert_array_equal(backend.numpy(q), backend.numpy(expected))
    u = tpo.standardize(arrays[1], nan="mask", precision=precision)
    np.testing.assert_array_equal(backend.numpy(u), [[1, 0, -1], backend.numpy(u)[1], [0, 0, 0]])
    group = tpo.Group(scores=arrays[1], old_log_probs=arrays[0], nan="mask")
    np.testing.assert_array_equal(backend.numpy(group.mask), MASKED)
    np.testing.assert_array_equal(backend.numpy(group.scores), filled)


def test_they_can_be_refused(backend):
    arrays = backend.array(LOG_PROBS), backend.array(SCORES)
    calls = (
        lambda: tpo.target(*arrays, nan="raise"),
        lambda: tpo.standardize(arrays[1], nan="raise"),
        lambda: tpo.Group(scores=arrays[1], old_log_probs=arrays[0], nan="raise"),
    )
    for call in calls:
        with pytest.raises(tpo.InvalidArgumentError) as caught:
            call()
        assert str(caught.value) == TEXT


def test_where_they_are_refused_clean_and_masked_scores_pass(backend):
    scores, mask = backend.array(SCORES), backend.array(MASKED, "bool")
    u = backend.numpy(tpo.standardize(scores, mask=mask, nan="raise"))
    np.testing.assert_array_equal(u[0], [1, 0, -1])


def test_they_cannot_be_refused_inside_jit():
    jax = registry.backend("jax")
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        jax.compile(lambda scores: tpo.standardize(scores, nan="raise"))(jax.asarray([1.0, NAN]))
    assert str(caught.value) == (
        "`nan='raise'` needs concrete values; got arrays that are being traced. "
        "Use nan='mask' or nan='propagate' there."
    )


def test_they_cannot_be_refused_inside_vmap():
    torch = pytest.importorskip("torch")
    with pytest.raises(tpo.InvalidArgumentError, match="needs concrete values"):
        torch.func.vmap(lambda scores: tpo.standardize(scores, nan="raise"))(torch.ones(3, 4))


def test_an_unknown_policy_is_refused():
    with pytest.raises(tpo.UnknownNameError) as caught:
        tpo.standardize(np.ones(3), nan="omit")
    text = "the name must be a registered policy for NaN scores; got 'omit'. Registered: mask, propagate, raise."
    assert str(caught.value) == text


@pytest.mark.parametrize("scores", [SCORES, INFINITE], ids=["nan", "infinite"])
def test_infinite_scores_are_treated_as_nan_is(backend, scores):
    arrays = backend.array(LOG_PROBS), backend.array(scores)
    assert np.isnan(backend.numpy(tpo.target(*arrays))[[0, 2]]).all()
    masked = backend.numpy(tpo.target(*arrays, nan="mask"))
    filled, mask = backend.array(np.where(MASKED, scores, 0)), backend.array(MASKED, "bool")
    np.testing.assert_array_equal(masked, backend.numpy(tpo.target(arrays[0], filled, mask=mask)))
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.target(*arrays, nan="raise")
    assert str(caught.value) == TEXT


def test_what_does_not_fit_into_the_dtype_that_is_computed_in_counts_as_infinite(backend):
    scores, log_probs = backend.array([[1e60, 1.0, 0.0]]), backend.array(LOG_PROBS[:1], "float32")
    mask = backend.array([[False, True, True]], "bool")
    expected = tpo.target(log_probs, backend.array([[0.0, 1.0, 0.0]]), mask=mask)
    found = tpo.target(log_probs, scores, nan="mask")
    np.testing.assert_array_equal(backend.numpy(found), backend.numpy(expected))
    with pytest.raises(tpo.InvalidArgumentError, match="`scores` must be finite; got 1 that are NaN or infinite"):
        tpo.target(log_probs, scores, nan="raise")


@pytest.mark.parametrize(
    "name", ["old_log_probs", "ref_log_probs", "rollout_log_probs", "advantages", "baseline_scores"]
)
def test_nan_is_refused_in_every_array_by_its_name(backend, name):
    arrays = {
        "scores": np.zeros((1, 3)),
        "old_log_probs": LOG_PROBS[:1],
        "ref_log_probs": LOG_PROBS[:1],
        "rollout_log_probs": LOG_PROBS[:1],
        "advantages": np.zeros((1, 3)),
        "baseline_scores": np.zeros(1),
    }
    spoilt = arrays[name].copy()
    spoilt[0] = np.nan if spoilt.ndim == 1 else [np.nan, np.inf, 0]
    given = {key: backend.array(values) for key, values in (arrays | {name: spoilt}).items()}
    with pytest.raises(tpo.InvalidArgumentError, match=rf"`{name}` must be finite; got \d that are NaN or infinite\. "):
        tpo.Group(**given, nan="raise")
    masked = backend.array([[False, False, True]], "bool")
    if spoilt.ndim > 1:
        assert tpo.Group(**given, mask=masked, nan="raise").nan == "raise"


def test_log_probs_that_are_nan_are_refused_by_target_too(backend):
    scores = backend.array([[0.0, 1.0, 2.0]])
    for wrong in (NAN, np.inf):
        old, mask = backend.array([[wrong, -1.0, -np.inf]]), backend.array([[False, True, True]], "bool")
        with pytest.raises(tpo.InvalidArgumentError) as caught:
            tpo.target(old, scores, nan="raise")
        text = "`old_log_probs` must be finite; got 1 that are NaN or infinite. "
        assert str(caught.value) == f"{text}Find out where the model or engine makes them."
        assert backend.numpy(tpo.target(old, scores, mask=mask, nan="raise")).tolist() == [[0.0, 1.0, 0.0]]


def test_an_engine_may_lack_log_probs(backend):
    old, rollout = backend.array([[-1.0, -2.0]]), backend.array([[NAN, -2.0]])
    arrays = {"scores": backend.array([[0.0, 1.0]]), "old_log_probs": old, "rollout_log_probs": rollout}
    group = tpo.Group(**arrays, nan="raise")
    signal = tpo.TruncatedIS(tpo.TPO()).prepare(group)
    assert backend.numpy(signal.weights).tolist() == [[1.0, 1.0]]


def test_impossible_candidates_are_not_refused(backend):
    log_probs = backend.array([[-np.inf, 0.0, -1.0]])
    group = tpo.Group(scores=backend.array(np.zeros((1, 3))), old_log_probs=log_probs, nan="raise")
    assert backend.numpy(group.old_log_probs)[0, 0] == -np.inf


@pytest.mark.parametrize("algorithm", [one for one in ALGORITHMS if one.traits.compares_candidates], ids=str)
def test_no_algorithm_hides_them(algorithm):
    field = "advantages" if "advantages" in algorithm.traits.needs else "scores"
    arrays = {
        "scores": np.asarray([[1.0, 0.0, 0.5, 0.2], [1.0, 0.0, 0.5, 0.2]]),
        "advantages": np.asarray([[0.5, -0.5, 0.1, 0.3], [0.5, -0.5, 0.1, 0.3]]),
        "baseline_scores": np.zeros(2),
    }
    arrays[field][0, 1] = NAN
    old = np.log(np.full((2, 4), 0.25))
    group = tpo.Group(old_log_probs=old, rollout_log_probs=old, ref_log_probs=old, **arrays)
    value, weight = algorithm.loss(old - [[0.1, 0.0, 0.0, 0.2]], algorithm.prepare(group))
    assert np.isnan(value[0])
    assert np.isfinite(value[1])
    assert np.isfinite(weight[1])


def test_ranks_and_medians_do_not_tie_what_is_beyond_the_range():
    scores, old = np.asarray([[1e39, 2e39, 0.0]]), np.log(np.full((1, 3), 1 / 3, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(tpo.target(old, scores, standardizer=tpo.Ranks())).all()
        group = tpo.Group(scores=scores, old_log_probs=old)
        for threshold in ("mean", "median"):
            assert np.isnan(tpo.PMPO(threshold=threshold).prepare(group).weights).all()
