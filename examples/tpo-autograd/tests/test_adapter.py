"""Tests of the adapter: the suite of `tpo.testing`, and a training run."""

from dataclasses import replace

import pytest

from tpo import train
from tpo.plugins import registry
from tpo.testing import AutodiffSuite


class TestAutograd(AutodiffSuite):
    @pytest.fixture
    def autodiff(self):
        return registry.backend("autograd")


def test_it_learns_to_copy_two_tokens():
    task = registry.task("token-reversal")(length=2)
    arm = replace(task.arms["tpo"], batch_size=20, epochs=2)
    steps = train(task, arm, registry.backend("autograd"), seeds=(0,), steps=20)
    errors = [float(step.metrics.error[0]) for step in steps]
    assert sum(errors[-5:]) / 5 < errors[0] / 2
