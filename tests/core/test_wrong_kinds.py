"""Arguments of the wrong kind: a class for an object, log-probs for a group, the signal of another algorithm."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS
from tpo.testing.laws.groups import made_up_groups

OLD, SCORES = np.log([[0.5, 0.25, 0.25]]), np.asarray([[1.0, 0.0, 0.0]])
GROUP = tpo.Group(scores=SCORES, old_log_probs=OLD)
NO_GROUP = "`group` must be a tpo.Group; got {}. For example tpo.Group(scores=scores, old_log_probs=old_log_probs)."


def refusal(call):
    with pytest.raises(tpo.InvalidTypeError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("standardizer", ["ranks", tpo.Ranks, None])
def test_what_is_no_standardizer_is_refused_everywhere(standardizer):
    text = f"`standardizer` must be a tpo.Standardizer; got {standardizer!r}. For example tpo.ZScore()."
    options = {"standardizer": standardizer}
    for call in (
        lambda: tpo.target(OLD, SCORES, **options),
        lambda: tpo.standardize(SCORES, **options),
        lambda: tpo.combine_scores({"right": SCORES}, **options),
        lambda: tpo.diagnostics(GROUP, **options),
    ):
        assert refusal(call) == text


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_what_is_no_group_is_refused_by_every_algorithm(algorithm):
    assert refusal(lambda: algorithm.prepare((SCORES, OLD))) == NO_GROUP.format("tuple")
    assert refusal(lambda: algorithm.prepare(OLD)) == NO_GROUP.format("ndarray")


def test_what_is_no_group_or_no_algorithm_is_refused_by_what_takes_one():
    log_probs = torch.as_tensor(OLD)
    assert refusal(lambda: tpo.diagnostics(OLD, GROUP)) == NO_GROUP.format("ndarray")
    assert refusal(lambda: tpo.row_weights(tpo.TPO(), log_probs, GROUP)) == NO_GROUP.format("Tensor")
    text = f"`algorithm` must be an algorithm; got {tpo.TPO!r}. For example tpo.TPO()."
    assert refusal(lambda: tpo.row_weights(tpo.TPO, GROUP, log_probs)) == text


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_a_group_or_the_signal_of_another_algorithm_is_refused_by_every_loss(algorithm):
    groups = made_up_groups((3, 4))
    log_probs = groups.pop("log_probs")
    group = tpo.Group(**groups)
    kind = type(algorithm.prepare(group)).__name__
    others = [one.prepare(group) for one in (tpo.DAPO(), tpo.TPO(), tpo.GRPO(), tpo.MPO(), tpo.GVPO())]
    for signal in (group, None, log_probs, *(one for one in others if type(one).__name__ != kind)):
        text = f"`signal` must be a {kind}, which `prepare` returns; got {type(signal).__name__}."
        assert refusal(lambda s=signal: algorithm.loss(log_probs, s)) == (
            f"{text} Pass algorithm.prepare(group) of the same algorithm."
        )


def test_a_temperature_in_an_array_is_refused_with_what_to_do():
    text = "`eta` must be a number that is known before compilation; got Tensor. The paper uses 1.0. "
    for call in (lambda: tpo.TPO(eta=torch.tensor(0.5)), lambda: tpo.target(OLD, SCORES, torch.tensor(0.5))):
        assert refusal(call) == f"{text}In eager code, convert an array by float()."


def test_errors_name_the_parameter():
    segments = tpo.Segments.from_ids([0, 0])
    assert refusal(lambda: segments.gather([1.0, 2.0])).startswith("`rows` must be an array; got list.")
    assert refusal(lambda: segments.scatter([1.0, 2.0])).startswith("`groups` must be an array; got list.")
    assert refusal(lambda: tpo.combine_scores([1.0])).startswith("`scores` must be an array; got list.")
    assert refusal(lambda: tpo.overlong_penalty([1.0], max_length=2, margin=1)).startswith("`lengths` must be an array")
