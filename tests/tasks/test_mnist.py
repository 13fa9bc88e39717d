"""The image bandit: expected updates against appendix C, the gains of Figure 5b, and single-pass steps."""

from dataclasses import replace

import numpy as np
import pytest

import tpo
from tpo import DataError, InvalidArgumentError, Randomness, UnknownNameError
from tpo.experiments.exhibits.images import ARMS
from tpo.optimizers import OPTIMIZERS
from tpo.plugins import registry
from tpo.training.groupings import grouping
from tpo.training.single_pass import SinglePassStep
from tpo.training.step import State, Step
from tpo.training.trainer import Training, draw_inputs, initial_parameters, train
from tpo_tasks import gains
from tpo_tasks.feedback import ARRANGEMENTS, Feedback
from tpo_tasks.mnist import ImageBandit

TASK = ImageBandit(dataset="made-up", evaluate_every=5)
LABEL = 3
LAMBDA = np.exp(10 / 3)


def policies(count=4):
    """Random policies with uneven probabilities, `[count, 10]`."""
    return np.random.default_rng(0).dirichlet(np.full(10, 0.4), count) * 0.99 + 0.001


def descent(arm, logits, action, autodiff):
    """Minus the gradient of the loss in the logits of one image, when `action` is taken, `[10]`."""
    xp = autodiff.namespace()
    classes = np.arange(10)
    with autodiff.precision("float64"):
        start = autodiff.asarray(logits[None, None, :])
        log_probs = autodiff.log_softmax(start)
        reward = float(action == LABEL)
        feedback = Feedback(
            taken=autodiff.asarray((classes == action)[None, None]),
            right=autodiff.asarray((classes == LABEL)[None, None]),
            rewards=autodiff.asarray(np.asarray([[reward]])),
            advantages=autodiff.asarray(np.asarray([[reward]])) - xp.sum(xp.exp(2 * log_probs), axis=-1),
        )
        arrangement, algorithm = ARRANGEMENTS[arm.grouping], arm.create_algorithm()

        def evaluate(logits):
            return arrangement.log_probs(xp, feedback.taken, autodiff.log_softmax(logits))

        old, pull = autodiff.vjp(evaluate, start)
        group = tpo.Group(scores=arrangement.scores(xp, feedback), old_log_probs=old, **arrangement.more(xp, feedback))
        signal = algorithm.prepare(group)
        loss, pull_old = autodiff.vjp(lambda x: grouping(arm.grouping).reduce(algorithm.loss(x, signal)), old)
        return -autodiff.to_numpy(pull(pull_old(xp.ones_like(loss))))[0, 0]


def expected_descent(arm, policy, autodiff):
    """The mean of `descent` over the actions."""
    return sum(p * descent(arm, np.log(policy), action, autodiff) for action, p in enumerate(policy))


def appendix_c(method, policy):
    """The expected update by the formulas of the appendix."""
    e, p, b = np.eye(10), policy[LABEL], (policy**2).sum()
    v, wrong = e[LABEL] - policy, [j for j in range(10) if j != LABEL]

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def gamma(r):
        return r * (LAMBDA - 1) / (LAMBDA * (1 - r) + r)

    dg = p * (1 - b) * sigmoid((1 - b) * np.log(1 / p)) * v - b * sum(
        policy[j] * sigmoid(-b * np.log(1 / policy[j])) * (e[j] - policy) for j in wrong
    )
    beta = p * (LAMBDA - 1) / (1 - p + LAMBDA * p)
    tpo_update = p * beta * v + sum(policy[j] * gamma(policy[j]) * (policy - e[j]) for j in wrong)
    return {"PG": p * v, "DG": dg, "TPO": tpo_update, "Group PG": 6 * p * v, "CE": v}[method]


@pytest.mark.parametrize("method", ["PG", "DG", "TPO", "Group PG", "CE"])
def test_the_expected_update_is_that_of_appendix_c(method, autodiff):
    for policy in policies(2):
        np.testing.assert_allclose(
            expected_descent(ARMS[method], policy, autodiff), appendix_c(method, policy), rtol=0, atol=1e-12
        )


def test_grpo_standardizes_rewards_over_the_batch():
    arm, rng = ARMS["GRPO"], np.random.default_rng(1)
    rewards, log_probs = (rng.random((2, 50)) < 0.3) * 1.0, -rng.random((2, 50, 1)) - 0.1
    feedback = Feedback(taken=np.ones((2, 50, 1), bool), right=None, rewards=rewards, advantages=rewards - 0.5)
    arrangement, algorithm = ARRANGEMENTS["batch"], arm.create_algorithm()
    old = arrangement.log_probs(np, feedback.taken, log_probs)
    signal = algorithm.prepare(
        tpo.Group(scores=arrangement.scores(np, feedback), old_log_probs=old, **arrangement.more(np, feedback))
    )
    standardized = (rewards - rewards.mean(1, keepdims=True)) / rewards.std(1, keepdims=True)
    np.testing.assert_allclose(signal.advantages[:, 0, :, 0], standardized, atol=1e-12)
    loss = grouping("batch").reduce(algorithm.loss(old, signal))
    np.testing.assert_allclose(loss, -standardized.mean(1), atol=1e-12)


@pytest.mark.parametrize("name", TASK.arms)
def test_the_tasks_own_arms_are_those_of_the_exhibits(name):
    published = {arm.algorithm: arm for label, arm in ARMS.items() if label != "CE"}
    own = TASK.arms[name]
    assert own.create_algorithm() == published[name].create_algorithm()
    assert replace(own, options={}) == replace(published[name], options={})


@pytest.mark.parametrize("method", gains.DIRECTIONS)
def test_the_expected_directions_are_the_mean_over_the_guess(method):
    policy, eye = policies(), np.eye(10)
    found = gains.DIRECTIONS[method](gains.Guess(np, policy[None], np.broadcast_to(eye[LABEL], policy.shape)))[0]
    for ours, row in zip(found, policy, strict=True):
        b, by_action = (row**2).sum(), []
        for action in range(10):
            advantage = float(action == LABEL) - b
            if method == "tpo":
                by_action.append(tpo.target(np.log(row), advantage * eye[action]) - row)
            else:
                gate = 1 / (1 + np.exp(advantage * np.log(row[action])))
                by_action.append(gate * advantage * (eye[action] - row))
        np.testing.assert_allclose(ours, row @ np.asarray(by_action), atol=1e-13)
        label = {"tpo": "TPO", "dg": "DG"}[method]
        np.testing.assert_allclose(ours, appendix_c(label, row), atol=1e-13)


def test_a_gain_is_the_slope_of_the_right_classs_probability():
    rng = np.random.default_rng(2)
    logits, g = rng.normal(size=(5, 10)), rng.normal(size=(5, 10))

    def policy(z):
        return np.exp(z) / np.exp(z).sum(-1, keepdims=True)

    right = np.eye(10)[rng.integers(0, 10, 5)]
    step = 1e-6
    slope = ((policy(logits + step * g) - policy(logits - step * g)) * right).sum(-1) / (2 * step)
    np.testing.assert_allclose(gains.gain(gains.Guess(np, policy(logits)[None], right), g)[0], slope, atol=1e-9)


@pytest.mark.parametrize("method", gains.DIRECTIONS)
def test_there_is_no_surplus_where_all_wrong_classes_are_as_likely(method):
    policy = np.full((1, 3, 10), np.asarray([0.2, 0.05, 0.6])[:, None])
    policy[..., LABEL] = 1 - 9 * np.asarray([0.08, 0.1, 0.04])
    policy[..., [j for j in range(10) if j != LABEL]] = np.asarray([0.08, 0.1, 0.04])[:, None]
    guess = gains.Guess(np, policy, np.broadcast_to(np.eye(10)[LABEL], (3, 10)))
    np.testing.assert_allclose(gains.surplus(guess, gains.DIRECTIONS[method]), 0, atol=1e-14)
    np.testing.assert_allclose(gains.concentration(guess), 1 / 9, atol=1e-14)


def test_the_one_vs_rest_coefficients_are_those_of_the_appendix():
    p = np.asarray([0.05, 0.3, 0.8])
    policy = np.random.default_rng(3).dirichlet(np.ones(9), 3) * (1 - p)[:, None]
    policy = np.insert(policy, LABEL, p, axis=1)
    guess = gains.Guess(np, policy[None], np.broadcast_to(np.eye(10)[LABEL], (3, 10)))
    q = (1 - p) / 9
    b = p**2 + 9 * q**2
    sigma = 1 / (1 + np.exp(-(1 - b) * np.log(1 / p))), 1 / (1 + np.exp(b * np.log(1 / q)))
    beta_plus = p * (LAMBDA - 1) / (1 - p + LAMBDA * p)
    gamma = q * (LAMBDA - 1) / (LAMBDA * (1 - q) + q)
    coefficients = {"dg": p * (1 - b) * sigma[0] + p * b * sigma[1], "tpo": p * beta_plus + p * gamma}
    for method, coefficient in coefficients.items():
        found = gains.one_vs_rest(guess, gains.DIRECTIONS[method])[0]
        np.testing.assert_allclose(found, coefficient[:, None] * (np.eye(10)[LABEL] - policy), atol=1e-13)


def test_the_surplus_is_averaged_over_the_wrong_images_of_each_bin():
    policy, labels = policies(200)[None], np.random.default_rng(4).integers(0, 10, 200)
    guess = gains.Guess(np, policy, np.eye(10)[labels])
    wrong = policy.argmax(-1) != labels
    measured = gains.surplus_by_concentration(guess, gains.direction_of_tpo, wrong)
    assert list(measured) == [f"surplus_{number}" for number in range(5)]
    values, where = gains.surplus(guess, gains.direction_of_tpo)[0], gains.concentration(guess)[0]
    chosen = wrong[0] & (where >= 0.7) & (where < 0.8)
    assert 1 < chosen.sum() < wrong.sum()
    assert measured["surplus_3"][0] == pytest.approx(values[chosen].mean())


@pytest.mark.parametrize("name", ["tpo", "dg", "group-pg"])
def test_one_pass_is_two(name, autodiff):
    arm = replace(TASK.arms[name], batch_size=20)
    optimizer = autodiff.optimizer(OPTIMIZERS["adam"](TASK.matrices, 1e-3))
    ends = []
    for cls in (SinglePassStep, Step):
        step = cls(TASK, arm, arm.create_algorithm(), autodiff, optimizer)
        params = initial_parameters(TASK, autodiff, (0, 1), "float64")
        state = State(params, optimizer.init(params))
        for number in range(3):
            state, metrics = step(state, draw_inputs(TASK, arm, autodiff, (0, 1), number, "float64"))
        ends.append(({n: autodiff.to_numpy(v) for n, v in state.params.items()}, autodiff.to_numpy(metrics.loss)))
    for key, values in ends[0][0].items():
        np.testing.assert_allclose(values, ends[1][0][key], rtol=0, atol=1e-9, err_msg=key)
    np.testing.assert_allclose(ends[0][1], ends[1][1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("label", ARMS)
def test_jax_and_pytorch_agree_over_twenty_steps(label):
    runs = []
    for name in ("jax", "torch"):
        training = Training(TASK, replace(ARMS[label]), registry.backend(name), seeds=(0, 1), dtype="float64")
        steps = list(training.until(20))
        runs.append((training.snapshot(), [one.metrics.error for one in steps], steps[-1].evaluation["test_error"]))
    (ours, errors, tested), (theirs, other, their_test) = runs
    np.testing.assert_allclose(errors, other, rtol=0, atol=1e-12)
    np.testing.assert_allclose(tested, their_test, rtol=0, atol=1e-12)
    weights = [path for path in ours if path.startswith("/0/")]
    assert len(weights) == 6
    for path in weights:
        np.testing.assert_allclose(ours[path], theirs[path], rtol=0, atol=1e-8, err_msg=path)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_run_that_was_left_goes_on_to_the_bit(backend):
    created, arm = registry.backend(backend), TASK.arms["tpo"]
    whole, broken, again = (Training(TASK, arm, created, seeds=(0, 2), dtype="float32") for _ in range(3))
    expected = list(whole.until(12))
    list(broken.until(7))
    again.restore(7, broken.snapshot())
    found = list(again.until(12))
    for name, values in whole.snapshot().items():
        np.testing.assert_array_equal(again.snapshot()[name], values, err_msg=name)
    np.testing.assert_array_equal(found[-1].evaluation["test_error"], expected[-1].evaluation["test_error"])


def test_it_is_evaluated_every_so_many_steps_and_after_the_last():
    task, arm = replace(TASK, gains=True), TASK.arms["dg"]
    results = list(train(task, arm, registry.backend("torch"), seeds=(0, 1), steps=12))
    assert [one.step + 1 for one in results if one.evaluation] == [5, 10, 12]
    assert set(results[4].evaluation) == {"test_error", *(f"surplus_{number}" for number in range(5))}
    assert results[4].evaluation["test_error"].shape == (2,)


def test_the_error_on_the_test_set_is_that_of_the_likeliest_class():
    training = Training(TASK, TASK.arms["tpo"], registry.backend("torch"), seeds=(0, 1), dtype="float32")
    *_, last = training.until(3)
    params = {name.rpartition("/")[2]: values for name, values in training.snapshot().items() if name.startswith("/0/")}
    data = tpo.load_data_set("made-up")
    for seed in range(2):
        x = data.test_images / 255
        for number in range(3):
            x = x @ params[f"layers.{number}.kernel"][seed] + params[f"layers.{number}.bias"][seed]
            x = np.maximum(x, 0) if number < 2 else x
        assert last.evaluation["test_error"][seed] == pytest.approx((x.argmax(1) != data.test_labels).mean())


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before():
    arm = TASK.arms["tpo"]
    late = TASK.inputs(Randomness(5, 70), arm)
    TASK.inputs(Randomness(5, 64), arm)
    for name, values in TASK.inputs(Randomness(5, 70), arm).items():
        np.testing.assert_array_equal(values, late[name])
    assert late["images"].shape == (100, 784)
    assert late["images"].dtype == np.uint8
    steps = [TASK.inputs(Randomness(0, step), arm)["noise"] for step in range(66)]
    assert len({noise.tobytes() for noise in steps}) == 66


@pytest.mark.parametrize("label", ["TPO", "DG", "CE"])
def test_it_learns(label):
    results = list(train(TASK, ARMS[label], registry.backend("torch"), seeds=(0, 1, 2), steps=200))
    first, last = results[4].evaluation["test_error"], results[-1].evaluation["test_error"]
    assert first.min() > 0.7
    assert last.max() < {"TPO": 0.35, "DG": 0.45, "CE": 0.2}[label]


def test_what_makes_no_sense(tmp_path, monkeypatch):
    monkeypatch.setenv("TPO_DATA", str(tmp_path))
    arm = TASK.arms["tpo"]
    with pytest.raises(DataError, match="MNIST must be on this machine"):
        ImageBandit().check(arm)
    with pytest.raises(UnknownNameError, match="must be a registered grouping of actions; got 'token'"):
        TASK.check(replace(arm, grouping="token"))
    with pytest.raises(UnknownNameError, match="must be a registered method with known gains; got 'grpo'"):
        replace(TASK, gains=True).check(TASK.arms["grpo"])
    with pytest.raises(InvalidArgumentError, match="`evaluate_every` must be at least 1; got 0"):
        ImageBandit(evaluate_every=0)
