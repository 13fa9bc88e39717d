"""The options of the policy-gradient methods: their defaults, and what is refused."""

import dataclasses

import numpy as np
import pytest

from tests.core.algorithms import POLICY_GRADIENTS
from tpo import (
    CISPO,
    DAPO,
    GPG,
    GSPO,
    PPO,
    RLOO,
    SAPO,
    DrGRPO,
    Group,
    GroupPG,
    InvalidArgumentError,
    MaxRL,
    REINFORCEPlusPlus,
    ReMax,
    UnknownNameError,
    overlong_penalty,
)

NAN = float("nan")
DEFAULTS = [
    (RLOO, {"reduction": "seq-mean-token-sum"}),
    (ReMax, {"kl": 0.05, "reduction": "seq-mean-token-sum"}),
    (REINFORCEPlusPlus, {"clip": 0.2, "kl": 0.01, "reduction": "token-mean"}),
    (MaxRL, {"reduction": "seq-mean-token-sum"}),
    (GroupPG, {"eta": 1.0, "reduction": "group-mean-token-sum"}),
    (DrGRPO, {"clip": 0.2, "max_length": 1, "reduction": "seq-mean-token-sum"}),
    (DAPO, {"clip_low": 0.2, "clip_high": 0.28, "skip_tied": True, "reduction": "token-mean"}),
    (GSPO, {"clip_low": 3e-4, "clip_high": 4e-4, "reduction": "seq-mean-token-mean"}),
    (CISPO, {"clip_low": 1.0, "clip_high": 4.0, "reduction": "token-mean"}),
    (SAPO, {"tau_positive": 1.0, "tau_negative": 1.05, "reduction": "seq-mean-token-mean"}),
    (GPG, {"f_norm": 1.0, "skip_tied": True, "reduction": "token-mean"}),
]
POSITIVE = "`{}` must be positive and finite; got {}. The usual value is {}."
NOT_NEGATIVE = "`kl` must be at least 0 and finite; got {}. 0 switches it off."
DUAL = "`dual_clip` must be 0 or above 1; got {}. 0 switches it off, 3 is usual."
ETA = "`eta` must be a positive number; got {}. The paper uses 1.0."
USUAL = [
    *((REINFORCEPlusPlus, "clip", 0.2), (DrGRPO, "clip", 0.2), (DrGRPO, "max_length", 1), (GPG, "f_norm", 1.0)),
    *((DAPO, "clip_low", 0.2), (DAPO, "clip_high", 0.28), (GSPO, "clip_low", 3e-4), (GSPO, "clip_high", 4e-4)),
    *((CISPO, "clip_low", 1.0), (CISPO, "clip_high", 4.0), (SAPO, "tau_positive", 1.0), (SAPO, "tau_negative", 1.05)),
]
REFUSED = [
    *((cls, name, bad, POSITIVE.format(name, bad, usual)) for cls, name, usual in USUAL for bad in (0.0, -1, NAN)),
    *((cls, "kl", value, NOT_NEGATIVE.format(value)) for cls in (ReMax, REINFORCEPlusPlus) for value in (-0.1, NAN)),
    *((PPO, "dual_clip", value, DUAL.format(value)) for value in (-3.0, 0.5, 1.0, NAN)),
    *((GroupPG, "eta", value, ETA.format(value)) for value in (0, -1, NAN)),
]


@pytest.mark.parametrize(("cls", "options"), DEFAULTS)
def test_the_defaults(cls, options):
    assert dataclasses.asdict(cls()) == options


@pytest.mark.parametrize(("cls", "name", "value", "message"), REFUSED)
def test_an_option_out_of_its_range_is_refused(cls, name, value, message):
    with pytest.raises(InvalidArgumentError) as refusal:
        cls(**{name: value})
    assert str(refusal.value) == message


@pytest.mark.parametrize("cls", sorted({type(a) for a in POLICY_GRADIENTS}, key=str))
def test_an_unknown_reduction_is_refused(cls):
    with pytest.raises(UnknownNameError, match=r"registered reduction; got 'token-means'\. Did you mean 'token-mean'"):
        cls(reduction="token-means")


def test_remax_needs_the_score_of_a_greedy_candidate():
    with pytest.raises(InvalidArgumentError) as refusal:
        ReMax().prepare(Group(scores=np.ones((2, 3)), old_log_probs=np.zeros((2, 3))))
    assert str(refusal.value) == (
        "`baseline_scores` must be in the group for ReMax; got None. "
        "They are the scores of one greedy candidate per group, [...]."
    )


@pytest.mark.parametrize("cls", [cls for cls, _ in DEFAULTS if cls is not ReMax])
def test_a_group_of_one_is_refused(cls):
    with pytest.raises(InvalidArgumentError, match=f"the group size must be at least 2 for {cls.__name__}; got 1"):
        cls().prepare(Group(scores=np.ones((2, 1)), old_log_probs=np.zeros((2, 1))))


def test_names_in_print_that_are_not_those_of_the_classes():
    titles = {cls: cls.traits.title for cls, _ in DEFAULTS if cls.traits.title}
    assert titles == {REINFORCEPlusPlus: "REINFORCE++", GroupPG: "Group PG", DrGRPO: "Dr. GRPO"}


def test_what_the_paper_says_of_the_methods_it_compares():
    rows = {
        cls: (t.compares_candidates, t.critic, t.fixed_reference) for cls, t in ((c, c.traits) for c, _ in DEFAULTS)
    }
    batch, group = (False, False, True), (True, False, False)
    assert {cls: rows[cls] for cls in (REINFORCEPlusPlus, ReMax, RLOO, MaxRL)} == {
        REINFORCEPlusPlus: batch,
        ReMax: batch,
        RLOO: group,
        MaxRL: group,
    }


def test_the_overlong_penalty_falls_over_the_margin(backend):
    lengths = backend.array([0, 80, 85, 90, 100, 101, 1000])
    penalty = overlong_penalty(lengths, max_length=100, margin=20)
    np.testing.assert_allclose(backend.numpy(penalty), [0, 0, -0.25, -0.5, -1, -1, -1], rtol=1e-15)


@pytest.mark.parametrize("margin", [0, -1, 101])
def test_an_overlong_margin_out_of_its_range_is_refused(margin):
    with pytest.raises(InvalidArgumentError) as refusal:
        overlong_penalty(np.ones(3), max_length=100, margin=margin)
    assert str(refusal.value) == (
        f"`margin` must be above 0 and at most `max_length`, 100; got {margin}. "
        "It is the number of tokens over which the penalty falls to -1."
    )


def test_lengths_may_be_whole_numbers(backend):
    penalty = overlong_penalty(backend.array([80, 85, 100, 101], "int64"), max_length=100, margin=20)
    np.testing.assert_allclose(backend.numpy(penalty), [0, -0.25, -1, -1], rtol=1e-6)
    with pytest.raises(
        InvalidArgumentError, match=r"`lengths` must be real floating; got .*bool.*Convert it to float32"
    ):
        overlong_penalty(backend.array([True, False], "bool"), max_length=100, margin=10)
