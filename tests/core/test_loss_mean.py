"""Reducing a loss by `Loss.mean`."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.plugins import registry
from tpo.testing.laws.groups import made_up_groups

VALUES, WEIGHTS = [[2.0, 4.0, 0.0], [1.0, 1.0, 1.0]], [[1.0, 3.0, 0.0], [2.0, 2.0, 4.0]]


def loss_of(library):
    return tpo.Loss(library.array(VALUES), library.array(WEIGHTS))


def test_it_is_taken_over_the_groups_and_leaves_the_seeds_apart(backend):
    np.testing.assert_array_equal(backend.numpy(loss_of(backend).mean()), [1.5, 0.375])


def test_it_is_taken_over_other_axes_when_asked(backend):
    np.testing.assert_array_equal(backend.numpy(loss_of(backend).mean(axis=None)), 0.75)
    np.testing.assert_array_equal(backend.numpy(loss_of(backend).mean(axis=(0, 1))), 0.75)
    np.testing.assert_array_equal(backend.numpy(loss_of(backend).mean(axis=0)), [1.0, 1.0, 0.25])
    np.testing.assert_array_equal(backend.numpy(loss_of(backend).mean(axis=())), [[2, 4 / 3, 0], [0.5, 0.5, 0.25]])


def test_a_group_alone_is_divided_by_its_own_weight(backend):
    alone = tpo.Loss(backend.array(6.0), backend.array(4.0))
    assert float(backend.numpy(alone.mean())) == 1.5
    assert float(backend.numpy(alone.mean(axis=None))) == 1.5


def test_micro_batches_add_up_to_the_batch_with_its_total_weight(backend):
    whole = tpo.Loss(backend.array(VALUES[0]), backend.array(WEIGHTS[0]))
    parts = [tpo.Loss(whole.value[part], whole.weight[part]) for part in (slice(0, 1), slice(1, 3))]
    for total in (4.0, backend.array(4.0)):
        found = sum(float(backend.numpy(part.mean(total_weight=total))) for part in parts)
        assert found == float(backend.numpy(whole.mean())) == 1.5


def test_where_nothing_weighs_it_is_0(backend):
    nothing = tpo.Loss(backend.array([0.0, 0.0]), backend.array([0.0, 0.0]))
    for mean in (nothing.mean(), nothing.mean(total_weight=0.0), nothing.mean(total_weight=backend.array(0.0))):
        assert float(backend.numpy(mean)) == 0.0


def test_sums_of_half_precision_are_taken_in_float32(backend):
    half = tpo.Loss(backend.array(np.full(3000, 100.0), "float32"), backend.array(np.ones(3000), "float32"))
    half = tpo.Loss(*(backend.xp.astype(part, getattr(backend.xp, "float16", None) or part.dtype) for part in half))
    assert float(backend.numpy(half.mean())) == 100.0


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
@pytest.mark.parametrize("name", ["torch", "jax", "mlx"])
def test_a_batch_without_candidates_has_no_loss_and_no_gradient(name, algorithm):
    backend = registry.backend(name)
    groups = made_up_groups((4, 5))
    arrays = {key: backend.asarray(values, dtype="float32") for key, values in groups.items()}
    log_probs = arrays.pop("log_probs")
    mask = backend.asarray(np.zeros((4, 5)), dtype="bool")
    signal = algorithm.prepare(tpo.Group(**arrays, mask=mask))
    value, pull = backend.vjp(lambda x: algorithm.loss(x, signal).mean(), log_probs)
    assert float(backend.to_numpy(value)) == 0
    np.testing.assert_array_equal(backend.to_numpy(pull(backend.namespace().ones_like(value))), np.zeros((4, 5)))


@pytest.mark.parametrize("algorithm", [tpo.DAPO(), tpo.GPG(), tpo.GRPO(skip_tied=True, kl=0.0)], ids=str)
@pytest.mark.parametrize("name", ["torch", "jax", "mlx"])
def test_a_batch_of_tied_groups_that_are_skipped_has_no_loss_and_no_gradient(name, algorithm):
    backend = registry.backend(name)
    log_probs, old = (
        backend.asarray(made_up_groups((4, 5))[key], dtype="float32") for key in ("log_probs", "old_log_probs")
    )
    signal = algorithm.prepare(
        tpo.Group(scores=backend.asarray(np.full((4, 5), 0.1), dtype="float32"), old_log_probs=old)
    )
    value, pull = backend.vjp(lambda x: algorithm.loss(x, signal).mean(), log_probs)
    assert float(backend.to_numpy(value)) == 0
    np.testing.assert_array_equal(backend.to_numpy(pull(backend.namespace().ones_like(value))), np.zeros((4, 5)))


@pytest.mark.parametrize("total", [0, 0.0, np.float64(0), np.zeros(()), None])
def test_it_is_0_if_the_total_weight_is_0(backend, total):
    for values in ([1.0, 2.0], [1.0, np.inf], [1.0, np.nan]):
        loss = tpo.Loss(backend.array(values), backend.array([0.0, 0.0]))
        assert backend.numpy(loss.mean(total_weight=total)) == 0


@pytest.mark.parametrize("total", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.asarray(2.0), np.asarray(2)])
def test_the_total_weight_may_be_a_number_of_the_host(backend, total):
    loss = tpo.Loss(backend.array([1.0, 2.0]), backend.array([1.0, 0.0]))
    assert backend.numpy(loss.mean(total_weight=total)) == 1.5


def test_weights_may_be_whole_numbers(backend):
    assert backend.numpy(tpo.Loss(backend.array([1.0, 2.0]), backend.array([1, 3], "int64")).mean()) == 0.75


def test_values_and_weights_that_do_not_fit_are_refused(backend):
    with pytest.raises(tpo.InvalidArgumentError, match=r"must have the same shape; got \(3,\) and \(2,\)\."):
        tpo.Loss(backend.array([1.0, 2.0, 3.0]), backend.array([1.0, 2.0])).mean()
    with pytest.raises(tpo.InvalidArgumentError, match="`value` must be real floating"):
        tpo.Loss(backend.array([1, 2], "int64"), backend.array([1.0, 2.0])).mean()


@pytest.mark.parametrize("axis", [2, -3, (0, 2), (0, -2), "0", 0.5])
def test_axes_that_a_loss_lacks_are_refused(backend, axis):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        loss_of(backend).mean(axis=axis)
    text = f"`axis` must be different axes from -2 to 1; got {axis!r}. None sums over all of them."
    assert str(caught.value) == text


@pytest.mark.parametrize("total", [-3, float("nan"), float("inf")])
def test_a_total_weight_that_is_no_sum_of_weights_is_refused(backend, total):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        loss_of(backend).mean(total_weight=total)
    assert str(caught.value) == f"`total_weight` must be at least 0 and finite; got {total}. It is a sum of weights."


def test_a_total_weight_is_one_number_for_each_loss(backend):
    loss = loss_of(backend)
    np.testing.assert_array_equal(backend.numpy(loss.mean(total_weight=backend.array([2.0, 4.0]))), [3.0, 0.75])
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.Loss(loss.value[0, ...], loss.weight[0, ...]).mean(total_weight=loss.weight[0, ...])
    text = "`total_weight` must be one number for each loss, (); got the shape (3,). "
    assert str(caught.value) == f"{text}Sum the weights over the groups: weight.sum()."
