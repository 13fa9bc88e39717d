"""Tests of SPO: the suite of `tpo.testing`, and a value worked out by hand."""

import numpy as np
import pytest

import tpo
from tpo.plugins import registry
from tpo.testing import AlgorithmSuite
from tpo_spo import SPO


class TestSPO(AlgorithmSuite):
    @pytest.fixture(params=[SPO(), SPO(clip=0.5)], ids=str)
    def algorithm(self, request):
        return request.param


def test_the_value_of_a_group_of_two():
    # The advantages are 1 and -1, the ratios 1.2 and 0.8.
    old, new = np.log([0.5, 0.5]), np.log([0.6, 0.4])
    loss = SPO(clip=0.2).loss(new, SPO(clip=0.2).prepare(tpo.Group(scores=np.asarray([3.0, 1.0]), old_log_probs=old)))
    assert loss.value == pytest.approx(-(1.2 - 0.1) - (-0.8 - 0.1), rel=1e-14)
    assert loss.weight == 2


def test_it_is_registered():
    assert registry.algorithm("spo") is SPO
