"""Diagnostics of groups."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

import tpo
from tpo.core.diagnostics import _WARNED, least_effective_size
from tpo.plugins import registry

OLD = np.log([[0.25, 0.25, 0.25, 0.25], [0.97, 0.01, 0.01, 0.01], [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
SCORES = np.asarray([[1.0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1], [0.005, 0, 0, 0]])
P = np.exp(OLD)


@pytest.fixture
def group(backend):
    return tpo.Group(scores=backend.array(SCORES), old_log_probs=backend.array(OLD))


def kl(a, b):
    return (a * np.log(a / b)).sum(-1)


def test_by_hand(backend, group):
    found = tpo.diagnostics(group, backend.array(OLD[::-1].copy()), eta=2.0)
    values = {name: backend.numpy(array) for name, array in found._asdict().items()}
    u = (SCORES - SCORES.mean(-1, keepdims=True)) / np.where(SCORES.std(-1) > 0, SCORES.std(-1), 1)[:, None]
    q = P * np.exp(u / 2)
    q /= q.sum(-1, keepdims=True)
    expected = {
        "effective_sample_size": 1 / (P**2).sum(-1),
        "target_divergence": kl(q, P),
        "excess_cross_entropy": kl(q, P[::-1]),
        "total_variation": np.abs(q - P).sum(-1) / 2,
        "remaining_variation": np.abs(q - P[::-1]).sum(-1) / 2,
        "target_entropy": -(q * np.log(q)).sum(-1),
        "tied": [False, True, True, False],
        "near_tied": [False, False, False, True],
        "all_fail": [False, True, False, False],
        "all_pass": [False, False, True, False],
        "argmax_moves": [False, False, False, q[3].argmax() != 3],
        "score_under_policy": (P[::-1] * SCORES).sum(-1),
        "score_under_target": (q * SCORES).sum(-1),
        "present": [True] * 4,
    }
    for name, numbers in expected.items():
        np.testing.assert_allclose(values[name], numbers, rtol=1e-13, atol=1e-15, err_msg=name)


def test_at_the_optimum_the_excess_is_0_though_the_loss_is_not(backend, group):
    q = tpo.target(group.old_log_probs, group.scores)
    found = tpo.diagnostics(group, backend.xp.log(q))
    np.testing.assert_allclose(backend.numpy(found.excess_cross_entropy), 0, atol=1e-15)
    assert (backend.numpy(found.target_entropy) > 0.1).all()


def test_under_ratio_the_old_policy_is_uniform(backend, group):
    found = tpo.diagnostics(group, anchor="ratio")
    np.testing.assert_array_equal(backend.numpy(found.effective_sample_size), [4, 4, 4, 4])
    np.testing.assert_allclose(backend.numpy(found.score_under_policy), SCORES.mean(-1), rtol=1e-15)


def test_the_argmax_moves_where_scores_outweigh_the_old_policy(backend):
    group = tpo.Group(
        scores=backend.array([[1.0, 0.0], [1.0, 0.0]]), old_log_probs=backend.array([[-1.5, -1], [-4, -1]])
    )
    assert backend.numpy(tpo.diagnostics(group).argmax_moves).tolist() == [True, False]


def test_the_argmax_of_what_is_not_known_does_not_move():
    """NaN has no largest entry; it had counted as another one."""
    scores, old = np.asarray([[np.nan, 0, 0, 1], [1, 0, 0, 0]]), np.asarray([[0.0, 0, 0, 0], [np.nan, 0, 0, 0]])
    found = tpo.diagnostics(tpo.Group(scores=scores, old_log_probs=old))
    assert np.isnan(found.total_variation).all()
    assert not found.argmax_moves.any()


def test_masked_impossible_and_absent_candidates(backend):
    inf = float("inf")
    group = tpo.Group(
        scores=backend.array([[1.0, 0.0, float("nan")], [5.0, 5.0, 9.0], [1.0, 0.0, 2.0]]),
        old_log_probs=backend.array([[-1.0, -1.0, 3.0], [-2.0, -2.0, -inf], [-inf, -inf, -inf]]),
        mask=backend.array([[True, True, False], [True, True, True], [True, True, True]], "bool"),
    )
    found = tpo.diagnostics(group)
    np.testing.assert_allclose(backend.numpy(found.effective_sample_size), [2, 2, 0], rtol=1e-15)
    assert backend.numpy(found.tied).tolist() == [False, True, False]
    assert backend.numpy(found.all_pass).tolist() == [False, True, False]
    assert backend.numpy(found.present).tolist() == [True, True, False]
    np.testing.assert_allclose(backend.numpy(found.score_under_policy), [0.5, 5, 0], rtol=1e-15)
    assert all(np.isfinite(backend.numpy(array)).all() for array in found)


def test_they_can_be_compiled():
    jax = registry.backend("jax")

    def effective(scores, log_probs):
        return tpo.diagnostics(tpo.Group(scores=scores, old_log_probs=log_probs)).effective_sample_size

    with jax.precision("float64"):
        found = jax.compile(effective)(jax.asarray(SCORES), jax.asarray(OLD))
    np.testing.assert_allclose(jax.to_numpy(found), 1 / (P**2).sum(-1), rtol=1e-14)


def test_a_summary_has_medians_shares_and_means_of_the_groups_that_are_there(group):
    row = tpo.summarize(tpo.diagnostics(group))
    assert row["effective_sample_size"] == pytest.approx(np.median(1 / (P**2).sum(-1)), rel=1e-14)
    assert (row["tied"], row["all_fail"], row["all_pass"], row["near_tied"]) == (0.5, 0.25, 0.25, 0.25)
    assert row["score_under_policy"] == pytest.approx((P * SCORES).sum(-1).mean(), rel=1e-14)
    assert "present" not in row
    nothing = tpo.Group(scores=SCORES, old_log_probs=OLD, mask=np.zeros((4, 4), bool))
    assert all(np.isnan(value) for value in tpo.summarize(tpo.diagnostics(nothing)).values())


WARNING = """
import warnings
import numpy as np, tpo
warnings.simplefilter("always")
long = tpo.Group(scores=np.asarray([[1.0, 0.0]] * 3), old_log_probs=np.asarray([[-500.0, -530.0]] * 3))
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    tpo.summarize(tpo.diagnostics(long), warn=False)
    tpo.summarize(tpo.diagnostics(long, anchor="ratio"))
    assert not seen, seen
    tpo.summarize(tpo.diagnostics(long))
    tpo.summarize(tpo.diagnostics(long))
print([(w.category.__name__, w.filename, str(w.message)) for w in seen])
"""


def test_a_degenerate_batch_is_warned_of_once_with_the_remedy():
    shown = subprocess.run([sys.executable, "-c", WARNING], capture_output=True, text=True, check=True).stdout
    text = (
        "the old policy should spread over its candidates; in half of the groups its effective sample size is at "
        "most 1, of 2 candidates, so that the target stays close to the old policy whatever the scores say. "
        "Log-probs of long sequences do this: use anchor='ratio', or sequence_log_probs(..., length_exponent=1)."
    )
    assert shown.strip() == repr([("DegenerateGroupsWarning", "<string>", text)])


def test_a_healthy_batch_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tpo.summarize(tpo.diagnostics(tpo.Group(scores=SCORES, old_log_probs=OLD)))


@pytest.mark.parametrize("as_policy", [False, True])
def test_log_probs_of_tokens_are_summed(backend, as_policy):
    rng = np.random.default_rng(3)
    old, new = rng.normal(size=(2, 4, 4, 3)) - 1
    mask = np.arange(3) < rng.integers(1, 4, (4, 4))[..., None]
    arrays = {"scores": backend.array(SCORES), "old_log_probs": backend.array(old)}
    tokens = tpo.Group(**arrays, token_mask=backend.array(mask, "bool"))
    summed = {name: backend.array(np.where(mask, values, 0).sum(-1)) for name, values in (("old", old), ("new", new))}
    whole = tpo.Group(scores=arrays["scores"], old_log_probs=summed["old"])
    found = tpo.diagnostics(tokens, backend.array(new) if as_policy else None)
    expected = tpo.diagnostics(whole, summed["new"] if as_policy else None)
    for name, one, other in zip(found._fields, found, expected, strict=True):
        np.testing.assert_allclose(backend.numpy(one), backend.numpy(other), rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize(("size", "least"), [(2, 1.5), (3, 2.0), (4, 2.0), (8, 2.0), (16, 4.0), (64, 16.0)])
def test_what_is_too_few_depends_on_how_many_there_are(size, least):
    assert least_effective_size(np.asarray(size)) == least


def test_a_policy_with_a_fifth_of_its_candidates_is_warned_of():
    """CartPole failed to learn at 2.9 of 16 effective candidates, without a warning."""
    log_probs = np.log(np.r_[[0.33] * 3, [0.01 / 13] * 13])
    group = tpo.Group(scores=np.arange(16.0)[None], old_log_probs=log_probs[None])
    size = float(tpo.diagnostics(group).effective_sample_size[0])
    assert 2.9 < size < 3.1
    _WARNED.clear()
    with pytest.warns(
        tpo.DegenerateGroupsWarning, match=r"its effective sample size is at most 3\.?\d?, of 16 candidates"
    ):
        tpo.summarize(tpo.diagnostics(group))


def test_a_candidate_without_a_token_is_left_out(backend):
    token_mask = backend.array([[[True, True, True], [True, True, False], [False, False, False]]], "bool")
    old = backend.array([[[-2.0] * 3] * 3])
    group = tpo.Group(scores=backend.array([[1.0, 0.0, 0.5]]), old_log_probs=old, token_mask=token_mask)
    found = tpo.diagnostics(group, 2 * old)
    expected = tpo.diagnostics(group.summed(), backend.array([[-12.0, -8.0, 0.0]]))
    assert backend.numpy(found.candidates).tolist() == [2.0]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(backend.numpy(one), backend.numpy(other))
