"""Rewards to scores."""

import math

import pytest
import torch

import tpo
from tpo_trl.scores import check_columns, scores_of

NAN = math.nan


def test_weighted_sums_skip_what_is_missing():
    rewards = torch.tensor([[1.0, 2.0], [NAN, 4.0], [NAN, NAN], [3.0, NAN]])
    found = scores_of(rewards, torch.tensor([1.0, 0.5]), aggregation="sum_then_normalize", group_size=2)
    torch.testing.assert_close(found, torch.tensor([2.0, 2.0, NAN, 3.0]), equal_nan=True)


def test_rewards_are_standardized_one_by_one():
    rewards = torch.tensor([[1.0, 100.0], [0.0, 300.0], [5.0, 7.0], [5.0, 8.0]])
    found = scores_of(rewards, torch.tensor([1.0, 0.5]), aggregation="normalize_then_sum", group_size=2)
    torch.testing.assert_close(found, torch.tensor([0.5, -0.5, -0.5, 0.5]))


def test_an_infinite_reward_is_an_error():
    rewards = torch.tensor([[1.0, 0.0, -math.inf], [0.0, 1.0, math.inf], [1.0, 1.0, 1.0], [NAN, 1.0, 1.0]])
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        scores_of(rewards, torch.ones(3), aggregation="sum_then_normalize", group_size=2)
    assert str(caught.value) == (
        "every reward must be finite or None; got an infinite one for 2 completions, from reward function 3 of 3. "
        "Repair it."
    )


def test_every_data_set_needs_prompts():
    without, sound = (type("Data", (), {"column_names": names}) for names in (["question"], ["prompt", "answer"]))
    check_columns("train_dataset", None)
    check_columns("eval_dataset", {"easy": sound})
    message = r"^`eval_dataset\['hard'\]` must have a column `prompt`; got question\."
    with pytest.raises(tpo.InvalidArgumentError, match=message):
        check_columns("eval_dataset", {"easy": sound, "hard": without})


def test_a_sum_of_rewards_that_overflows_is_an_error():
    rewards = torch.tensor([[3e38, 3e38], [0.0, 1.0]])
    with pytest.raises(tpo.InvalidArgumentError, match=r"sum of rewards must be finite; got rewards up to 3e\+38"):
        scores_of(rewards, torch.ones(2), aggregation="sum_then_normalize", group_size=2)


@pytest.mark.parametrize("weight", [math.inf, -math.inf, NAN])
def test_weights_of_rewards_are_finite(weight):
    with pytest.raises(tpo.InvalidArgumentError, match="`reward_weights` must be finite"):
        scores_of(torch.ones(2, 2), torch.tensor([1.0, weight]), aggregation="sum_then_normalize", group_size=2)
