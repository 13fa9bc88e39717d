"""Ragged batches with groups of one row, or without rows: a mask says so, and no algorithm refuses them."""

import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS


def ragged(ids, size=None):
    """A group of the rows with these ids, and its segments; the reference and the engine agree with the old policy."""
    segments = tpo.Segments.from_ids(ids, size=size)
    rows = torch.arange(len(ids), dtype=torch.float64)
    old, mask = segments.gather(-1 - 0.1 * rows), torch.as_tensor(segments.mask)
    arrays = dict.fromkeys(("old_log_probs", "ref_log_probs", "rollout_log_probs"), old)
    group = tpo.Group(
        scores=segments.gather(rows),
        advantages=segments.gather(0.5 * rows),
        baseline_scores=torch.ones(len(mask), dtype=torch.float64),
        mask=mask,
        **arrays,
    )
    return segments, group


def outcome(algorithm, ids, size=None):
    """The loss and the weights of the rows, at log-probs that are not the old ones."""
    segments, group = ragged(ids, size)
    now = group.old_log_probs + 0.25
    loss = algorithm.loss(now, algorithm.prepare(group))
    return loss, segments.scatter(tpo.row_weights(algorithm, group, now))


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_groups_of_one_are_what_they_are_beside_larger_groups(algorithm):
    (alone, weights), (beside, of_all) = outcome(algorithm, [7, 8, 9]), outcome(algorithm, [7, 8, 9, 10, 10, 10])
    assert torch.isfinite(alone.value).all()
    np.testing.assert_allclose(alone.value, beside.value[:3], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(weights, of_all[:3], rtol=1e-12, atol=1e-15)
    assert torch.isfinite(alone.mean())


@pytest.mark.parametrize("algorithm", [one for one in ALGORITHMS if "tied" not in one.traits.breaks], ids=str)
def test_groups_of_one_have_a_gradient_of_0_where_tied_groups_have(algorithm):
    segments, group = ragged([7, 8, 9])
    loss = algorithm.loss(group.old_log_probs, algorithm.prepare(group))
    assert loss.value.tolist() == [0.0, 0.0, 0.0]
    assert segments.scatter(tpo.row_weights(algorithm, group, group.old_log_probs)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("size", [None, 4])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_a_batch_without_rows_is_a_loss_of_0(algorithm, size):
    loss, weights = outcome(algorithm, [], size)
    assert loss.value.shape == loss.weight.shape == (0,)
    assert loss.mean() == 0
    assert weights.shape == (0,)


def test_the_loss_of_a_group_of_one_is_0_and_not_minus_0():
    algorithm = tpo.TPO()
    _, group = ragged([7, 8])
    assert not torch.signbit(algorithm.loss(group.old_log_probs, algorithm.prepare(group)).value).any()


def test_without_a_mask_small_groups_are_refused_still():
    zeros = np.zeros((3, 1))
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.TPO().prepare(tpo.Group(scores=zeros, old_log_probs=zeros))
    text = "the group size must be at least 2 for TPO; got 1. Use larger groups: more candidates per context, or a "
    assert str(caught.value) == f"{text}larger batch if the batch is the group."
