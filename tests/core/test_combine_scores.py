"""Several rewards become one score: standardized each, weighted, summed."""

from fractions import Fraction

import numpy as np
import pytest

from tpo import (
    TPO,
    BatchZScore,
    Centred,
    Group,
    InvalidArgumentError,
    InvalidTypeError,
    combine_scores,
    standardize,
    target,
)

# Standardized: 1, -1, -1, 1 and -1, 1, -1, 1 and 0.
RIGHT, SHORT, TIED = [1.0, 0.0, 0.0, 1.0], [10.0, 50.0, 10.0, 50.0], [0.1, 0.1, 0.1, 0.1]


def test_each_reward_counts_alike_whatever_its_spread(backend):
    stacked = backend.array(np.stack([RIGHT, SHORT, TIED], axis=-1))
    np.testing.assert_array_equal(backend.numpy(combine_scores(stacked)), [0, 0, -2, 2])
    named = {"right": backend.array(RIGHT), "short": backend.array(SHORT), "tied": backend.array(TIED)}
    np.testing.assert_array_equal(backend.numpy(combine_scores(named)), [0, 0, -2, 2])


def test_weights_go_with_the_names_or_the_order(backend):
    named = {"right": backend.array(RIGHT), "short": backend.array(SHORT)}
    by_name = combine_scores(named, {"short": -0.5, "right": 2.0})
    np.testing.assert_array_equal(backend.numpy(by_name), [2.5, -2.5, -1.5, 1.5])
    by_order = combine_scores(backend.array(np.stack([RIGHT, SHORT], axis=-1)), (2.0, -0.5))
    np.testing.assert_array_equal(backend.numpy(by_order), [2.5, -2.5, -1.5, 1.5])


def test_masked_candidates_take_no_part():
    scores = np.asarray([[[1.0, 5.0], [0.0, 7.0], [np.nan, 1e9]]])
    combined = combine_scores(scores, mask=np.asarray([[True, True, False]]))
    np.testing.assert_array_equal(combined, [[0.0, 0.0, 0.0]])
    weighted = combine_scores(scores, (3.0, 1.0), mask=np.asarray([[True, True, False]]))
    np.testing.assert_array_equal(weighted, [[2.0, -2.0, 0.0]])


def test_the_standardizer_and_the_treatment_of_nan_are_those_of_standardize():
    named = {"right": np.asarray(RIGHT), "short": np.asarray(SHORT)}
    np.testing.assert_array_equal(combine_scores(named, standardizer=Centred()), [-19.5, 19.5, -20.5, 20.5])
    missing = named | {"short": np.asarray([10.0, np.nan, 10.0, 50.0])}
    assert np.isnan(combine_scores(missing)).all()
    expected = standardize(np.asarray(RIGHT)) + standardize(missing["short"], nan="mask")
    np.testing.assert_array_equal(combine_scores(missing, nan="mask"), expected)


def test_a_candidate_without_any_reward_stays_without_one(backend):
    """A score of 0 would be standardized again, and get target mass."""
    right = backend.array([[1.0, np.nan, 0.0, np.nan]])
    short = backend.array([[np.nan, np.nan, 5.0, 7.0]])
    combined = combine_scores({"right": right, "short": short}, nan="mask")
    np.testing.assert_array_equal(backend.numpy(combined), [[1.0, np.nan, -2.0, 1.0]])
    q = backend.numpy(target(backend.array(np.zeros((1, 4))), combined, nan="mask"))
    assert q[0, 1] == 0
    assert (q[0, [0, 2, 3]] > 0).all()
    mask = backend.array([[True, False, True, True]], "bool")
    masked = combine_scores({"right": right, "short": short}, nan="mask", mask=mask)
    np.testing.assert_array_equal(backend.numpy(masked), [[1.0, 0.0, -2.0, 1.0]])


def test_the_second_step_of_gdpo_is_a_standardizer_over_the_batch():
    scores = np.random.default_rng(0).normal(size=(5, 4, 2)) * [1.0, 100.0] + [0.0, 7.0]
    combined = combine_scores(scores, (1.0, 0.5))
    # The definition, by plain operations.
    each = (scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True)
    total = each[..., 0] + 0.5 * each[..., 1]
    np.testing.assert_allclose(combined, total, rtol=1e-12)
    batch = standardize(combined, standardizer=BatchZScore())
    np.testing.assert_allclose(batch, (total - total.mean()) / total.std(), rtol=1e-12, atol=1e-14)


# Two groups. The sums are 0, 0, -2, 2 and 1, -1, -1, 1: over the batch their mean is 0 and their variance 12 / 8.
TWO = {"right": np.asarray([RIGHT, RIGHT]), "short": np.asarray([SHORT, TIED])}
SUMS = np.asarray([[0, 0, -2, 2], [1, -1, -1, 1]])


@pytest.mark.parametrize("precision", ["exact", "fast"])
def test_gdpo_standardizes_the_sums_over_the_batch(backend, precision):
    rewards = {name: backend.array(values) for name, values in TWO.items()}
    options = {"batch_standardizer": BatchZScore(), "precision": precision}
    combined = backend.numpy(combine_scores(rewards, **options))
    np.testing.assert_allclose(combined, SUMS / np.sqrt(1.5), rtol=1e-15)
    stacked = backend.array(np.stack([*TWO.values()], axis=-1))
    np.testing.assert_array_equal(backend.numpy(combine_scores(stacked, **options)), combined)


def test_the_last_step_of_gdpo_is_kept_by_scores_that_are_only_centred(backend):
    rewards = {name: backend.array(values) for name, values in TWO.items()}
    combined = combine_scores(rewards, batch_standardizer=BatchZScore())
    group = Group(scores=combined, old_log_probs=backend.array(np.zeros((2, 4))))
    tilts = np.exp(SUMS / np.sqrt(1.5))
    kept = backend.numpy(TPO(standardizer=Centred()).prepare(group).q)
    np.testing.assert_allclose(kept, tilts / tilts.sum(-1, keepdims=True), rtol=1e-14)
    undone = backend.numpy(TPO().prepare(group).q)
    np.testing.assert_allclose(undone, backend.numpy(target(group.old_log_probs, backend.array(SUMS))), rtol=1e-14)


def test_what_lacks_every_reward_takes_no_part_in_the_batch_either(backend):
    lacking = {name: np.concatenate([values, np.full((2, 1), np.nan)], 1) for name, values in TWO.items()}
    rewards = {name: backend.array(values) for name, values in lacking.items()}
    combined = backend.numpy(combine_scores(rewards, nan="mask", batch_standardizer=BatchZScore()))
    np.testing.assert_allclose(combined[:, :4], SUMS / np.sqrt(1.5), rtol=1e-15)
    assert np.isnan(combined[:, 4]).all()
    assert np.isnan(backend.numpy(combine_scores(rewards, batch_standardizer=BatchZScore()))).all()
    mask = backend.array(np.arange(5) < np.full((2, 1), 4), "bool")
    masked = backend.numpy(combine_scores(rewards, mask=mask, batch_standardizer=BatchZScore()))
    np.testing.assert_allclose(masked, np.pad(SUMS / np.sqrt(1.5), ((0, 0), (0, 1))), rtol=1e-15)


@pytest.mark.parametrize("rewards", [{"short": None}, {"right": np.asarray(RIGHT), "short": None}])
def test_a_reward_that_is_none_is_refused(rewards):
    with pytest.raises(InvalidTypeError) as refusal:
        combine_scores(rewards)
    assert str(refusal.value) == (
        "`short` must be an array; got None. Leave this reward out. "
        "If only some candidates lack it, give them NaN, and pass nan='mask'."
    )


WEIGHTS = "`weights` must be one for each reward; got {} for the rewards {}. "
REMEDY = "Name them as the rewards are, or leave them out for 1 each."
ARRAY = np.zeros((2, 3))
REFUSED = [
    (
        {},
        None,
        "there must be at least one reward; got none. Pass [..., K, R] or a mapping from names to [..., K].",
    ),
    (ARRAY[0], None, "`scores` must have the shape [..., K, R]; got (3,). Add an axis of rewards: scores[..., None]."),
    (ARRAY, (1.0,), WEIGHTS.format([0], [0, 1, 2]) + REMEDY),
    ({"a": ARRAY}, {"b": 1.0}, WEIGHTS.format(["b"], ["a"]) + REMEDY),
    ({"a": ARRAY}, (1.0,), WEIGHTS.format([0], ["a"]) + REMEDY),
    ({"a": ARRAY, "b": ARRAY.T}, None, "`a` and `b` must have the same shape [..., K]; got (2, 3) and (3, 2)."),
]


@pytest.mark.parametrize(("scores", "weights", "message"), REFUSED)
def test_what_does_not_fit_is_refused(scores, weights, message):
    with pytest.raises(InvalidArgumentError) as refusal:
        combine_scores(scores, weights)
    assert str(refusal.value) == message


def test_a_list_is_refused():
    with pytest.raises(InvalidTypeError, match="must be an array; got list"):
        combine_scores([[1.0, 2.0]])


@pytest.mark.parametrize("name", ["remedy", "mask", "ops", "scores", "self"])
def test_a_reward_may_have_any_name(name):
    scores = np.asarray([1.0, 0.0, 0.0, 1.0])
    assert combine_scores({name: scores, "other": 2 * scores}).tolist() == [2.0, -2.0, -2.0, 2.0]


def test_numbers_of_numpy_leave_the_dtype_of_the_rewards():
    rewards = {"right": np.asarray(RIGHT, np.float32), "short": np.asarray(SHORT, np.float32)}
    for weights in ([np.float64(2.0), np.float64(-0.5)], np.asarray([2.0, -0.5]), [np.asarray(2.0), Fraction(-1, 2)]):
        named = dict(zip(rewards, weights, strict=True))
        for combined in (combine_scores(rewards, named), combine_scores(np.stack([*rewards.values()], -1), weights)):
            assert combined.dtype == np.float32
            assert combined.tolist() == [2.5, -2.5, -1.5, 1.5]


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_weight_that_is_not_finite_is_refused(weight):
    with pytest.raises(InvalidArgumentError) as refusal:
        combine_scores({"right": np.asarray(RIGHT)}, {"right": weight})
    assert str(refusal.value) == f"`weights['right']` must be finite; got {weight}. 0 leaves a reward out."


@pytest.mark.parametrize("weight", ["1", None])
def test_a_weight_that_is_no_number_is_refused(weight):
    with pytest.raises(InvalidTypeError, match=r"^`weights\[0\]` must be a number .* Give one number for each reward"):
        combine_scores(np.asarray(RIGHT)[:, None], [weight])


def test_a_weight_may_be_learned():
    torch = pytest.importorskip("torch")
    weight = torch.tensor([2.0], requires_grad=True)
    combine_scores(torch.tensor(RIGHT)[:, None], weight)[0].backward()
    assert weight.grad.tolist() == [1.0]
