"""Tests of a backend's optimizers against `tpo.testing.suites.reference_optimizers`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from tpo.optimizers import SGD, Adam, Muon, OptimizerSpec
from tpo.testing.suites import reference_optimizers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tpo.backends.protocols import Autodiff
    from tpo.testing.suites.reference_optimizers import Tree

SEEDS, UPDATES, LEARNING_RATE = 3, 10, 0.02
MATRICES = {"pair": (2, 16), "tokens": (20, 16), "square": (16, 16), "head": (64, 2)}
VECTORS = {"bias": (7,), "scale": (), "kernel": (3, 2, 5)}
OTHER_ADAM = Adam(b1=0.8, b2=0.99, eps=1e-3)
RULES: dict[str, dict[str, Any]] = {
    "SGD": {"default": SGD()},
    "SGD with momentum": {"default": SGD(momentum=0.9)},
    "Adam": {"default": Adam()},
    "Adam with other options": {"default": OTHER_ADAM},
    "Adam with Nesterov momentum": {"default": Adam(nesterov=True)},
    "Muon": {"rules": dict.fromkeys(MATRICES, Muon())},
    "a mixture": {
        "default": Adam(nesterov=True),
        "rules": {
            "tokens": Muon(),
            "head": Muon(beta=0.8, iterations=3, coefficients=(2.0, -1.5, 0.5), eps=1e-3),
            "bias": SGD(momentum=0.5),
            "scale": OTHER_ADAM,
        },
    },
}
"""Test cases by description: fields of an `OptimizerSpec`."""


MIXTURE = "a mixture"


class OptimizerSuite:
    """Tests of the optimizers of a backend; `AutodiffSuite` includes them.

    Attributes:
        tolerance: The tolerance for a parameter, in machine epsilons of its total movement.
    """

    tolerance: float = 5e3

    @pytest.mark.parametrize("case", RULES)
    def test_every_update_is_the_references(self, wide: Autodiff, case: str) -> None:
        """Every update equals the reference's, also for gradients of very different sizes."""
        params, grads = data_of(case)
        moved = optimized(wide, case, params, grads)
        expected = reference_optimizers.optimized(spec_of(case), params, grads)
        assert set(moved) == set(params)
        for name, values in moved.items():
            difference, path = np.abs(values - expected[name]).max(), np.abs(expected[name] - params[name]).max()
            assert difference <= self.tolerance * np.finfo(values.dtype).eps * path, name

    def test_seeds_do_not_know_of_each_other(self, wide: Autodiff) -> None:
        """The updates of a seed do not depend on the other seeds."""
        params, grads = data_of(MIXTURE)
        together = optimized(wide, MIXTURE, params, grads)
        own = [{name: values[1:2] for name, values in tree.items()} for tree in (params, *grads)]
        for name, values in optimized(wide, MIXTURE, own[0], own[1:]).items():
            eps = self.tolerance * np.finfo(values.dtype).eps
            np.testing.assert_allclose(values[0], together[name][1], rtol=eps, atol=eps, err_msg=name)

    def test_a_gradient_of_zero_moves_nothing(self, wide: Autodiff) -> None:
        """A gradient of zero changes no parameter, from the first update on."""
        params, grads = data_of(MIXTURE)
        still = [{name: 0 * values for name, values in grads[0].items()}] * 2
        for name, values in optimized(wide, MIXTURE, params, still).items():
            np.testing.assert_array_equal(values, params[name].astype(values.dtype), err_msg=name)


def spec_of(case: str) -> OptimizerSpec:
    """Build the optimizer spec of one of `RULES`."""
    return OptimizerSpec(learning_rate=LEARNING_RATE, **RULES[case])


@functools.cache
def data_of(case: str) -> tuple[Tree, list[Tree]]:
    """Make parameters `[S, ...]`, and gradients of very different sizes for every update."""
    rng = np.random.default_rng(0)
    matrices = MATRICES if "rules" in RULES[case] else {}
    vectors = VECTORS if "default" in RULES[case] else {}
    shapes = {name: (SEEDS, *shape) for name, shape in (matrices | vectors).items()}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    scales = 10.0 ** rng.integers(-4, 2, UPDATES)
    return params, [{name: scale * rng.normal(size=shape) for name, shape in shapes.items()} for scale in scales]


@functools.cache
def _optimizer_of(autodiff: Autodiff, case: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return functions that start and continue the optimization."""
    optimizer = autodiff.optimizer(spec_of(case))
    return optimizer.init, autodiff.compile(optimizer.update)


def optimized(autodiff: Autodiff, case: str, params: Tree, grads: Sequence[Tree]) -> Tree:
    """Apply one update per tree of gradients and return the parameters."""
    init, update = _optimizer_of(*cast("tuple[Any, ...]", (autodiff, case)))
    current: Any = {name: autodiff.asarray(values.copy()) for name, values in params.items()}
    state = init(current)
    for tree in grads:
        current, state = update({name: autodiff.asarray(values) for name, values in tree.items()}, state, current)
    return {name: autodiff.to_numpy(values) for name, values in current.items()}
