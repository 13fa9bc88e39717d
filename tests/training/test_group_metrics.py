"""Metrics of groups, against numbers by hand and against the groups of a rollout."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.helpers import Driver
from tpo import DG, GRPO, TPO, Group, InvalidArgumentError, target
from tpo.plugins import registry
from tpo.training.group_metrics import group_metrics
from tpo_tasks.sequences import TokenReversal

OLD = np.log(np.asarray([[[0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3]], [[0.8, 0.1, 0.1], [0.6, 0.2, 0.2]]]))
SCORES = np.asarray([[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])


def measured(algorithm):
    group = Group(scores=SCORES, old_log_probs=OLD)
    return group_metrics(algorithm, group, algorithm.prepare(group))


def test_the_effective_sample_size_is_that_of_the_old_policy_over_each_group():
    expected = [(1 / 0.375 + 3) / 2, (1 / 0.66 + 1 / 0.44) / 2]
    np.testing.assert_allclose(measured(TPO())["effective_sample_size"], expected, rtol=1e-12)


def test_tpo_weighs_candidates_by_their_target_mass():
    found, q = measured(TPO()), target(OLD, SCORES)
    np.testing.assert_allclose(found["weight_on_success"], [q[0, 0, 0], 0], rtol=1e-12)
    failed = [np.append(q[0, 0, 1:], q[0, 1]).mean(), q[1].mean()]
    np.testing.assert_allclose(found["weight_on_failure"], failed, rtol=1e-12)


@pytest.mark.parametrize("anchor", ["policy", "ratio", "none"])
def test_the_excess_cross_entropy_is_the_divergence_of_the_target_from_the_old_policy(anchor):
    algorithm = TPO(anchor=anchor)
    q, p = target(OLD, SCORES, anchor=anchor), np.full_like(OLD, 1 / 3) if anchor == "ratio" else np.exp(OLD)
    expected = (q * np.log(q / p)).sum(-1).mean(-1)
    np.testing.assert_allclose(measured(algorithm)["excess_cross_entropy"], expected, rtol=1e-12, atol=1e-15)


def test_the_excess_cross_entropy_by_hand():
    # q is (2/3, 1/3), p is uniform.
    signal = TPO().prepare(Group(scores=np.asarray([1.0, 1.0]), old_log_probs=np.log([2 / 3, 1 / 3])))
    found = TPO().excess_cross_entropy(np.log([0.5, 0.5]), signal)
    assert found == pytest.approx(5 / 3 * np.log(2) - np.log(3), rel=1e-12)


def test_the_excess_cross_entropy_of_half_precision_is_computed_in_float32():
    old = np.asarray([-1.0, -2.0, -3.0], np.float16)
    signal = TPO().prepare(Group(scores=np.asarray([1.0, 0.0, 0.0]), old_log_probs=old))
    now = old + np.asarray([0.5, 0.0, 0.25], np.float16)
    found, wide = (TPO().excess_cross_entropy(log_probs, signal) for log_probs in (now, now.astype(np.float32)))
    assert found == wide
    assert found.dtype == np.float32


def test_log_probs_of_another_shape_have_no_excess_cross_entropy():
    signal = TPO().prepare(Group(scores=SCORES, old_log_probs=OLD))
    with pytest.raises(InvalidArgumentError, match=r"`old_log_probs` and `log_probs` must have the same shape"):
        TPO().excess_cross_entropy(OLD[0], signal)


def test_grpo_weighs_candidates_by_the_magnitude_of_their_advantage():
    found = measured(GRPO())
    np.testing.assert_allclose(found["weight_on_success"], [np.sqrt(2), 0], rtol=1e-12)
    np.testing.assert_allclose(found["weight_on_failure"], [2 * np.sqrt(1 / 2) / 5, 0], rtol=1e-12)


def test_groups_of_tokens_are_summed_first():
    tokens = np.stack([OLD, np.full_like(OLD, -3.0)], axis=-1)
    mask = np.broadcast_to(np.asarray([True, False]), tokens.shape)
    group = Group(scores=SCORES, old_log_probs=tokens, token_mask=mask)
    found = group_metrics(GRPO(), group, GRPO().prepare(group))
    np.testing.assert_allclose(found["effective_sample_size"], measured(GRPO())["effective_sample_size"], rtol=1e-12)


def test_what_compares_no_candidates_and_weighs_none_measures_nothing():
    assert measured(DG()) == {}


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("epochs", [1, 3])
def test_a_step_measures_its_groups_before_its_first_update(backend, epochs):
    task = TokenReversal(length=4, reward="terminal")
    arm = replace(task.arms["tpo"], group_size=4, batch_size=30, epochs=epochs)
    run = Driver(task, arm, registry.backend(backend), seeds=(0, 1))
    with run.backend.precision("float64"):
        params, inputs = run.state.params, run.inputs(0)
        rollout = run.step.rollout(params, inputs)
        old = run.backend.to_numpy(task.log_probs(run.backend, params, rollout.data, arm))
        scores = run.backend.to_numpy(rollout.scores)
    _, metrics = run.advance(0)
    p, q = np.exp(old) / np.exp(old).sum(-1, keepdims=True), target(old, scores)
    succeeds = scores > 0
    assert succeeds.any(axis=(1, 2)).all()
    expected = {
        "effective_sample_size": (1 / (p * p).sum(-1)).mean(-1),
        "weight_on_success": [q[s][succeeds[s]].mean() for s in range(2)],
        "weight_on_failure": [q[s][~succeeds[s]].mean() for s in range(2)],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(np.asarray(metrics.more[name]), values, rtol=1e-9, err_msg=name)
