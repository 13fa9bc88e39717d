"""The MLP: values by hand, agreement of libraries, and initialization."""

from types import SimpleNamespace

import numpy as np
import pytest

from tpo import MLP, InvalidArgumentError, NeutralOps
from tpo.plugins import registry

SMALL = MLP(widths=(6, 5, 4, 3), input_scale=0.5)


def stacked(policy, seeds):
    drawn = [policy.initial_parameters(np.random.default_rng(seed)) for seed in range(seeds)]
    return {name: np.stack([one[name] + 0.1 for one in drawn]) for name in drawn[0]}


def by_hand(params, seed, x):
    """The log-probs of rows `x` under the parameters of one seed."""
    x = 0.5 * x
    for number in range(3):
        x = x @ params[f"layers.{number}.kernel"][seed] + params[f"layers.{number}.bias"][seed]
        x = np.maximum(x, 0) if number < 2 else x
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


class Plain(NeutralOps):
    """A backend with only what the policy needs, by the Array API."""

    fused = {}  # noqa: RUF012

    def __init__(self, xp):
        self._xp = xp

    def namespace(self):
        return self._xp


@pytest.mark.parametrize("seeds", [1, 3])
def test_it_is_what_one_computes_by_hand(backend, seeds):
    params, x = stacked(SMALL, seeds), np.random.default_rng(9).normal(size=(seeds, 7, 6))
    expected = np.stack([by_hand(params, seed, x[seed]) for seed in range(seeds)])
    shared = np.stack([by_hand(params, seed, x[0]) for seed in range(seeds)])
    arrays, plain = {name: backend.array(values) for name, values in params.items()}, Plain(backend.xp)
    found = backend.numpy(SMALL.log_probs(plain, arrays, backend.array(x)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    found = backend.numpy(SMALL.log_probs_on_shared(plain, arrays, backend.array(x[0])))
    np.testing.assert_allclose(found, shared, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_what_a_library_fuses_is_the_same(name):
    autodiff, params = registry.backend(name), stacked(SMALL, 2)
    x = np.random.default_rng(9).normal(size=(2, 7, 6))
    with autodiff.precision("float64"):
        arrays = {name: autodiff.asarray(values) for name, values in params.items()}
        fused, plain = (
            autodiff.vjp(lambda p, one=one: SMALL.log_probs(one, p, autodiff.asarray(x)), arrays)
            for one in (
                autodiff,
                SimpleNamespace(**{n: getattr(autodiff, n) for n in ("namespace", "log_softmax")}, fused={}),
            )
        )
        np.testing.assert_allclose(autodiff.to_numpy(fused[0]), autodiff.to_numpy(plain[0]), rtol=0, atol=1e-13)
        cotangent = autodiff.asarray(np.random.default_rng(1).normal(size=(2, 7, 3)))
        ours, theirs = fused[1](cotangent), plain[1](cotangent)
        for key in params:
            np.testing.assert_allclose(
                autodiff.to_numpy(ours[key]), autodiff.to_numpy(theirs[key]), rtol=0, atol=1e-12, err_msg=key
            )


def test_how_it_begins():
    params = MLP().initial_parameters(np.random.default_rng(0))
    shapes = {name: values.shape for name, values in params.items()}
    assert shapes == {
        "layers.0.kernel": (784, 50),
        "layers.1.kernel": (50, 50),
        "layers.2.kernel": (50, 10),
        "layers.0.bias": (50,),
        "layers.1.bias": (50,),
        "layers.2.bias": (10,),
    }
    assert sum(values.size for values in params.values()) == 42_310
    kernel = params["layers.0.kernel"] * np.sqrt(784)
    assert kernel.std() == pytest.approx(1, abs=0.01)
    assert np.abs(kernel).max() <= 2 / 0.8796
    assert not any(params[name].any() for name in shapes if name.endswith("bias"))
    assert MLP().matrices == ("layers.0.kernel", "layers.1.kernel", "layers.2.kernel")


@pytest.mark.parametrize("widths", [(3,), (3, 0, 2)])
def test_widths_that_make_no_network(widths):
    with pytest.raises(InvalidArgumentError, match="`widths` must be at least two numbers from 1 on; got"):
        MLP(widths=widths)


def test_actions_are_drawn_with_the_policys_probabilities():
    numpy = registry.backend("numpy")
    noise = np.random.default_rng(0).random((1, 40_000))
    log_probs = np.log(np.broadcast_to([0.1, 0.6, 0.3], (1, 40_000, 3)))
    taken = SMALL.sample(numpy, log_probs, noise, np.int64)
    np.testing.assert_allclose(np.bincount(taken[0]) / 40_000, [0.1, 0.6, 0.3], atol=0.01)
