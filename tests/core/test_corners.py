"""Regression tests for mutants that no other test caught."""

import math

import array_api_compat.torch as torch_namespace
import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import run
from tpo.core.losses.acceptance import above_and_below

OLD = np.log([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
SCORES = np.asarray([[0.7, 0.1, 0.5, 0.2], [0.0, 3.0, 1.0, 1.0]])
MASK = np.asarray([[True, True, True, False], [True, True, True, True]])


def refusal(function, *args, **options):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        function(*args, **options)
    return str(caught.value)


class TorchByTheStandard(tpo.NeutralOps):
    """PyTorch adapter with only the required methods."""

    def namespace(self):
        return torch_namespace

    def stop_gradient(self, array):
        return array.detach()


@pytest.mark.parametrize("eta", [0.5, 2.0])
def test_tpo_fits_to_the_target_at_its_own_temperature_and_standardizer(eta):
    algorithm = tpo.TPO(eta=eta, standardizer=tpo.Centred())
    signal = algorithm.prepare(tpo.Group(scores=SCORES, old_log_probs=OLD))
    np.testing.assert_array_equal(signal.q, tpo.target(OLD, SCORES, eta, standardizer=tpo.Centred()))
    assert not np.array_equal(signal.q, tpo.target(OLD, SCORES))


@pytest.mark.parametrize("eta", [0.5, 2.0])
def test_the_fast_tier_by_hand(backend, eta):
    log_probs, scores = backend.array([OLD, OLD - 700]), backend.array([SCORES, SCORES * 1e3])
    q = backend.numpy(tpo.target(log_probs, scores, eta, precision="fast"))
    u = (SCORES - SCORES.mean(-1, keepdims=True)) / SCORES.std(-1, keepdims=True)
    masses = np.exp(OLD + u / eta)
    np.testing.assert_allclose(q, [masses / masses.sum(-1, keepdims=True)] * 2, rtol=1e-12)


def test_the_neutral_gradient_is_the_one_given_where_it_is_not_0():
    log_probs = torch.tensor([[-1.0, -math.inf, -2.0]] * 2, dtype=torch.float64, requires_grad=True)
    value = torch.tensor([5.0, 7.0], dtype=torch.float64)
    weights = torch.tensor([[0.25, 0.0, -1.0], [0.0, 0.0, 2.0]], dtype=torch.float64)
    given = TorchByTheStandard().with_gradient(value, log_probs, weights)
    assert given.tolist() == [5.0, 7.0]
    (gradient,) = torch.autograd.grad((given * torch.tensor([1.0, 3.0])).sum(), log_probs)
    assert gradient.tolist() == [[0.25, 0.0, -1.0], [0.0, 0.0, 6.0]]


def test_diagnostics_look_along_the_group_whatever_the_axes_before_it():
    scores, old = np.asarray([SCORES, SCORES[::-1], SCORES + 1]), np.asarray([OLD, OLD[::-1], OLD])
    found = tpo.diagnostics(tpo.Group(scores=scores, old_log_probs=old))
    for i in range(3):
        alone = tpo.diagnostics(tpo.Group(scores=scores[i], old_log_probs=old[i]))
        for ours, theirs in zip(found, alone, strict=True):
            np.testing.assert_array_equal(ours[i], theirs)


def test_nan_scores_that_are_left_out_stay_within_the_mask():
    scores = SCORES.copy()
    scores[0, 1] = np.nan
    u = tpo.standardize(scores, mask=MASK, nan="mask")
    np.testing.assert_array_equal(u[0], [1, 0, -1, 0])
    np.testing.assert_array_equal(u[1], tpo.standardize(SCORES)[1])


@pytest.mark.parametrize(("margin", "expected"), [(0.5, [0.0, -1.0]), (100, [-0.99, -1.0]), (1, [0.0, -1.0])])
def test_an_overlong_margin_reaches_from_a_part_of_a_token_to_everything(margin, expected):
    penalty = tpo.overlong_penalty(np.asarray([99.0, 100.0]), max_length=100, margin=margin)
    np.testing.assert_allclose(penalty, expected, rtol=1e-15)


def test_an_overlong_penalty_of_half_precision_is_rounded_once():
    lengths, limits = np.asarray([40000, 60000], np.float16), {"max_length": 131072, "margin": 100000}
    penalty = tpo.overlong_penalty(lengths, **limits)
    exact = np.maximum((31072 - lengths.astype(float)) / 100000, -1)
    np.testing.assert_array_equal(penalty, exact.astype(np.float16), strict=True)
    assert tpo.overlong_penalty(np.float32([90]), max_length=np.float64(100), margin=np.int64(20)).dtype == np.float32
    with pytest.raises(tpo.InvalidTypeError, match=r"`margin` must be a number .* got str"):
        tpo.overlong_penalty(lengths, max_length=100, margin="20")


def test_the_policy_over_the_group_refuses_what_the_target_refuses():
    assert "must have the same shape [..., K]; got (2, 4) and (1, 4)." in refusal(
        tpo.policy_over_group, OLD, mask=MASK[:1]
    )
    assert refusal(tpo.policy_over_group, OLD > 0) == (
        "`log_probs` must be real floating; got bool. Convert it to float32."
    )
    assert refusal(tpo.policy_over_group, OLD, mask=MASK.astype(int)).startswith("`mask` must be boolean; got int64.")


def test_token_log_probs_and_their_mask_are_checked():
    assert refusal(tpo.sequence_log_probs, OLD > 0).startswith("`token_log_probs` must be real floating; got bool.")
    assert refusal(tpo.sequence_log_probs, OLD, MASK.astype(int)).startswith("`mask` must be boolean; got int64.")


def test_combined_scores_are_in_the_precision_asked_for():
    rewards = {"one": SCORES.astype(np.float32), "other": SCORES[::-1].astype(np.float32) ** 2}
    fast, exact = (tpo.combine_scores(rewards, precision=precision) for precision in ("fast", "exact"))
    expected = tpo.standardize(rewards["one"]) + tpo.standardize(rewards["other"])
    np.testing.assert_array_equal(exact, expected)
    assert not np.array_equal(fast, exact)


def test_log_probs_of_another_shape_than_the_groups_are_refused():
    algorithm = tpo.RLOO()
    signal = algorithm.prepare(tpo.Group(scores=SCORES, old_log_probs=OLD))
    text = "`log_probs` must have the shape of the group's `old_log_probs`, (2, 4); got (1, 4)."
    assert refusal(algorithm.loss, OLD[:1], signal) == text
    tokens = np.repeat(OLD[..., None], 3, -1)
    given = {"scores": SCORES, "old_log_probs": tokens, "token_mask": np.ones((2, 4, 3), bool)}
    signal = algorithm.prepare(tpo.Group(**given))
    assert refusal(algorithm.loss, OLD, signal).endswith("`old_log_probs`, (2, 4, 3); got (2, 4).")


def test_a_baseline_of_another_shape_is_refused():
    text = refusal(tpo.Group, scores=SCORES, old_log_probs=OLD, baseline_scores=np.zeros((2, 4)))
    assert (
        text == "`baseline_scores` must have the shape [...], one per group, that goes with `scores`, (2,); got (2, 4)."
    )


def test_the_median_of_an_even_number_is_halfway_and_each_group_has_its_own_slack():
    valid = np.ones((2, 4), bool)
    above, below = above_and_below(np, np.asarray([[0.0, 1.0, 1.9, 3.0], [0.0, 1e20, 2e20, 4e20]]), valid, "median")
    assert above.tolist() == [[False, False, True, True]] * 2
    assert below.tolist() == [[True, True, False, False]] * 2
    above, _ = above_and_below(np, np.asarray([[0.0, 1.0, 1.4, 3.0]]), valid[:1], "median")
    assert above.tolist() == [[False, False, True, True]]


def test_a_group_may_be_exactly_full():
    segments = tpo.Segments.from_ids([0, 0, 1], size=2)
    assert segments.mask.tolist() == [[True, True], [True, False]]
    with pytest.raises(tpo.InvalidArgumentError):
        tpo.Segments.from_ids([0, 0, 1], size=1)
    alone = tpo.Segments.from_ids([0, 0], num_groups=1)
    assert alone.mask.tolist() == [[True, True]]
    nothing = tpo.Segments.from_ids([], num_groups=2)
    gathered = nothing.gather(np.zeros(0, np.float32))
    assert (gathered.shape, gathered.dtype) == ((2, 1), np.float32)


def test_a_gate_leaves_masked_and_impossible_candidates_out(autodiff):
    garbage = np.where(MASK, SCORES, 1e6)
    log_probs = OLD + np.asarray([0.1, -0.2, 0.3, 0.0])
    algorithm = tpo.Gated(tpo.TPO(), eta=0.5)
    padded = run(autodiff, algorithm, log_probs, scores=garbage, old_log_probs=OLD, mask=MASK)
    alone = run(autodiff, algorithm, log_probs[:1, :3], scores=SCORES[:1, :3], old_log_probs=OLD[:1, :3])
    np.testing.assert_allclose(padded.value[0], alone.value[0], rtol=1e-13)
    np.testing.assert_allclose(padded.gradient[0, :3], alone.gradient[0], rtol=1e-12, atol=1e-15)


def test_a_window_may_be_a_single_ratio():
    assert tpo.IcePop(tpo.GRPO(), low=1.0, high=1.0).traits.update_rule.endswith("importance weights within a window")


@pytest.mark.parametrize(("alpha", "kept"), [(1.0, [True, False]), (0.0, [False, True])])
def test_pmpo_may_hear_of_successes_alone_or_of_failures_alone(autodiff, alpha, kept):
    given = {"scores": np.asarray([[1.0, 0.0]]), "old_log_probs": OLD[:1, :2], "ref_log_probs": OLD[:1, :2]}
    outcome = run(autodiff, tpo.PMPO(alpha=alpha, beta=0.0), OLD[:1, :2], **given)
    assert (outcome.gradient[0] != 0).tolist() == kept


def test_v_mpo_is_held_to_the_old_policy_by_its_kl(autodiff):
    given = {"scores": SCORES, "old_log_probs": OLD, "advantages": SCORES}
    free, held = (run(autodiff, tpo.VMPO(kl=kl), OLD + SCORES, **given) for kl in (0.0, 1.0))
    assert np.abs(free.gradient - held.gradient).max() > 0.01


def test_masked_grpo_leaves_out_tied_groups_and_nothing_else(autodiff):
    scores = np.asarray([[0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    given = {"scores": scores, "old_log_probs": OLD, "mask": MASK}
    outcome = run(autodiff, tpo.GRPO(skip_tied=True), OLD + 0.1 * SCORES, **given)
    plain = run(autodiff, tpo.GRPO(), OLD + 0.1 * SCORES, **given)
    np.testing.assert_array_equal(outcome.gradient[0], plain.gradient[0])
    assert np.abs(outcome.gradient[0, :3]).min() > 0
    assert (outcome.gradient[1], outcome.weight[1]) == (pytest.approx([0.0] * 4), 0)
    assert outcome.weight[0] == plain.weight[0]


def test_a_group_without_what_is_needed_is_refused_with_the_remedy():
    tokens = {"old_log_probs": np.repeat(OLD[..., None], 3, -1), "token_mask": np.ones((2, 4, 3), bool)}
    text = refusal(tpo.TPO().prepare, tpo.Group(scores=SCORES, **tokens))
    assert text.endswith(" Sum them first, and leave the token mask out: tpo.sequence_log_probs().")
    text = refusal(tpo.ReMax().prepare, tpo.Group(scores=SCORES, old_log_probs=OLD, ref_log_probs=OLD))
    assert text.startswith("`baseline_scores` must be in the group for ReMax; got None.")
    assert text == text.strip()
