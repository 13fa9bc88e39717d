"""NumPy gives no warning for numbers that other libraries pass over in silence."""

import warnings

import numpy as np
import pytest

import tpo

NEW = np.log([[0.5, 0.25, 0.25], [0.2, 0.3, 0.5]])
STANDARDIZERS = (tpo.ZScore(), tpo.Centred(), tpo.LeaveOneOut(), tpo.MeanScaled(), tpo.Ranks(), tpo.BatchZScore())
METHODS = (tpo.GRPO(), tpo.RLOO(), tpo.REBEL(), tpo.ReMax(), tpo.MaxRL(), tpo.PMPO(), tpo.TPO(divergence="reverse"))
SCORES = np.asarray([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.fixture(autouse=True)
def loud():
    """Turn every warning into an error, as `python -W error` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def with_infinity(dtype):
    spoilt = NEW.astype(dtype)
    spoilt[0, 1] = np.inf
    return spoilt


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("standardizer", STANDARDIZERS, ids=str)
def test_infinite_log_probs_make_their_group_nan_in_silence(dtype, precision, standardizer):
    old = with_infinity(dtype)
    q = tpo.target(old, SCORES, precision=precision, standardizer=standardizer)
    assert np.isnan(q[0]).all()
    assert q[1].sum() == pytest.approx(1, abs=1e-3)
    ratio = tpo.target(old, SCORES, precision=precision, standardizer=standardizer, anchor="ratio")
    assert ratio[1].sum() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_functions_of_infinite_log_probs_are_silent(dtype):
    old, q = with_infinity(dtype), tpo.target(NEW.astype(dtype), SCORES)
    for values in (tpo.policy_over_group(old), tpo.candidate_weights(q, old), tpo.cross_entropy(q, old)):
        assert np.isnan(values[0]).all()
        assert np.isfinite(values[1]).all()
    for anchor in ("policy", "ratio", "none"):
        for divergence in ("forward", "reverse"):
            algorithm = tpo.TPO(anchor=anchor, divergence=divergence)
            for before, now in ((old, NEW.astype(dtype)), (NEW.astype(dtype), old)):
                signal = algorithm.prepare(tpo.Group(scores=SCORES, old_log_probs=before))
                assert np.isfinite(algorithm.loss(now, signal).value[1])


@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("standardizer", STANDARDIZERS, ids=str)
def test_scores_beyond_the_range_of_the_log_probs_are_silent(precision, standardizer):
    scores, old = np.asarray([[1e60, 1.0, 0.0], [1.0, 0.0, 0.0]]), NEW.astype("float32")
    options = {"standardizer": standardizer, "precision": precision}
    q = tpo.target(old, scores, **options)
    assert np.isnan(q[0]).all()
    group = tpo.Group(scores=scores, old_log_probs=old, baseline_scores=scores[:, 0])
    np.testing.assert_array_equal(tpo.TPO(**options).prepare(group).q, q)
    for algorithm in METHODS:
        assert np.isfinite(algorithm.loss(old, algorithm.prepare(group)).value[1])
    found = tpo.diagnostics(group, standardizer=standardizer)
    assert found.score_under_policy[1] == pytest.approx(0.2, rel=1e-6)


def test_the_largest_number_of_a_narrower_dtype_is_not_cut_off():
    largest = float(np.finfo(np.float32).max)
    half_a_place = float(np.ldexp(1.0, 103))
    old = np.zeros((1, 2), np.float32)
    beyond = largest + half_a_place
    for score, expected in ((largest, largest), (np.nextafter(beyond, 0), largest), (beyond, np.inf)):
        group = tpo.Group(scores=np.asarray([[score, -score]]), old_log_probs=old)
        assert group.scores.tolist() == [[expected, -expected]]


def test_diagnostics_of_scores_whose_span_is_beyond_the_range_are_silent():
    found = tpo.diagnostics(tpo.Group(scores=np.asarray([[1e308, -1e308, 0.0]]), old_log_probs=NEW[:1]))
    assert found.near_tied.tolist() == [False]
    assert found.score_under_policy[0] == pytest.approx(0.25e308)
