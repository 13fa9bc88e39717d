"""Algorithms that wrap others: the effect of each, and nesting."""

import math
from dataclasses import dataclass
from statistics import fmean
from typing import ClassVar

import numpy as np
import pytest

from tests.core.algorithms import run
from tpo import (
    DG,
    GRPO,
    GVPO,
    PPO,
    REINFORCE,
    TPO,
    VMPO,
    Gated,
    Group,
    IcePop,
    InvalidArgumentError,
    Loss,
    TokenClip,
    Traits,
    TruncatedIS,
)

INNER = (TPO(precision="fast"), GRPO(), GVPO(), VMPO(eta=1.0))
SHAPE = (3, 4)
SCORES = np.asarray([[1.0, 0.0, 0.0, 1.0], [0.0, 3.0, 1.0, 0.0], [2.0, 2.0, 2.0, 2.0]])

every_inner = pytest.mark.parametrize("inner", INNER, ids=str)


@pytest.fixture
def groups():
    """Three groups of four, the last of them tied."""
    new, old, rollout, advantages = np.random.default_rng(0).normal(size=(4, *SHAPE)) - 1
    given = {"old_log_probs": old, "rollout_log_probs": rollout, "advantages": advantages}
    return {"log_probs": new, "scores": SCORES, **given}


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


@dataclass(frozen=True)
class LogLikelihood:
    """`-A · log_probs`, for groups of any size."""

    traits: ClassVar[Traits] = Traits(update_rule="PG", compares_candidates=False, min_group_size=1)

    def prepare(self, group):
        return group.advantages

    def loss(self, log_probs, signal):
        value = -(signal * log_probs).sum(-1)
        return Loss(value, 1 + 0 * value)


def test_one_sample_per_group_gated_is_the_delightful_policy_gradient(autodiff):
    log_probs, advantages = np.log([[0.1], [0.5], [0.9]]), np.asarray([[1.0], [-1.0], [0.5]])
    given = {"scores": advantages, "old_log_probs": log_probs, "advantages": advantages}
    outcome = run(autodiff, Gated(LogLikelihood(), eta=0.7), log_probs, **given)
    samples = zip(advantages[:, 0].tolist(), log_probs[:, 0].tolist(), strict=True)
    weights = [-sigmoid(-a * x / 0.7) * a for a, x in samples]
    np.testing.assert_allclose(outcome.gradient[:, 0], weights, rtol=1e-14)
    # DG itself, on the same samples as one batch: their mean advantage is what it subtracts.
    shifted = advantages - advantages.mean()
    as_batch = run(autodiff, DG(eta=0.7), log_probs.T, scores=advantages.T, old_log_probs=log_probs.T)
    outcome = run(autodiff, Gated(LogLikelihood(), eta=0.7), log_probs, **given | {"advantages": shifted})
    np.testing.assert_allclose(outcome.gradient.T, as_batch.gradient, rtol=1e-14)


@pytest.mark.parametrize(
    ("inner", "with_advantages"),
    [*((inner, True) for inner in INNER), *((inner, False) for inner in INNER if not inner.traits.needs)],
    ids=str,
)
def test_a_gate_multiplies_the_loss_of_its_group(autodiff, inner, groups, with_advantages):
    advantages = groups["advantages"] if with_advantages else SCORES - SCORES.mean(-1, keepdims=True)
    groups = groups if with_advantages else {name: groups[name] for name in groups if name != "advantages"}
    pairs = [zip(a, x, strict=True) for a, x in zip(advantages.tolist(), groups["log_probs"].tolist(), strict=True)]
    gates = np.asarray([sigmoid(fmean(-a * x for a, x in pair) / 0.5) for pair in pairs])
    outcome, plain = run(autodiff, Gated(inner, eta=0.5), **groups), run(autodiff, inner, **groups)
    np.testing.assert_allclose(outcome.value, gates * plain.value, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(outcome.gradient, gates[:, None] * plain.gradient, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(outcome.weight, plain.weight)
    assert (gates[0] != gates[1], with_advantages or gates[2] == 0.5) == (True, True)


def test_a_context_counts_for_more_where_the_good_was_unlikely(autodiff):
    log_probs = np.log([[0.05, 0.95], [0.5, 0.5], [0.95, 0.05]])
    scores = np.broadcast_to([1.0, 0.0], (3, 2))
    outcome = run(
        autodiff, Gated(LogLikelihood()), log_probs, scores=scores, old_log_probs=log_probs, advantages=scores
    )
    rare, even, common = -outcome.gradient[:, 0]
    assert rare > even > common > 0.5


def test_the_surprisal_of_a_gate_is_that_of_the_whole_candidate(autodiff):
    mask = np.asarray([[[True, True], [True, False]]])
    tokens = np.log([[[0.5, 0.2], [0.4, 1.0]]])
    given = {"scores": np.asarray([[1.0, 0.0]]), "old_log_probs": tokens, "token_mask": mask}
    outcome, plain = run(autodiff, Gated(PPO()), tokens, **given), run(autodiff, PPO(), tokens, **given)
    gate = sigmoid((0.5 * math.log(10) - 0.5 * math.log(2.5)) / 2)
    np.testing.assert_allclose(outcome.gradient, gate * plain.gradient, rtol=1e-14)


CORRECTIONS = [
    (TruncatedIS, {"cap": 2.0}, lambda r: min(r, 2.0)),
    (TruncatedIS, {"cap": 0.7}, lambda r: min(r, 0.7)),
    (IcePop, {"low": 0.5, "high": 1.5}, lambda r: r if 0.5 <= r <= 1.5 else 0.0),
]


@every_inner
@pytest.mark.parametrize(("outer", "options", "weight"), CORRECTIONS)
def test_a_correction_multiplies_the_gradient_and_leaves_the_value(autodiff, inner, groups, outer, options, weight):
    outcome, plain = run(autodiff, outer(inner, **options), **groups), run(autodiff, inner, **groups)
    log_ratios = (groups["old_log_probs"] - groups["rollout_log_probs"]).tolist()
    weights = np.asarray([[weight(math.exp(d)) for d in row] for row in log_ratios])
    assert {weight(100.0), weight(1.0)} != {1.0}
    assert np.unique(weights).size > 3
    np.testing.assert_array_equal(outcome.value, plain.value)
    np.testing.assert_array_equal(outcome.weight, plain.weight)
    np.testing.assert_allclose(outcome.gradient, weights * plain.gradient, rtol=1e-13, atol=1e-15)


def test_ratios_at_the_ends_of_the_window_pass(autodiff):
    rollout = -np.log([[0.5, 5.0, 0.499, 5.001]])
    given = {"scores": SCORES[:1], "old_log_probs": np.zeros((1, 4)), "rollout_log_probs": rollout}
    outcome = run(autodiff, IcePop(REINFORCE(), low=0.5 * (1 - 1e-15), high=5 * (1 + 1e-15)), np.zeros((1, 4)), **given)
    np.testing.assert_allclose(outcome.gradient, [[-0.25, 2.5, 0, 0]], rtol=1e-14)


def test_each_token_has_a_weight_of_its_own(autodiff):
    rng = np.random.default_rng(1)
    new, old, rollout = rng.normal(size=(3, 1, 2, 3))
    mask = np.asarray([[[True, True, True], [True, True, False]]])
    old[0, 0, 1] = -np.inf  # this token was impossible, and so is the one in the engine
    rollout[0, 0, 1] = -np.inf
    rollout[~mask] = np.nan
    given = {"scores": np.asarray([[1.0, 0.0]]), "old_log_probs": old, "token_mask": mask}
    plain = run(autodiff, GRPO(), new, **given)
    outcome = run(autodiff, TruncatedIS(GRPO(), cap=1.5), new, **given, rollout_log_probs=rollout)
    counted = mask & np.isfinite(old)
    weights = np.minimum(np.exp(old[counted] - rollout[counted]), 1.5)
    np.testing.assert_allclose(outcome.gradient[counted], weights * plain.gradient[counted], rtol=1e-13)
    assert not outcome.gradient[~counted].any()


def test_they_nest(autodiff, groups):
    inner = TPO(precision="fast")
    gated = run(autodiff, Gated(inner, eta=0.5), **groups)
    outcome = run(autodiff, TruncatedIS(Gated(inner, eta=0.5), cap=1.2), **groups)
    weights = np.minimum(np.exp(groups["old_log_probs"] - groups["rollout_log_probs"]), 1.2)
    np.testing.assert_array_equal(outcome.value, gated.value)
    np.testing.assert_allclose(outcome.gradient, weights * gated.gradient, rtol=1e-13)
    other_way = run(autodiff, Gated(TruncatedIS(inner, cap=1.2), eta=0.5), **groups)
    np.testing.assert_allclose(other_way.gradient, outcome.gradient, rtol=1e-13)


def test_what_they_are_is_declared():
    traits = TruncatedIS(Gated(VMPO())).traits
    assert traits.title == "TruncatedIS(Gated(V-MPO))"
    assert traits.update_rule.endswith("; gated by the delight of the group; truncated importance weights")
    assert traits.needs == ("advantages", "rollout_log_probs")
    assert (traits.critic, set(traits.breaks)) == (True, {"tied"})
    assert IcePop(TPO()) == IcePop(TPO(), low=0.5, high=5.0) != IcePop(TPO(eta=2.0))
    assert TruncatedIS(TPO()) == TruncatedIS(TPO(), cap=2.0)


def test_a_token_clip_refuses_what_takes_tokens():
    with pytest.raises(InvalidArgumentError, match=r"got GRPO, which clips by itself\. Use it without TokenClip\."):
        TokenClip(GRPO())


@pytest.mark.parametrize("outer", [TruncatedIS, IcePop])
def test_the_log_probs_of_the_engine_are_asked_for(outer):
    with pytest.raises(InvalidArgumentError) as refusal:
        outer(TPO()).prepare(Group(scores=SCORES, old_log_probs=SCORES))
    what = f"`rollout_log_probs` must be in the group for {outer.__name__}; got None."
    assert str(refusal.value) == f"{what} They are those of the engine that sampled, shaped as `old_log_probs`."


def test_a_clipped_token_counts_with_the_bound_and_has_no_gradient(autodiff):
    # Log-ratios of tokens: .1 and 1 of the first candidate, -1 of the second; the bounds are log .8 and log 1.2.
    old = np.asarray([[[-1.0, -2.0], [-3.0, 0.0]]])
    new = old + np.asarray([[[0.1, 1.0], [-1.0, 0.0]]])
    mask = np.asarray([[[True, True], [True, False]]])
    given = {"scores": np.asarray([[1.0, 0.0]]), "old_log_probs": old, "token_mask": mask}
    outcome = run(autodiff, TokenClip(TPO(anchor="ratio"), epsilon=0.2), new, **given)
    p = sigmoid(0.1 + math.log(1.2) - math.log(0.8))
    q = sigmoid(2.0)  # standardized scores 1 and -1
    np.testing.assert_allclose(outcome.value, [-q * math.log(p) - (1 - q) * math.log(1 - p)], rtol=1e-12)
    np.testing.assert_allclose(outcome.gradient, [[[p - q, 0.0], [0.0, 0.0]]], rtol=1e-12)


def test_a_token_clip_around_the_reverse_divergence(autodiff):
    # The group of the test above.
    old = np.asarray([[[-1.0, -2.0], [-3.0, 0.0]]])
    new = old + np.asarray([[[0.1, 1.0], [-1.0, 0.0]]])
    mask = np.asarray([[[True, True], [True, False]]])
    given = {"scores": np.asarray([[1.0, 0.0]]), "old_log_probs": old, "token_mask": mask}
    algorithm = TokenClip(TPO(anchor="ratio", divergence="reverse"), epsilon=0.2)
    outcome = run(autodiff, algorithm, new, **given)
    p, q = sigmoid(0.1 + math.log(1.2) - math.log(0.8)), sigmoid(2.0)
    value = p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    np.testing.assert_allclose(outcome.value, [value], rtol=1e-12)
    slope = p * (math.log(p / q) - value)
    np.testing.assert_allclose(outcome.gradient, [[[slope, 0.0], [0.0, 0.0]]], rtol=1e-12)


def test_within_its_interval_a_token_clip_changes_nothing(autodiff, groups):
    wide = run(autodiff, TokenClip(GVPO(), epsilon=1 - 1e-9), **groups)
    plain = run(
        autodiff,
        GVPO(),
        **groups | {"log_probs": np.minimum(groups["log_probs"], groups["old_log_probs"] + math.log(2 - 1e-9))},
    )
    np.testing.assert_allclose(wide.value, plain.value, rtol=1e-12)


def test_an_impossible_token_makes_a_clipped_candidate_impossible(autodiff):
    old = np.asarray([[[-1.0, -np.inf], [-3.0, -1.0], [-1.0, -1.0]]])
    scores = np.asarray([[1.0, 0.0, 2.0]])
    given = {"scores": scores, "old_log_probs": old, "token_mask": np.ones(old.shape, dtype=bool)}
    outcome = run(autodiff, TokenClip(TPO(anchor="ratio"), epsilon=0.2), old, **given)
    whole = run(autodiff, TPO(anchor="ratio"), old.sum(-1), scores=scores, old_log_probs=old.sum(-1))
    np.testing.assert_allclose(outcome.gradient[..., 0], whole.gradient, rtol=1e-12)
    assert not outcome.gradient[0, 0].any()
    assert abs(outcome.gradient[0, 1:]).min() > 0.1


WINDOW = "`low` and `high` must hold 0 < low <= high; got {} and {}. The usual values are 0.5 and 5."
REFUSED = [
    (TruncatedIS, {"cap": 0.0}, "`cap` must be positive; got 0.0. The usual value is 2."),
    (IcePop, {"low": 0.0}, WINDOW.format(0.0, 5.0)),
    (IcePop, {"low": 2.0, "high": 1.0}, WINDOW.format(2.0, 1.0)),
    (TokenClip, {"epsilon": 1.0}, "`epsilon` must be above 0 and below 1; got 1.0. The usual value is 0.2."),
    (Gated, {"eta": -1.0}, "`eta` must be a positive number; got -1.0. The paper uses 1.0."),
]


@pytest.mark.parametrize(("outer", "options", "message"), REFUSED)
def test_an_option_out_of_its_range_is_refused(outer, options, message):
    with pytest.raises(InvalidArgumentError) as refusal:
        outer(TPO(), **options)
    assert str(refusal.value) == message
