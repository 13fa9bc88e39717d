"""The defect of each mutant, and the law or test that must catch it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import tpo
from tests.testing.mutants import algorithms, calls, losses

if TYPE_CHECKING:
    from collections.abc import Mapping


class Row(NamedTuple):
    """A mutant.

    Attributes:
        wrong: The defect.
        caught_by: The name of the law, or of the test in a suite, that must fail.
        mutant: The loss, the algorithm or the adapter.
        right: The original, which must pass.
        given: Further arguments of the test, by name.
    """

    wrong: str
    caught_by: str
    mutant: Any
    right: Any
    given: Mapping[str, Any] = MappingProxyType({})


def of_tokens(wrong, law, mutant):
    return Row(wrong, law, mutant, losses.OfTokens)


def to_a_target(wrong, law, mutant):
    return Row(wrong, law, mutant, losses.ToATarget)


LOSSES = (
    of_tokens("the sign is flipped", "direction", losses.WrongSign),
    of_tokens("magnitudes of advantages: the worst are raised like the best", "direction", losses.Magnitudes),
    of_tokens("a gradient flows into the old log-probs", "constant", losses.LiveOldLogProbs),
    of_tokens("scores are not centred", "shift", losses.RawScores),
    of_tokens("the first candidate is the baseline", "permutation", losses.FirstAsBaseline),
    of_tokens("candidates weigh by their index", "permutation", losses.IndexWeights),
    of_tokens("a small number in the deviation instead of a test for ties", "tied", losses.NoTies),
    of_tokens("scores are centred over the batch", "alone", losses.CentredOverTheBatch),
    of_tokens("the deviation is that of the batch", "alone", losses.DeviationOfTheBatch),
    of_tokens("ratios are not clamped", "finite", losses.NoClamp),
    of_tokens("padding counts as tokens", "padding", losses.PaddingCounted),
    of_tokens("a mean over T instead of the number of tokens", "padding", losses.MeanOverT),
    of_tokens("a mean over the tokens of the batch", "alone", losses.TokensOfTheBatch),
    of_tokens("everything in half precision", "half", losses.InHalf),
    of_tokens("sums in half precision", "half", losses.SumsInHalf),
    to_a_target("a gradient flows through the target", "constant", losses.GradientThroughTarget),
    to_a_target("the target follows the new log-probs", "tied", losses.TargetOfTheNewPolicy),
    to_a_target("p - q is left to automatic differentiation", "tied", losses.RoundOff),
    to_a_target("no anchor: tied groups are pulled to uniform", "tied", losses.WithoutAnchor),
    to_a_target("no anchor: a better policy is pulled back", "direction", losses.WithoutAnchor),
    to_a_target("the softmax in half precision", "half", losses.HalfSoftmax),
    to_a_target("the softmax over the groups", "alone", losses.OtherAxis),
    to_a_target("the logarithm of a softmax", "finite", losses.LogOfSoftmax),
)

ALGORITHMS = tuple(
    Row(wrong, test, mutant, tpo.REINFORCE(), given)
    for wrong, test, mutant, given in (
        ("the sign is flipped", "test_law", algorithms.WrongSign(), {"name": "direction"}),
        ("magnitudes of advantages", "test_law", algorithms.AlsoTheWorst(), {"name": "direction"}),
        ("the score is added to its advantage", "test_law", algorithms.ShiftedBaseline(), {"name": "shift"}),
        ("candidates weigh by their index", "test_law", algorithms.IndexWeights(), {"name": "permutation"}),
        ("a weight by the share of untied groups", "test_law", algorithms.ShareOfTheBatch(), {"name": "alone"}),
        ("a mean over T", "test_law", algorithms.MeanOverT(), {"name": "padding"}),
        ("ratios are not clamped", "test_law", algorithms.PlainRatio(), {"name": "finite"}),
        ("the softmax in half precision", "test_law", algorithms.HalfSoftmax(), {"name": "half"}),
        ("the mask is ignored", "test_padding_changes_nothing", algorithms.MaskIgnored(), {}),
        ("a mean over slots", "test_padding_changes_nothing", algorithms.MeanOverSlots(), {}),
        ("padding tokens learn", "test_tokens_are_taken_or_refused", algorithms.PaddingLearns(), {}),
        ("no group weighs nothing", "test_a_group_without_candidates_weighs_nothing", algorithms.NobodyWeighs(), {}),
        ("minus infinity gives NaN", "test_an_impossible_candidate_gets_nothing", algorithms.PlainRatio(), {}),
        ("it learns nothing", "test_it_learns", algorithms.NothingLearned(), {}),
        ("groups of one are let pass", "test_a_group_that_is_too_small_is_refused", algorithms.NotChecked(), {}),
        ("it can be changed", "test_it_is_a_frozen_value_with_traits", algorithms.NotFrozen(), {}),
        ("it cannot be pickled", "test_it_travels", algorithms.Rooted(), {}),
        *calls.ROWS,
    )
)
