"""Tabular bandits: their directions by hand, the same run everywhere, and the published means."""

from dataclasses import replace

import numpy as np
import pytest

import tpo
from tpo import InvalidArgumentError, UnknownNameError
from tpo.plugins import registry
from tpo.training.trainer import Training, train
from tpo_tasks.bandits import MultiContextBandit, SingleContextBandit
from tpo_tasks.directions import EXACT, SAMPLED, against, cosine


def uneven(right, count=10):
    """A policy that gives `right` to the first arm and the rest unevenly to the others."""
    rest = np.arange(1.0, count)
    return np.concatenate([[right], (1 - right) * rest / rest.sum()])[None]


@pytest.mark.parametrize(("method", "published"), [("ce", 1.0), ("dg", 0.09), ("grpo", 0.33), ("tpo", 0.73)])
def test_the_weight_of_the_right_arms_direction_is_the_papers(method, published):
    policy = uneven(0.1)
    ratio = EXACT[method](np, policy) / against(np, policy)
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-12)
    assert ratio[0, 0] == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("method", sorted(EXACT))
def test_a_method_goes_on_where_the_right_arms_probability_rounds_to_1(method, dtype):
    task = MultiContextBandit(contexts=1)
    training = Training(task, task.arms[method], registry.backend("numpy"), seeds=(0, 1), dtype=dtype)
    errors = np.stack([step.metrics.error for step in training.until(2000)])
    assert np.isfinite(training.state.params["logits"]).all()
    assert np.isfinite(errors).all()
    assert (errors[-1] < 1e-6).all()


def test_the_limit_of_grpo_is_the_direction_of_what_is_left():
    wrong = np.asarray([[1e-20, 3e-20]])
    direction = EXACT["grpo"](np, np.concatenate([[[1.0]], wrong], axis=-1))
    np.testing.assert_allclose(direction, [[2e-10, -0.5e-10, -1.5e-10]], rtol=1e-9)


@pytest.mark.parametrize("right", [0.01, 0.5, 0.99])
def test_the_exact_direction_of_tpo_is_target_minus_policy(right):
    policy = uneven(right)
    scores = np.eye(10)[:1]
    expected = tpo.target(np.log(policy), scores) - policy
    np.testing.assert_allclose(EXACT["tpo"](np, policy), expected, atol=1e-14)


def test_sampled_directions_are_the_mean_over_the_samples():
    policy = uneven(0.3, 5)
    log_probs, pulled = np.log(policy), np.asarray([[3, 0, 4, 2, 1]]) / 10
    arms = np.repeat(np.arange(5), [3, 0, 4, 2, 1])
    rewards = (arms == 0) * 1.0
    score = np.eye(5)[arms] - policy
    surprisal, advantage = -log_probs[0, arms], rewards - 0.5
    weights = {
        "reinforce": advantage,
        "grpo": (rewards - rewards.mean()) / np.sqrt(rewards.var() + 1e-8),
        "dg": advantage / (1 + np.exp(-advantage * surprisal)),
    }
    for method, weight in weights.items():
        expected = (weight[:, None] * score).mean(0)
        np.testing.assert_allclose(SAMPLED[method](np, log_probs, pulled)[0], expected, atol=1e-14, err_msg=method)
    scores = (advantage[:, None] * np.eye(5)[arms]).mean(0)
    u = (scores - scores.mean()) / scores.std()
    tilted = policy[0] * np.exp(u)
    np.testing.assert_allclose(SAMPLED["tpo"](np, log_probs, pulled)[0], tilted / tilted.sum() - policy[0], atol=1e-14)


def test_the_cosine_of_a_direction_with_itself_and_its_opposite():
    g = np.asarray([[1.0, 2.0, -3.0]])
    np.testing.assert_allclose(cosine(np, g, 5 * g, axes=(-1,)), [1])
    np.testing.assert_allclose(cosine(np, g, -g, axes=(-1,)), [-1])


@pytest.mark.parametrize("method", sorted(SAMPLED))
def test_samples_are_drawn_with_the_policys_probabilities(method):
    task = SingleContextBandit(arms_count=3, samples=20_000)
    arm = replace(task.arms[method], learning_rate=1.0)
    training = Training(task, arm, registry.backend("numpy"), seeds=(0,), dtype="float64")
    first = next(training.until(1))
    assert first.metrics.error[0] == pytest.approx(2 / 3)
    moved = training.state.params["logits"][0]
    assert np.linalg.norm(moved) == pytest.approx(1.0)
    np.testing.assert_allclose(moved, np.asarray([2, -1, -1]) / np.sqrt(6), atol=0.05)


@pytest.mark.parametrize("cls", [SingleContextBandit, MultiContextBandit])
def test_every_backend_gives_the_same_run(cls):
    for method in cls.directions:
        runs = {}
        for name in ("numpy", "jax", "torch"):
            task = cls()
            steps = train(task, task.arms[method], registry.backend(name), seeds=(0, 3), steps=60, dtype="float64")
            runs[name] = [(step.metrics.error, step.metrics.more["misalignment"]) for step in steps]
        for name in ("jax", "torch"):
            np.testing.assert_allclose(np.array(runs[name]), np.array(runs["numpy"]), rtol=0, atol=1e-8)


def test_a_seed_does_not_depend_on_the_seeds_beside_it_nor_on_where_it_was_left():
    task = SingleContextBandit()
    numpy = registry.backend("numpy")
    together = list(train(task, task.arms["tpo"], numpy, seeds=(0, 1, 2), steps=70, dtype="float64"))
    alone = Training(task, task.arms["tpo"], numpy, seeds=(1,), dtype="float64")
    errors = [step.metrics.error[0] for step in alone.until(37)]
    again = Training(task, task.arms["tpo"], numpy, seeds=(1,), dtype="float64")
    again.restore(37, alone.snapshot())
    errors += [step.metrics.error[0] for step in again.until(70)]
    np.testing.assert_array_equal(errors, [step.metrics.error[1] for step in together])


def final_errors(cls, method, steps):
    task = cls()
    *_, last = train(task, task.arms[method], registry.backend("numpy"), seeds=range(100), steps=steps, dtype="float64")
    return last.metrics.error


@pytest.mark.parametrize("cls", [SingleContextBandit, MultiContextBandit])
def test_mlx_runs_them_too_as_near_as_its_float32_allows(cls):
    task = cls()
    for name, arm in task.arms.items():
        ours, numpys = (
            [step.metrics.error for step in train(task, arm, registry.backend(library), seeds=range(20), steps=60)]
            for library in ("mlx", "numpy")
        )
        np.testing.assert_allclose(np.mean(ours, axis=1), np.mean(numpys, axis=1), atol=2e-3, err_msg=name)


@pytest.mark.parametrize(("method", "mean"), [("reinforce", 1.0e-3), ("grpo", 2.7e-3), ("dg", 5.3e-5), ("tpo", 5.2e-5)])
def test_single_context_errors_at_the_last_step(method, mean):
    assert final_errors(SingleContextBandit, method, 150).mean() == pytest.approx(mean, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "mean"), [("ce", 3.4e-4), ("tpo", 4.0e-4), ("grpo", 5.3e-4), ("dg", 2.1e-3), ("reinforce", 6.1e-3)]
)
def test_multi_context_errors_at_the_last_step(method, mean):
    assert final_errors(MultiContextBandit, method, 1000).mean() == pytest.approx(mean, rel=0.1)


def test_a_method_without_a_closed_form_is_refused():
    task = SingleContextBandit()
    arm = task.default_arm("rloo", compares_candidates=True)
    with pytest.raises(UnknownNameError, match="must be a registered method with an update in closed form; got 'rloo'"):
        list(train(task, arm, registry.backend("numpy"), seeds=(0,), steps=1))


@pytest.mark.parametrize(
    "changes", [{"epochs": 4}, {"batch_size": 7}, {"optimizer": "adam"}, {"options": {"eta": 2.0}}]
)
def test_what_a_closed_form_does_not_have_is_refused(changes):
    task = SingleContextBandit()
    arm = replace(task.arms["tpo"], **changes)
    (name,) = changes
    with pytest.raises(InvalidArgumentError, match=f"`{name}` must be .*, where updates are known in closed form; got"):
        task.check(arm)


@pytest.mark.parametrize(
    ("cls", "name", "least"),
    [(SingleContextBandit, "arms_count", 2), (SingleContextBandit, "samples", 1), (MultiContextBandit, "contexts", 1)],
)
def test_bad_options(cls, name, least):
    with pytest.raises(InvalidArgumentError) as caught:
        cls(**{name: least - 1})
    expected = f"`{name}` must be at least {least}; got {least - 1}. With less there is nothing to learn."
    assert str(caught.value) == expected
