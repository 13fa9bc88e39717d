"""Log-probs that cannot be, drift and mismatch, by numbers worked out by hand."""

import math

import pytest

from tests.rollouts.loaded import loaded, rows_of, verdict


def test_positive_and_missing_log_probs_are_counted_by_row(tmp_path):
    rows = rows_of("a", score=[1, 0, 1, 0], old_log_probs=[[-1, 0.5], [-1, None], [-1, -2], [-math.inf, -1]])
    found = verdict("log-probs", loaded(tmp_path, rows))
    assert (found.ok, found.figures) == (False, {"positive": 1, "not_finite": 2, "all_zero": 0})


def test_rounding_above_zero_is_none(tmp_path):
    rows = rows_of("a", score=[1, 0], old_log_probs=[[-1, 0.005], [-2, 0.0]])
    assert verdict("log-probs", loaded(tmp_path, rows)).ok


def test_zeros_everywhere_are_an_unfilled_buffer(tmp_path):
    rows = rows_of("a", score=[1, 0], old_logp=[-1, -2], rollout_logps=[[0, 0], [0]])
    found = verdict("log-probs", loaded(tmp_path, rows))
    assert found.ok is False
    assert found.detail == "rollout_log_probs are 0 everywhere"


def test_lists_are_as_long_as_the_completion_under_their_mask(tmp_path):
    rows = rows_of("a", score=[1, 0], old_log_probs=[[-1, -1, 0], [-1, -2, -3]], completion_length=[2, 3])
    found = verdict("log-prob lengths", loaded(tmp_path, rows))
    assert (found.ok, found.figures) == (False, {"rows": 1, "largest_difference": 1})
    masked = [row | {"completion_mask": mask} for row, mask in zip(rows, ([1, 1, 0], [1, 1, 1]), strict=True)]
    assert verdict("log-prob lengths", loaded(tmp_path, masked)).ok


def test_lists_differ_from_one_another(tmp_path):
    rows = rows_of("a", score=[1, 0], old_log_probs=[[-1], [-1, -2]], rollout_logprobs=[[-1, -1], [-1, -2]])
    assert verdict("log-prob lengths", loaded(tmp_path, rows)).figures == {"rows": 1, "largest_difference": 1}


def test_drift_by_hand(tmp_path):
    lengths = [10, 20, 30, 40]
    rows = rows_of("a", score=[1, 0, 1, 0], old_logp=[-5.0] * 4, new_logps=[-5.0, -6.0, -5.0, -8.0], length=lengths)
    found = verdict("drift", loaded(tmp_path, rows)).figures
    # Ratios 0, -1, 0, -3: centred 1, 0, 1, -2, lengths -15, -5, 5, 15.
    assert found == pytest.approx(
        {
            "mean": -1,
            "deviation": math.sqrt(6 / 4),
            "correlation": (-15 + 5 - 30) / math.sqrt(6 * 500),
            "mean_of_longest_quarter": -3,
            "bounded": 0,
        }
    )


def test_a_few_rows_are_no_evidence_of_drift(tmp_path):
    rows = rows_of(
        "a", score=[1, 0, 1, 0], old_logp=[-5.0] * 4, new_logps=[-6.0, -7.0, -8.0, -9.0], length=[1, 2, 3, 4]
    )
    found = verdict("drift", loaded(tmp_path, rows))
    assert found.ok
    assert found.figures["correlation"] == pytest.approx(-1)


def test_a_policy_that_left_the_rollout(tmp_path):
    rows = rows_of("a", score=[1, 0], old_logp=[-5.0, -6.0], new_logps=[-5.0, -26.1], length=[3, 3])
    found = verdict("drift", loaded(tmp_path, rows))
    assert (found.ok, found.figures["bounded"]) == (False, 0.5)


def test_before_the_first_update_nothing_has_moved(tmp_path):
    rows = rows_of("a", score=[1, 0], old_logp=[-5.0, -6.0], new_logps=[-5.0, -6.0], length=[3, 4])
    assert verdict("drift", loaded(tmp_path, rows)).detail == "all log-ratios are 0: the policy has not moved"


def test_mismatch_by_hand(tmp_path):
    near, four = -math.log(0.6), math.log(4.0)
    rows = rows_of(
        "a", score=[1, 0], old_log_probs=[[-1 - near, -1], [-1, -1 - four]], rollout_logprobs=[[-1, -1], [-1, -1]]
    )
    found = verdict("train/inference mismatch", loaded(tmp_path, rows))
    # r - 1 - log r at r = .6 and at r = 1/4, over four tokens.
    kl = ((0.6 - 1 + near) + (0.25 - 1 + four)) / 4
    assert found.figures == pytest.approx({"kl": kl, "far": 0.25, "largest_log_ratio": four, "tokens": 4})
    assert found.ok is False


def test_tokens_without_a_log_prob_are_left_out_of_the_mismatch(tmp_path):
    rows = rows_of("a", score=[1, 0], old_log_probs=[[-1, -2], [-1]], rollout_logprobs=[[-1, None], [-1]])
    assert verdict("train/inference mismatch", loaded(tmp_path, rows)).figures["tokens"] == 2


def test_whole_log_probs_cannot_be_compared_by_token(tmp_path):
    rows = rows_of("a", score=[1, 0], old_logp=[-1.0, -2.0], rollout_logps=[-1.0, -2.0])
    assert "mismatch" not in loaded(tmp_path, rows).available


def test_padded_tokens_with_their_mask_have_the_length_of_what_counts(tmp_path):
    rows = [
        {
            "group_id": "a",
            "score": score,
            "completion_ids": [5, 6, 7, 0, 0],
            "completion_mask": [1, 1, 1, 0, 0],
            "old_log_probs": [-1.0, -1.0, -1.0, 0.0, 0.0],
        }
        for score in (0, 1)
    ]
    rollouts = loaded(tmp_path, rows)
    assert rollouts.columns["length"].tolist() == [3.0, 3.0]
    assert verdict("log-prob lengths", rollouts).ok
