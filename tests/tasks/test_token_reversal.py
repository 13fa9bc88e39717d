"""Token reversal: targets, rewards, and random inputs."""

from dataclasses import replace

import numpy as np
import pytest

from tpo import InvalidArgumentError, Randomness, UnknownNameError
from tpo.plugins import registry
from tpo.training.trainer import draw_inputs
from tpo_tasks.rewards import REWARDS
from tpo_tasks.sequences import TokenReversal

TAKEN = np.asarray([[[[1.0, 1.0, 0.0, 1.0]], [[1.0, 1.0, 1.0, 1.0]]]])
CANDIDATES = np.stack([TAKEN, 1 - TAKEN], axis=-1)


def test_bag_of_tokens_rewards_every_right_token():
    np.testing.assert_array_equal(REWARDS["bag-of-tokens"](np, TAKEN, CANDIDATES), CANDIDATES)


def test_sequential_rewards_right_tokens_up_to_the_first_mistake():
    rewards = REWARDS["sequential"](np, TAKEN, CANDIDATES)
    np.testing.assert_array_equal(rewards[0, 0, 0], [[1, 0], [1, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(rewards[0, 1, 0], [[1, 0]] * 4)


def test_terminal_rewards_whole_completions():
    rewards = REWARDS["terminal"](np, TAKEN, CANDIDATES[..., :1])
    np.testing.assert_array_equal(rewards[0, :, 0, :, 0], [[0] * 4, [1] * 4])


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("copy", [0, 1, 2, 3]),
        ("flip", [3, 2, 1, 0]),
        ("reverse-copy", [3, 2, 1, 0]),
        ("reverse-flip", [0, 1, 2, 3]),
    ],
)
def test_targets(target, answer):
    prompt = np.asarray([[[0, 1, 2, 3]]])
    given = TokenReversal(vocab_size=4, length=4, target=target).answer(np, prompt)
    np.testing.assert_array_equal(given[0, 0], answer)


def test_flip_differs_from_reversal():
    prompt = np.asarray([[[0, 0, 1]]])
    given = {t: TokenReversal(length=3, target=t).answer(np, prompt)[0, 0].tolist() for t in ("flip", "reverse-copy")}
    assert given == {"flip": [1, 1, 0], "reverse-copy": [1, 0, 0]}


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize(
    ("reward", "grouping", "shape"),
    [
        ("bag-of-tokens", "token", (2, 5, 4, 3)),
        ("bag-of-tokens", "sequence", (2, 5, 3)),
        ("sequential", "batch", (2, 4, 5)),
        ("terminal", "sequence", (2, 5, 3)),
    ],
)
def test_rollouts_have_groups_last_and_scores_that_match_their_candidates(backend, reward, grouping, shape):
    backend = registry.backend(backend)
    task = TokenReversal(length=4, reward=reward)
    arm = replace(task.arms["tpo"], grouping=grouping, group_size=3, batch_size=5)
    with backend.precision("float64"):
        stacked = [task.initial_parameters(Randomness(seed)) for seed in (0, 1)]
        params = {n: backend.asarray(np.stack([t[n] for t in stacked]), dtype="float64") for n in stacked[0]}

        @backend.compile
        def roll(params, inputs):
            rollout = task.rollout(backend, params, inputs, arm)
            return rollout, task.log_probs(backend, params, rollout.data, arm)

        rollout, log_probs = roll(params, draw_inputs(task, arm, backend, (0, 1), 0, "float64"))
        scores, error = backend.to_numpy(rollout.scores), backend.to_numpy(rollout.error)
        prompts, completions, candidates = (backend.to_numpy(x) for x in rollout.data)
    assert scores.shape == log_probs.shape == shape
    answer = prompts[:, :, None, ::-1]
    expected = REWARDS[reward](np, (completions == answer) * 1.0, (candidates == answer[..., None]) * 1.0)
    np.testing.assert_allclose(error, 1 - expected[..., 0].mean((1, 2, 3)), atol=1e-12)
    arranged = {
        "token": lambda r: r[:, :, 0],
        "sequence": lambda r: r[..., 0].mean(-1),
        "batch": lambda r: np.swapaxes(r[:, :, 0, :, 0], 1, 2),
    }[grouping](expected)
    np.testing.assert_allclose(scores, arranged, atol=1e-12)


def test_what_is_drawn_depends_on_seed_step_and_purpose_only():
    task = TokenReversal(length=4)
    arm = task.arms["tpo"]
    first = task.inputs(Randomness(3, 7), arm)
    again = task.inputs(Randomness(3, 7), arm)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    other_step, other_seed = task.inputs(Randomness(3, 8), arm), task.inputs(Randomness(4, 7), arm)
    assert (first["prompts"] != other_step["prompts"]).any()
    assert (first["noise"] != other_seed["noise"]).mean() == 1
    ppo = task.inputs(Randomness(3, 7), task.arms["ppo"])
    np.testing.assert_array_equal(first["prompts"], ppo["prompts"])


def test_the_generator_is_a_fixed_function():
    drawn = Randomness(5, 11).generator("sampling").random(3)
    np.testing.assert_array_equal(drawn, Randomness(5, 11).generator("sampling").random(3))
    assert [value.hex() for value in drawn] == ["0x1.0e97d7bd19b5cp-3", "0x1.9ce859882d6ccp-2", "0x1.f3e233ebc37e0p-5"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"vocab_size": 1}, "`vocab_size` must be at least 2; got 1. With less there is nothing to learn."),
        ({"length": 1}, "`length` must be at least 2; got 1. With less there is nothing to learn."),
    ],
)
def test_options_too_small(options, text):
    with pytest.raises(InvalidArgumentError) as caught:
        TokenReversal(**options)
    assert str(caught.value) == text


def test_unknown_choices_suggest_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        TokenReversal(target="reverse")
    assert "must be a registered target; got 'reverse'. Did you mean 'reverse-" in str(caught.value)
    with pytest.raises(UnknownNameError) as caught:
        TokenReversal(reward="terminals")
    assert str(caught.value) == (
        "the name must be a registered reward; got 'terminals'. Did you mean 'terminal'? "
        "Registered: bag-of-tokens, sequential, terminal."
    )


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_error_of_a_solved_batch_is_exactly_zero(monkeypatch, backend):
    monkeypatch.setitem(REWARDS, "bag-of-tokens", lambda xp, _, candidates: xp.ones_like(candidates))
    backend = registry.backend(backend)
    task = TokenReversal(length=3)
    arm = replace(task.arms["ppo"], batch_size=7)
    start = {n: v[None] for n, v in task.initial_parameters(Randomness(0)).items()}
    params = {n: backend.asarray(v, dtype="float32") for n, v in start.items()}
    roll = backend.compile(lambda params, inputs: task.rollout(backend, params, inputs, arm))
    rollout = roll(params, draw_inputs(task, arm, backend, (0,), 0, "float32"))
    assert backend.to_numpy(rollout.error).tolist() == [0.0]
