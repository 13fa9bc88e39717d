"""Reference optimizers against optax, and optimizers by name."""

import numpy as np
import pytest

from tests.adapters import references
from tpo import SGD, Adam, InvalidArgumentError, InvalidTypeError, Muon, OptimizerSpec
from tpo.optimizers import OPTIMIZERS
from tpo.plugins import registry
from tpo.testing.suites import reference_optimizers
from tpo.testing.suites.optimizer_suite import RULES, data_of, spec_of


@pytest.mark.parametrize("case", RULES)
def test_the_reference_is_optax(case):
    params, grads = data_of(case)
    with registry.backend("jax").precision("float64"):
        expected = references.optimized(spec_of(case), params, grads)
    moved = reference_optimizers.optimized(spec_of(case), params, grads)
    assert set(moved) == set(params)
    for name, values in moved.items():
        assert values.dtype == np.float64
        difference = np.abs(values - expected[name]).max()
        assert difference <= 1e-12 * np.abs(expected[name] - params[name]).max(), name


def test_the_optimizers_by_name_are_the_papers():
    muon = OPTIMIZERS["muon"](["tokens"], 1e-3)
    assert muon.partition(["bias", "tokens"]) == {Adam(nesterov=True): ["bias"], Muon(): ["tokens"]}
    assert OPTIMIZERS["adam"](["tokens"], 1e-3).partition(["tokens"]) == {Adam(): ["tokens"]}
    assert OPTIMIZERS["sgd"](["tokens"], 1e-3).partition(["tokens"]) == {SGD(): ["tokens"]}


@pytest.mark.parametrize("learning_rate", [0, -1e-3, float("nan"), float("inf")])
def test_a_learning_rate_that_is_not_positive_or_not_finite_is_refused(learning_rate):
    with pytest.raises(InvalidArgumentError) as refusal:
        OptimizerSpec(learning_rate=learning_rate)
    text = f"`learning_rate` must be positive and finite; got {learning_rate}. The paper uses 0.001."
    assert str(refusal.value) == text


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_rule_that_no_backend_has_is_refused(backend):
    spec = OptimizerSpec(learning_rate=0.1, default="lion")
    with pytest.raises(InvalidTypeError) as refusal:
        registry.backend(backend).optimizer(spec).init({"w": np.zeros(1)})
    assert str(refusal.value) == "an update rule must be SGD, Adam or Muon; got 'lion'. Choose one of them."
