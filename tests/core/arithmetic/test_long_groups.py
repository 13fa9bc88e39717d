"""Groups of hundreds to hundreds of thousands of candidates: as accurate as short ones, and with the same bits."""

from __future__ import annotations

import numpy as np
import pytest

import tpo

SIZES = (256, 257, 512, 1000, 4096, 20_000)
GOOD = 5
"""Successes of a group, of which the others are failures."""


def scores_of(size, kind):
    """Scores `[K]`, float32."""
    rng = np.random.default_rng([size, 7])
    if kind == "few successes":
        return (np.arange(size) < GOOD).astype(np.float32)
    return np.exp(rng.normal(size=size)).astype(np.float32)


def log_probs_of(size):
    return -np.abs(3 * np.random.default_rng([size, 8]).normal(size=size)).astype(np.float32)


def standardized(scores):
    """Z-scores with 64 bits, against the 24 of float32."""
    centred = scores.astype(np.longdouble) - scores.astype(np.longdouble).mean()
    return centred / np.sqrt(np.mean(centred * centred))


def units(found, true):
    """The largest error in units in the last place of float32, of numbers in its normal range."""
    normal = np.abs(true) > np.finfo(np.float32).tiny
    spacing = np.spacing(np.abs(true[normal]).astype(np.float32)).astype(np.longdouble)
    return float(np.max(np.abs(found[normal] - true[normal]) / spacing))


@pytest.mark.parametrize("kind", ["few successes", "log-normal"])
@pytest.mark.parametrize("size", SIZES)
def test_scores_and_targets_are_rounded_as_those_of_short_groups(size, kind):
    scores, log_probs = scores_of(size, kind), log_probs_of(size)
    u = standardized(scores)
    masses = np.exp(log_probs + u / 4)
    assert units(tpo.standardize(scores), u) <= 0.65
    assert units(tpo.target(log_probs, scores, 4.0), masses / masses.sum()) <= 0.55


@pytest.mark.parametrize("size", [1000, 4096])
def test_float64_is_as_accurate(size):
    """Successes alone have a standard score in closed form: sqrt((n - k) / k), and failures -sqrt(k / (n - k))."""
    scores = scores_of(size, "few successes").astype(np.float64)
    u = tpo.standardize(scores)
    ratio = np.sqrt(np.longdouble(size - GOOD) / GOOD)
    for value, true in ((u[0], ratio), (u[-1], -1 / ratio)):
        assert abs(value - true) <= 0.65 * np.spacing(abs(value))


def test_a_whole_batch_is_standardized_as_accurately():
    rewards = (np.random.default_rng(0).random((8192, 64)) < 0.3).astype(np.float32)
    u = tpo.standardize(rewards, standardizer=tpo.BatchZScore())
    assert units(u.ravel(), standardized(rewards.ravel())) <= 0.65


@pytest.mark.parametrize("size", [300, 1000])
def test_the_order_and_masked_slots_change_no_bit(backend, size):
    scores, log_probs = scores_of(size, "log-normal"), log_probs_of(size)
    compute = backend.compile(lambda x, s, m: tpo.target(x, s, 4.0, mask=m))

    def target(x, s, mask):
        return backend.numpy(
            compute(backend.array(x, "float32"), backend.array(s, "float32"), backend.array(mask, "bool"))
        )

    q = target(log_probs, scores, np.ones(size, bool))
    np.testing.assert_array_equal(q, tpo.target(log_probs, scores, 4.0))
    order = np.random.default_rng(1).permutation(size)
    np.testing.assert_array_equal(target(log_probs[order], scores[order], np.ones(size, bool)), q[order])
    room = 2 * size + 77
    wide = [np.concatenate([values, np.full(room - size, 3.0, np.float32)]) for values in (log_probs, scores)]
    np.testing.assert_array_equal(target(*wide, np.arange(room) < size)[:size], q)


def test_a_short_group_has_the_same_bits_among_many_masked_slots():
    """Its sums are added in blocks, but with as many chunks of bits as without the slots."""
    scores, log_probs = scores_of(200, "log-normal"), log_probs_of(200)
    for room in (257, 5000):
        wide = [np.concatenate([values, np.full(room - 200, 3.0, np.float32)]) for values in (log_probs, scores)]
        found = tpo.target(*wide, 1 / 3, mask=np.arange(room) < 200)[:200]
        np.testing.assert_array_equal(found, tpo.target(log_probs, scores, 1 / 3))


def test_a_number_that_is_not_finite_stays_in_its_long_group():
    scores = np.stack([scores_of(600, "log-normal")] * 2)
    scores[1, 599] = np.nan
    q = tpo.target(np.stack([log_probs_of(600)] * 2), scores, 4.0)
    np.testing.assert_array_equal(q[0], tpo.target(log_probs_of(600), scores[0], 4.0))
    assert np.isnan(q[1]).all()
