"""Effective sample sizes worked out by hand."""

import math

import pytest

from tests.rollouts.loaded import loaded, rows_of, verdict

LOG_PROBS = [math.log(0.5), math.log(0.25), math.log(0.125), math.log(0.125)]
"""The old policy over the group is itself: 1 / (1/4 + 1/16 + 2/64) = 2.909."""


def test_the_size_of_a_policy_by_hand(tmp_path):
    found = verdict("effective sample size", loaded(tmp_path, rows_of("a", score=[1, 0, 0, 1], old_logp=LOG_PROBS)))
    assert found.figures == pytest.approx({"policy, sum": 1 / 0.34375, "ratio": 4, "candidates": 4})
    assert found.ok


def test_exponents_divide_by_powers_of_the_length(tmp_path):
    rows = rows_of("a", score=[1, 0], old_logp=[math.log(0.75) * 4, math.log(0.25) * 4], completion_length=[4, 4])
    found = verdict("effective sample size", loaded(tmp_path, rows)).figures
    assert found["policy, mean"] == pytest.approx(1 / (0.75**2 + 0.25**2))
    half = [0.75**2, 0.25**2]
    assert found["policy, length ** 0.5"] == pytest.approx(sum(half) ** 2 / sum(p * p for p in half))
    whole = [0.75**4, 0.25**4]
    assert found["policy, sum"] == pytest.approx(sum(whole) ** 2 / sum(p * p for p in whole))


def test_the_median_is_over_groups_with_two_known_log_probs(tmp_path):
    rows = [
        *rows_of("a", score=[1, 0], old_logp=[-1.0, -1.0]),
        *rows_of("b", score=[1, 0], old_logp=[-1.0, None]),
        *rows_of("c", score=[1], old_logp=[-1.0]),
    ]
    assert verdict("effective sample size", loaded(tmp_path, rows)).figures["policy, sum"] == 2


def test_below_a_quarter_of_the_candidates_it_warns(tmp_path):
    rows = rows_of("a", score=[1, 0] * 4, old_logp=[-30.0 * number for number in range(8)])
    found = verdict("effective sample size", loaded(tmp_path, rows))
    assert found.ok is None
    assert found.figures["policy, sum"] == pytest.approx(1)
    assert found.remedy.startswith("Summed log-probs need an effective sample size of 2 here: ")


def test_without_known_log_probs_there_is_no_size(tmp_path):
    found = verdict("effective sample size", loaded(tmp_path, rows_of("a", score=[1, 0], old_logp=[None, None])))
    assert (found.ok, found.detail) == (None, "no group has two known log-probs")
