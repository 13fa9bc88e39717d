"""Log-probs that do not fit the group are refused by every loss, by the diagnostics and by the weights of rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS

GROUP = tpo.Group(
    scores=torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
    advantages=torch.tensor([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]),
    baseline_scores=torch.tensor([0.5, 0.5]),
    old_log_probs=torch.full((2, 3), 1 / 3).log(),
    ref_log_probs=torch.full((2, 3), 1 / 3).log(),
    rollout_log_probs=torch.full((2, 3), 1 / 3).log(),
)
WRAPPED = [tpo.TruncatedIS(tpo.TPO()), tpo.IcePop(tpo.GRPO()), tpo.Gated(tpo.TPO())]
EVERY = [*ALGORITHMS, *WRAPPED, *(tpo.TruncatedIS(algorithm) for algorithm in ALGORITHMS)]
SHAPES = [(3,), (1, 3), (2, 1), (3, 3), ()]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("algorithm", EVERY, ids=str)
def test_another_shape_is_refused_by_every_loss(algorithm, shape):
    with pytest.raises(tpo.InvalidArgumentError, match=r"`(old_)?log_probs`.* must have the s"):
        algorithm.loss(torch.zeros(shape), algorithm.prepare(GROUP))


@pytest.mark.parametrize("algorithm", EVERY, ids=str)
def test_whole_numbers_are_refused_by_every_loss(algorithm):
    with pytest.raises(tpo.InvalidArgumentError, match=r"`log_probs` must be real floating; got torch\.int64\."):
        algorithm.loss(torch.zeros((2, 3), dtype=torch.int64), algorithm.prepare(GROUP))


@pytest.mark.parametrize(
    "given", [torch.zeros(1, 1), torch.zeros(3), torch.zeros(2, 3, dtype=torch.int32), np.zeros((1, 3))]
)
def test_they_are_refused_by_diagnostics_and_row_weights(given):
    for call in (lambda: tpo.diagnostics(GROUP, given), lambda: tpo.row_weights(tpo.GRPO(), GROUP, given)):
        with pytest.raises(tpo.InvalidArgumentError, match="`log_probs` must"):
            call()


def test_none_is_refused_by_row_weights_and_the_loss_of_tpo():
    text = r"`log_probs` must have the shape of the group's `old_log_probs`, \(2, 3\); got None\."
    with pytest.raises(tpo.InvalidArgumentError, match=text):
        tpo.row_weights(tpo.TPO(), GROUP, None)
    with pytest.raises(tpo.InvalidArgumentError, match=text):
        tpo.TPO().loss(None, tpo.TPO().prepare(GROUP))
