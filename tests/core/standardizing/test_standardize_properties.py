"""Properties of standardized scores for any group."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tpo

SIZES = st.integers(2, 40)
SCORES = SIZES.flatmap(lambda size: arrays(np.float64, size, elements=st.floats(-1e300, 1e300, allow_subnormal=False)))
INTEGERS = SIZES.flatmap(lambda size: arrays(np.float64, size, elements=st.integers(-(2**20), 2**20)))
EPS = np.finfo(np.float64).eps


def is_tied(scores):
    return scores.max() == scores.min()


@given(SCORES)
def test_mean_zero_and_variance_one_unless_tied(scores):
    u = tpo.standardize(scores)
    assert abs(u.sum()) <= 8 * EPS * np.abs(u).sum()
    assert abs((u * u).mean() - (not is_tied(scores))) <= 16 * EPS


@given(SCORES)
def test_higher_scores_never_stand_lower(scores):
    order = np.argsort(scores)
    assert (np.diff(tpo.standardize(scores)[order]) >= 0).all()


@given(SCORES)
def test_no_score_stands_further_out_than_a_single_outlier_can(scores):
    assert np.abs(tpo.standardize(scores)).max() <= np.sqrt(len(scores) - 1) * (1 + 8 * EPS)


@given(INTEGERS, st.integers(-(2**30), 2**30))
def test_adding_a_constant_changes_no_bit(scores, constant):
    np.testing.assert_array_equal(tpo.standardize(scores + constant), tpo.standardize(scores))


@given(INTEGERS, st.integers(1, 2**20))
def test_a_positive_factor_changes_no_bit(scores, factor):
    np.testing.assert_array_equal(tpo.standardize(scores * factor), tpo.standardize(scores))


@given(INTEGERS)
def test_a_negative_factor_turns_the_sign(scores):
    np.testing.assert_allclose(tpo.standardize(-scores), -tpo.standardize(scores), rtol=0, atol=32 * EPS)


@given(SCORES, st.randoms(use_true_random=False))
def test_permuting_the_group_permutes_the_result(scores, random):
    order = random.sample(range(len(scores)), len(scores))
    np.testing.assert_allclose(tpo.standardize(scores[order]), tpo.standardize(scores)[order], rtol=0, atol=32 * EPS)


@given(SCORES, st.integers(1, 30), st.floats())
def test_padding_with_masked_slots_changes_nothing(scores, more, filler):
    padded = np.concatenate([scores, np.full(more, filler)])
    u = tpo.standardize(padded, mask=np.arange(len(padded)) < len(scores))
    np.testing.assert_allclose(u[: len(scores)], tpo.standardize(scores), rtol=0, atol=32 * EPS)
    assert (u[len(scores) :] == 0).all()
