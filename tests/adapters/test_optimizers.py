"""The optimizers of every adapter against optax's own, in float64."""

import functools

import numpy as np
import pytest

from tests.adapters import references
from tpo import SGD, Adam, InvalidArgumentError, Muon, OptimizerSpec, plugins
from tpo.backends import OPTIMIZERS

SEEDS, UPDATES = 3, 10
MATRICES = {"pair": (2, 64), "tokens": (20, 64), "expand": (64, 256), "contract": (256, 64), "head": (64, 2)}
VECTORS = {"bias": (7,), "scale": (), "kernel": (3, 2, 5)}
ADAM = Adam(b1=0.8, b2=0.99, eps=1e-3)
SPECS = {
    "SGD": (SGD(), VECTORS, {}),
    "SGD with momentum": (SGD(momentum=0.9), VECTORS, {}),
    "Adam": (Adam(), VECTORS, {}),
    "Adam with other options": (ADAM, VECTORS, {}),
    "Adam with Nesterov momentum": (Adam(nesterov=True), VECTORS, {}),
    "Muon": (Muon(), MATRICES, {}),
    "Muon with other options": (
        Muon(beta=0.8, iterations=3, coefficients=(2.0, -1.5, 0.5), eps=1e-3),
        {"tokens": (20, 64)},
        {},
    ),
    "a mixture": (
        Adam(nesterov=True),
        {"tokens": (20, 64), "head": (64, 2), "positions": (20, 64), **VECTORS},
        {"tokens": Muon(), "head": Muon(), "positions": Muon(), "bias": SGD(momentum=0.5), "scale": ADAM},
    ),
}


def spec_of(case):
    default, _, rules = SPECS[case]
    return OptimizerSpec(learning_rate=0.02, default=default, rules=rules)


@functools.cache
def data_of(case):
    """Parameters `[S, ...]`, and gradients of very different sizes for every update."""
    rng = np.random.default_rng(0)
    shapes = {name: (SEEDS, *shape) for name, shape in SPECS[case][1].items()}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    scales = 10.0 ** rng.integers(-4, 2, UPDATES)
    return params, [{name: scale * rng.normal(size=shape) for name, shape in shapes.items()} for scale in scales]


@functools.cache
def expected_of(case):
    with plugins.backend("jax").precision("float64"):
        return references.optimized(spec_of(case), *data_of(case))


@functools.cache
def optimizer_of(backend, case):
    """How to begin, and how to go on."""
    optimizer = backend.optimizer(spec_of(case))
    return optimizer.init, backend.compile(optimizer.update)


def optimized(backend, case, params, grads):
    """Parameters after one update per tree of gradients."""
    init, update = optimizer_of(backend, case)
    params = {name: backend.asarray(values.copy()) for name, values in params.items()}
    state = init(params)
    for tree in grads:
        params, state = update({name: backend.asarray(values) for name, values in tree.items()}, state, params)
    return {name: backend.to_numpy(values) for name, values in params.items()}


@pytest.mark.parametrize("case", SPECS)
def test_every_update_is_optaxs(autodiff, case):
    params, grads = data_of(case)
    moved, expected = optimized(autodiff, case, params, grads), expected_of(case)
    assert set(moved) == set(params)
    for name, values in moved.items():
        assert values.dtype == np.float64
        difference = np.abs(values - expected[name]).max()
        assert difference <= 1e-12 * np.abs(expected[name] - params[name]).max(), name


def test_seeds_do_not_know_of_each_other(autodiff):
    params, grads = data_of("a mixture")
    together = optimized(autodiff, "a mixture", params, grads)
    for seed in range(SEEDS):
        own = [{name: values[seed : seed + 1] for name, values in tree.items()} for tree in (params, *grads)]
        alone = optimized(autodiff, "a mixture", own[0], own[1:])
        for name, values in alone.items():
            np.testing.assert_allclose(values[0], together[name][seed], rtol=1e-12, atol=1e-13, err_msg=name)


def test_a_gradient_of_zero_moves_nothing(autodiff):
    params, grads = data_of("a mixture")
    still = [{name: 0 * values for name, values in grads[0].items()}] * 2
    for name, values in optimized(autodiff, "a mixture", params, still).items():
        np.testing.assert_array_equal(values, params[name])


def test_the_optimizers_by_name_are_the_papers():
    muon = OPTIMIZERS["muon"](["tokens"], 1e-3)
    assert muon.partition(["bias", "tokens"]) == {Adam(nesterov=True): ["bias"], Muon(): ["tokens"]}
    assert OPTIMIZERS["adam"](["tokens"], 1e-3).partition(["tokens"]) == {Adam(): ["tokens"]}
    assert OPTIMIZERS["sgd"](["tokens"], 1e-3).partition(["tokens"]) == {SGD(): ["tokens"]}


@pytest.mark.parametrize("learning_rate", [0, -1e-3, float("nan")])
def test_a_learning_rate_that_is_not_positive_is_refused(learning_rate):
    with pytest.raises(InvalidArgumentError) as refusal:
        OptimizerSpec(learning_rate=learning_rate)
    assert str(refusal.value) == f"`learning_rate` must be positive; got {learning_rate}. The paper uses 0.001."
