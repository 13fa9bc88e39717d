"""Arranging tokens in groups, and reducing losses of groups to one per seed."""

import numpy as np
import pytest

import tpo
from tpo import Arm, InvalidArgumentError, Loss, UnknownNameError
from tpo.training.groupings import GROUPINGS, Sampling, completion_groups, grouping

S, B, T, K = 2, 3, 4, 5
ARM = Arm(algorithm="tpo", grouping="token", batch_size=B, group_size=K)


def loss(*shape):
    """Values 0, 1, 2, ..., and weights that are 0 for the last group of the last seed."""
    weight = np.ones(shape)
    weight[-1, -1] = 0
    return Loss(np.arange(float(np.prod(shape))).reshape(shape) * weight, 2 * weight)


@pytest.mark.parametrize(("name", "expected"), [("sequence", (K, 1)), ("token", (1, K)), ("batch", (1, 1))])
def test_what_is_sampled(name, expected):
    assert grouping(name).sampling(ARM) == Sampling(*expected)


def test_sequences_are_summed_over_tokens_and_their_rewards_averaged():
    tokens = np.arange(float(S * B * K * T)).reshape(S, B, K, T, 1)
    np.testing.assert_array_equal(GROUPINGS["sequence"].log_probs(-tokens), -tokens.sum((-1, -2)))
    np.testing.assert_array_equal(GROUPINGS["sequence"].scores(tokens), tokens.mean((-1, -2)))


def test_the_mean_grouping_divides_log_probs_by_the_length():
    tokens = np.arange(float(S * B * K * T)).reshape(S, B, K, T, 1)
    np.testing.assert_allclose(GROUPINGS["sequence-mean"].log_probs(-tokens), -tokens.mean((-1, -2)), rtol=1e-15)


MASK = np.arange(T) < np.random.default_rng(3).integers(1, T + 1, (S, B, K, 1))
"""The tokens of completions of different lengths."""


@pytest.mark.parametrize(("name", "exponent"), [("sequence", 0), ("sequence-sqrt", 0.5), ("sequence-mean", 1)])
def test_completions_are_summed_over_their_own_tokens_and_divided_by_their_own_length(name, exponent):
    tokens, arrange = np.random.default_rng(4).normal(size=MASK.shape), completion_groups(name)
    found = arrange.completion_log_probs(tokens, MASK)
    for place in np.ndindex(S, B, K):
        length = int(MASK[place].sum())
        assert found[place] == pytest.approx(sum(tokens[place][:length]) / length**exponent, rel=1e-12)
    assert arrange.of_completions(MASK) == {}
    assert arrange.completion_fields == ()
    np.testing.assert_array_equal(arrange.by_completion(tokens[..., 0]), tokens[..., 0])


def test_methods_on_tokens_get_the_tokens_of_whole_completions():
    tokens, arrange = np.random.default_rng(4).normal(size=MASK.shape), completion_groups("sequence-tokens")
    assert arrange.sampling(ARM) == Sampling(K, 1)
    np.testing.assert_array_equal(arrange.completion_log_probs(tokens, MASK), tokens)
    np.testing.assert_array_equal(arrange.of_completions(MASK)["token_mask"], MASK)
    np.testing.assert_array_equal(arrange.reduce(loss(S, B)), [3 / 6, 7 / 4])


def test_a_batch_of_whole_completions_is_one_group():
    tokens, arrange = np.random.default_rng(4).normal(size=(S, B, 1, T)), completion_groups("batch")
    mask = MASK[:, :, :1]
    np.testing.assert_array_equal(arrange.by_completion(tokens[..., 0]), tokens[:, None, :, 0, 0])
    np.testing.assert_array_equal(arrange.completion_log_probs(tokens, mask), tokens[:, None, :, 0])
    np.testing.assert_array_equal(arrange.of_completions(mask)["token_mask"], mask[:, None, :, 0])
    assert tuple(arrange.of_completions(mask)) == arrange.completion_fields
    # One group per seed, of values 0 and 1, the last without weight.
    np.testing.assert_array_equal(arrange.reduce(Loss(np.asarray([[4.0], [0.0]]), np.asarray([[2.0], [0.0]]))), [2, 0])


def test_a_grouping_of_tokens_is_refused_for_whole_completions():
    with pytest.raises(InvalidArgumentError) as refusal:
        completion_groups("token")
    known = "sequence, sequence-sqrt, sequence-mean, sequence-tokens, batch"
    text = "the grouping must be one of whole completions for this task; got 'token'. It has: "
    assert str(refusal.value) == f"{text}{known}."


def test_tokens_are_compared_at_every_prefix():
    tokens = np.arange(float(S * B * T * K)).reshape(S, B, 1, T, K)
    for arrange in (GROUPINGS["token"].log_probs, GROUPINGS["token"].scores):
        np.testing.assert_array_equal(arrange(tokens), tokens.reshape(S, B, T, K))


def test_a_batch_is_compared_at_every_position():
    tokens = np.arange(float(S * B * T)).reshape(S, B, 1, T, 1)
    for arrange in (GROUPINGS["batch"].log_probs, GROUPINGS["batch"].scores):
        np.testing.assert_array_equal(arrange(tokens), np.swapaxes(tokens.reshape(S, B, T), 1, 2))


def test_the_loss_of_a_seed_is_its_weighted_mean():
    # Six values 0 ... 5 for two seeds, the last without weight; every weight is 2.
    np.testing.assert_array_equal(GROUPINGS["sequence"].reduce(loss(S, B)), [3 / 6, 7 / 4])
    np.testing.assert_array_equal(GROUPINGS["token"].reduce(loss(S, B, 1)), [3 / 6, 7 / 4])
    # Positions are summed, each the mean over its own batch.
    np.testing.assert_array_equal(GROUPINGS["batch"].reduce(loss(S, 3)), [3 / 2, 7 / 2])


def test_a_seed_without_any_group_has_a_loss_of_zero():
    for name, shape in (("sequence", (1, 2)), ("token", (1, 2, 2)), ("batch", (1, 2))):
        np.testing.assert_array_equal(GROUPINGS[name].reduce(Loss(np.zeros(shape), np.zeros(shape))), [0])


def test_a_group_of_token_log_probs_is_one_of_tpo():
    old = np.log(np.random.default_rng(0).dirichlet(np.ones(K), (S, B, 1, T)))
    scores = np.random.default_rng(1).normal(size=old.shape)
    arrange = GROUPINGS["token"]
    q = tpo.target(arrange.log_probs(old), arrange.scores(scores))
    np.testing.assert_allclose(q, tpo.target(old, scores).reshape(S, B, T, K), rtol=1e-14)


def test_an_unknown_grouping_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError) as refusal:
        grouping("tokens")
    text = "the name must be a registered grouping; got 'tokens'. Did you mean 'token'? Registered: "
    known = "actions, batch, scored-actions, sequence, sequence-mean, sequence-sqrt, sequence-tokens, token."
    assert str(refusal.value) == f"{text}{known}"
