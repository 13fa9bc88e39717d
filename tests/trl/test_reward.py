"""TPO by a reward function in plain `GRPOTrainer`."""

import math

import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM
from trl import GRPOConfig, GRPOTrainer

import tpo
from tests.trl.exact import exact_training, flat, replayed
from tests.trl.training import PLAIN, PROMPTS, share_of_digits
from tpo_llm.rows import PLACE, SCORE
from tpo_trl import AS_REWARD, as_reward
from tpo_trl.options import read_options

K, T = 4, 6


def wrapped(reward=share_of_digits, **more):
    return as_reward(reward, num_generations=K, max_completion_length=T, **more)


@pytest.mark.parametrize("accumulated", [1, 4])
def test_one_step_per_rollout_is_that_of_tpo(folder, accumulated):
    kept = []

    class Kept(GRPOTrainer):
        def _generate_and_score_completions(self, inputs):
            rollout = super()._generate_and_score_completions(inputs)
            rows = len(rollout["completion_ids"])
            number = torch.arange(rows)
            place = torch.stack([number // K, number % K, 0 * number, 0 * number + K], -1)
            texts = self.processing_class.batch_decode(rollout["completion_ids"], skip_special_tokens=True)
            kept.append(
                {name: rollout[name] for name in ("prompt_ids", "prompt_mask", "completion_ids", "completion_mask")}
                | {PLACE: place, SCORE: torch.tensor(share_of_digits(texts)), "rollout": len(kept), "step": len(kept)}
            )
            return rollout

    own = {"num_generations": K, "max_completion_length": T, "per_device_train_batch_size": 8, "max_steps": 3}
    more = {"gradient_accumulation_steps": accumulated, "reward_weights": [1.0, 0.0]}
    config = GRPOConfig(str(folder / "out"), **AS_REWARD, **PLAIN, **own, **more)
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    rewards = [wrapped(), share_of_digits]
    Kept(model, rewards, config, train_dataset=Dataset.from_dict({"prompt": PROMPTS})).train()
    steps, rollouts = replayed([kept])
    exact, moved, _ = exact_training(folder, read_options({}), steps, rollouts)
    assert moved.norm() > 1e-3
    assert (flat(model.state_dict()) - exact).norm() <= 1e-5 * moved.norm()


def test_targets_by_hand():
    found = wrapped(lambda completions, **_: [1.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0], eta=2.0)(["p"] * 8, [""] * 8)
    high, low = torch.tensor([0.5, -0.5, -0.5, 0.5]).softmax(0)[:2].tolist()
    assert found == pytest.approx([K * T * q for q in (high, low, low, high)] + [T] * 4)


def test_a_completion_without_a_reward_is_left_out():
    found = wrapped(lambda completions, **_: [1.0, None, 0.0, float("nan")])(["p"] * 4, [""] * 4)
    high, low = torch.tensor([1.0, -1.0]).softmax(0).tolist()
    assert found == [pytest.approx(K * T * high), None, pytest.approx(K * T * low), None]


@pytest.mark.parametrize(
    ("prompts", "rewards", "message"),
    [
        (["p"] * 6, [0.0] * 6, "whole groups of 4 completions; got 6 rewards for 6"),
        (["p"] * 4, [0.0] * 3, "got 3 rewards for 4"),
        (["p", "p", "p", "r"], [0.0] * 4, "4 consecutive rows must have the same prompt"),
    ],
)
def test_what_are_no_groups_is_an_error(prompts, rewards, message):
    with pytest.raises(tpo.InvalidArgumentError, match=message):
        wrapped(lambda completions, **_: rewards)(prompts, [""] * len(prompts))


def test_an_asynchronous_function_is_refused():
    async def later(completions, **_):
        return [0.0 for _ in completions]

    with pytest.raises(tpo.InvalidArgumentError, match="must not be asynchronous; got later"):
        wrapped(later)


def test_infinite_rewards_are_refused():
    wrapped = as_reward(lambda completions, **_: [math.inf, 0.0], num_generations=2, max_completion_length=4)
    with pytest.raises(tpo.InvalidArgumentError, match="every reward must be finite or None; got 1 infinite ones"):
        wrapped(prompts=["a", "a"], completions=["b", "c"])
