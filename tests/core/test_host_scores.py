"""NumPy scores beside a library that lacks their dtype: differences and bits are those of NumPy alone."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tpo
from tpo.plugins import registry

LARGE = {
    "int64": np.asarray([[2**32, 0, 1, 2], [10**9 + 1, 10**9, 10**9, 10**9]]),
    "far int64": np.asarray([[2**63 - 1, -(2**63), 0, 1], [3, -(2**62), -(2**62) + 1, -(2**62)]]),
    "uint64": np.asarray([[2**63 + 1, 2**63, 2**63 + 3, 2**63], [2**64 - 1, 0, 1, 2]], np.uint64),
    "float64": np.asarray([[1e8 + 0.2, 1e8 + 0.1, 1e8, 1e8], [1e9 + 1, 1e9, 1e9, 1e9]]),
}
MASK = np.asarray([[True, True, True, False], [False, True, True, True]])
ZEROS = np.zeros((2, 4), np.float32)

every_scale = pytest.mark.parametrize("scores", LARGE.values(), ids=LARGE)


@pytest.fixture(params=["jax", "torch", "mlx"])
def narrow(request):
    """Each library, as it is by default: JAX without 64 bits, MLX without float64."""
    pytest.importorskip("mlx.core" if request.param == "mlx" else request.param)
    return registry.backend(request.param)


def test_the_differences_of_large_scores_are_seen(narrow):
    old = narrow.asarray(ZEROS[0])
    found = [narrow.to_numpy(tpo.target(old, scores[0])) for scores in LARGE.values()]
    expected = [[0.77, 0.077, 0.077, 0.077], [0.757, 0.067, 0.087, 0.087]]
    np.testing.assert_allclose(found[0], expected[0], atol=1e-3)
    np.testing.assert_allclose(found[3], [0.676, 0.202, 0.061, 0.061], atol=1e-3)


@every_scale
@pytest.mark.parametrize("masked", [False, True])
def test_a_target_has_the_bits_of_numpy_alone(narrow, scores, masked):
    mask = MASK if masked else None
    standardizers = (tpo.ZScore(), tpo.Ranks(), tpo.MeanScaled(), tpo.BatchZScore())
    for standardizer in standardizers:
        expected = tpo.target(ZEROS, scores, mask=mask, standardizer=standardizer)
        for given in (mask, None if mask is None else narrow.asarray(mask)):
            found = tpo.target(narrow.asarray(ZEROS), scores, mask=given, standardizer=standardizer)
            np.testing.assert_array_equal(narrow.to_numpy(found), expected, err_msg=str(standardizer))


@every_scale
def test_a_group_has_the_differences_of_numpy_alone(narrow, scores):
    def group(old, mask):
        given = {"scores": scores, "baseline_scores": scores[:, 0], "advantages": scores}
        return tpo.Group(**given, old_log_probs=old, mask=mask)

    mask = np.asarray([[True, False, True, True], [True, True, True, True]])
    expected, found = group(ZEROS, mask), group(narrow.asarray(ZEROS), narrow.asarray(mask))
    replaced = dataclasses.replace(found, ref_log_probs=found.old_log_probs)
    for one in (found, replaced):
        for call in (
            lambda g: g.scores,
            lambda g: g.advantages,
            lambda g: np.where(mask, expected.relative_scores(), 0) if g is expected else g.relative_scores(),
            lambda g: (
                np.where(mask, expected.scores_above_baseline(), 0) if g is expected else g.scores_above_baseline()
            ),
        ):
            values = np.where(mask, narrow.to_numpy(call(one)), 0)
            np.testing.assert_array_equal(values, np.where(mask, call(expected), 0))
    for standardizer in (tpo.ZScore(), tpo.MeanScaled(), tpo.BatchZScore()):
        for divergence in ("forward", "reverse"):
            algorithm = tpo.TPO(standardizer=standardizer, divergence=divergence)
            q = narrow.to_numpy(algorithm.prepare(found).q)
            np.testing.assert_array_equal(q, algorithm.prepare(expected).q, err_msg=str(algorithm))
    diagnosed = narrow.to_numpy(tpo.diagnostics(found).tied)
    np.testing.assert_array_equal(diagnosed, tpo.diagnostics(expected).tied)


@every_scale
def test_under_jit_and_vmap_too(scores):
    expected = tpo.target(ZEROS, scores)
    np.testing.assert_array_equal(jax.jit(lambda old: tpo.target(old, scores))(ZEROS), expected)
    for old in (jnp.asarray(ZEROS), ZEROS):
        group = tpo.Group(scores=scores, old_log_probs=old, baseline_scores=scores[:, 0])
        for transformed in (
            jax.jit(lambda g: (tpo.TPO().prepare(g).q, g.scores_above_baseline())),
            jax.jit(jax.vmap(lambda g: (tpo.TPO().prepare(g).q, g.scores_above_baseline()))),
        ):
            q, above = transformed(group)
            np.testing.assert_array_equal(q, expected)
            host = tpo.Group(scores=scores, old_log_probs=ZEROS, baseline_scores=scores[:, 0])
            np.testing.assert_array_equal(above, host.scores_above_baseline())


def test_tokens_of_a_group_that_went_through_jit_are_summed_with_their_scores():
    tokens = jnp.zeros((2, 4, 3))
    group = tpo.Group(scores=LARGE["int64"], old_log_probs=tokens, token_mask=np.ones((2, 4, 3), bool))
    expected = tpo.target(ZEROS, LARGE["int64"])
    for call in (lambda g: tpo.TPO().prepare(g.summed()).q, lambda g: tpo.TokenClip(tpo.TPO()).prepare(g).inner.q):
        np.testing.assert_array_equal(jax.jit(call)(group), expected)
        np.testing.assert_array_equal(call(group), expected)


def test_a_mask_whose_values_are_not_known_leaves_the_differences_of_what_it_keeps():
    def found(scores, mask=MASK):
        return jax.jit(lambda old, mask: tpo.target(old, scores, mask=mask))(ZEROS, mask)

    for scores in (*LARGE.values(), -LARGE["float64"], -LARGE["int64"]):
        if scores.min(axis=-1).max() > 2**53 or (scores.min() < 0 < scores.max()):
            continue
        expected = tpo.target(ZEROS, scores, mask=MASK)
        np.testing.assert_allclose(found(scores), expected, atol=2e-7)
    # What is masked does not drown the rest: the scores are then cast as they are.
    spoilt = np.asarray([[1.0, 0.0, 0.5, -1e30], [np.nan, 0.25, 1.0, 0.0]])
    np.testing.assert_allclose(found(spoilt), tpo.target(ZEROS, spoilt, mask=MASK), atol=1e-7)


@pytest.mark.parametrize("nan", ["propagate", "mask"])
def test_scores_that_are_not_finite_are_treated_as_by_numpy_alone(narrow, nan):
    scores = np.asarray([[1e9 + 1, np.nan, 1e9, 1e9 + 3], [1e60, 0.0, 1.0, -np.inf]])
    expected = tpo.target(ZEROS, scores, nan=nan)
    np.testing.assert_array_equal(narrow.to_numpy(tpo.target(narrow.asarray(ZEROS), scores, nan=nan)), expected)
    groups = [tpo.Group(scores=scores, old_log_probs=old, nan=nan) for old in (narrow.asarray(ZEROS), ZEROS)]
    found, host = (tpo.TPO().prepare(group).q for group in groups)
    np.testing.assert_array_equal(narrow.to_numpy(found), host)
    if nan == "mask":
        np.testing.assert_array_equal(narrow.to_numpy(groups[0].mask), groups[1].mask)


def test_they_are_refused_as_by_numpy_alone(narrow):
    scores = np.asarray([[1e9 + 1, np.nan, 1e60, 1e9 + 3]] * 2)
    text = "`scores` must be finite; got 4 that are NaN or infinite"
    for call in (
        lambda: tpo.target(narrow.asarray(ZEROS), scores, nan="raise"),
        lambda: tpo.Group(scores=scores, old_log_probs=narrow.asarray(ZEROS), nan="raise"),
    ):
        with pytest.raises(tpo.InvalidArgumentError, match=text):
            call()


@every_scale
def test_standardized_and_combined_scores_see_them_too(narrow, scores):
    mask = np.ones((2, 4), bool)
    found = narrow.to_numpy(tpo.standardize(scores, mask=narrow.asarray(mask)))
    np.testing.assert_allclose(found, tpo.standardize(scores), rtol=2e-6, atol=1e-6)
    rewards = {"far": scores, "near": narrow.asarray(ZEROS + np.float32([0, 1, 0, 1]))}
    found = narrow.to_numpy(tpo.combine_scores(rewards))
    expected = tpo.standardize(scores) + np.asarray([-1, 1, -1, 1])
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)


def test_groups_that_differ_only_in_digits_that_a_cast_would_lose_differ():
    one, other = (tpo.Group(scores=LARGE["int64"] + shift, old_log_probs=ZEROS) for shift in (0, 1))
    assert one == tpo.Group(scores=LARGE["int64"], old_log_probs=ZEROS)
    assert one != other
