"""What every backend that differentiates promises. Inherit `AutodiffSuite` and give it one fixture, `autodiff`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo import TPO, Group, candidate_weights, plugins, target
from tpo.policies import layers
from tpo.testing.backend_suite import BackendSuite
from tpo.testing.groups import PLAIN, plain_groups
from tpo.testing.optimizer_suite import OptimizerSuite
from tpo.testing.scan_suite import ScanSuite, check_equal
from tpo.testing.subjects import scope, widest_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.backends import Autodiff, Backend


class AutodiffSuite(ScanSuite, OptimizerSuite, BackendSuite):
    """Tests of one array library that differentiates, those of the three others included.

    Example:
        class TestTorch(AutodiffSuite):
            @pytest.fixture
            def autodiff(self):
                return plugins.backend("torch")
    """

    @pytest.fixture
    def autodiff(self) -> Autodiff:
        """The backend under test, as `plugins.backend(name)` gives it."""
        raise NotImplementedError("a suite must be told what to test: write the fixture `autodiff`")

    @pytest.fixture
    def backend(self, autodiff: Autodiff) -> Backend:
        """The same, for the tests of `BackendSuite`."""
        return autodiff

    @pytest.fixture
    def wide(self, autodiff: Autodiff) -> Iterator[Autodiff]:
        """The same, with the widest dtype it has."""
        with scope(autodiff, widest_dtype(autodiff)):
            yield autodiff

    def test_vjp_of_an_array(self, wide: Autodiff) -> None:
        """Value and gradient, and the argument is left as it was."""
        x, cotangent = wide.asarray(np.asarray([1.0, 2.0, 3.0])), wide.asarray(np.asarray([1.0, 10.0, 100.0]))
        value, pull = wide.vjp(lambda x: x * x * x, x)
        check_equal(wide, value, [1, 8, 27])
        check_equal(wide, pull(cotangent), [3, 120, 2700])
        check_equal(wide, x, [1, 2, 3])

    def test_vjp_of_a_dictionary_with_a_parameter_that_is_not_used(self, wide: Autodiff) -> None:
        """A gradient for every name, 0 where nothing depends on it."""
        xp, given = wide.namespace(), {"b": [2.0, 3.0], "a": [1.0], "c": 5.0}
        params = {name: wide.asarray(np.asarray(values)) for name, values in given.items()}
        value, pull = wide.vjp(lambda p: xp.sum(p["b"] * p["b"]) * p["a"][0], params)
        grads = pull(2 * xp.ones_like(value))
        check_equal(wide, value, 13)
        assert set(grads) == set(given)
        for name, expected in {"b": [8, 12], "a": [26], "c": 0}.items():
            check_equal(wide, grads[name], expected)

    def test_what_ignores_its_input_has_gradient_zero(self, wide: Autodiff) -> None:
        """Of the shape of the input."""
        x = wide.asarray(np.asarray([3.0, 4.0]))
        value, pull = wide.vjp(lambda x: wide.namespace().ones_like(wide.stop_gradient(x)), x)
        check_equal(wide, value, [1, 1])
        check_equal(wide, pull(wide.namespace().ones_like(value)), [0, 0])

    def test_what_vjp_returns_is_constant(self, wide: Autodiff) -> None:
        """Also inside another vjp."""

        def through(x: Any) -> Any:
            value, pull = wide.vjp(lambda y: y * y, wide.stop_gradient(x))
            return wide.stop_gradient(value + pull(value)) + 0 * x

        x = wide.asarray(np.asarray([3.0]))
        value, pull = wide.vjp(through, x)
        check_equal(wide, value, [9 + 9 * 6])
        check_equal(wide, pull(x), [0])

    def test_stop_gradient_drops_the_gradient(self, wide: Autodiff) -> None:
        """Of what went through it, and of nothing else."""
        x = wide.asarray(np.asarray([2.0, 3.0]))
        value, pull = wide.vjp(lambda x: wide.stop_gradient(x) * x, x)
        check_equal(wide, value, [4, 9])
        check_equal(wide, pull(wide.namespace().ones_like(value)), [2, 3])

    def test_it_owns_what_is_differentiated(self, wide: Autodiff) -> None:
        """The core finds it from the arrays that a loss is called with."""
        owners: list[Any] = []

        def watched(x: Any) -> Any:
            traced: Any = type(x)
            owners.append(plugins.owner_of(traced))
            return x

        wide.vjp(watched, wide.asarray(np.asarray([1.0])))
        assert owners[0] is plugins.backend(wide.name)

    def test_numpy_arrays_are_adopted_while_something_is_differentiated(self, wide: Autodiff) -> None:
        """Data in NumPy arrays may meet log-probs that are traced."""
        x = wide.asarray(np.asarray([2.0, 3.0]))
        data = np.asarray([5.0, 7.0], wide.to_numpy(x).dtype)
        value, pull = wide.vjp(lambda x: x * wide.adopt(data, x), x)
        check_equal(wide, value, [10, 21])
        check_equal(wide, pull(wide.namespace().ones_like(value)), [5, 7])

    def test_compile_changes_no_number(self, wide: Autodiff) -> None:
        """Trees go in and come out."""

        def function(x: Any, tree: Any) -> Any:
            return {"sum": x + tree[0]["y"], "product": (x * tree[0]["y"],)}

        x, y = wide.asarray(np.asarray([2.0])), wide.asarray(np.asarray([5.0]))
        result = wide.compile(function)(x, ({"y": y},))
        check_equal(wide, result["sum"], [7])
        check_equal(wide, result["product"][0], [10])

    @pytest.mark.parametrize("seeds", [1, 3])
    def test_compile_over_seeds_changes_no_number(self, wide: Autodiff, seeds: int) -> None:
        """Arrays with a seed axis keep it, those without any stay without, and a number per seed is `[S]`."""
        xp = wide.namespace()

        def function(tree: Any, count: Any) -> Any:
            return tree, count + 1, {"sum": xp.sum(tree["x"], axis=1), "product": (tree["x"] * tree["y"][:, None],)}

        x, y = np.arange(2.0 * seeds).reshape(seeds, 2), np.arange(1.0, seeds + 1)
        tree, count, found = wide.compile_over_seeds(function)(
            {"x": wide.shard(x), "y": wide.shard(y)}, wide.asarray(np.asarray(4.0))
        )
        check_equal(wide, tree["x"], x)
        check_equal(wide, count, 5)
        check_equal(wide, found["sum"], x.sum(axis=1))
        check_equal(wide, found["product"][0], x * y[:, None])

    @pytest.mark.parametrize("precision", ["exact", "fast"])
    def test_the_gradient_of_tpo_is_p_minus_q(self, wide: Autodiff, precision: Any) -> None:
        """On groups of which one is tied, which gets exactly 0."""
        given = plain_groups((4, 3))
        given["scores"][1], given["log_probs"][1] = 0.1, given["old_log_probs"][1]
        log_probs, scores, old = (wide.asarray(given[name]) for name in PLAIN)
        algorithm = TPO(precision=precision)
        signal = algorithm.prepare(Group(scores=scores, old_log_probs=old))
        value, pull = wide.vjp(lambda x: algorithm.loss(x, signal).value, log_probs)
        gradient = wide.to_numpy(pull(wide.namespace().ones_like(value)))
        expected = candidate_weights(target(given["old_log_probs"], given["scores"]), given["log_probs"])
        np.testing.assert_allclose(gradient, expected, atol=8 * np.finfo(gradient.dtype).eps)
        assert not gradient[1].any()

    def test_the_scope_of_a_dtype_ends(self, autodiff: Autodiff) -> None:
        """What an array of NumPy's float64 becomes is the same before and after."""
        before = autodiff.asarray(np.ones(2)).dtype
        for dtype in {"float32", widest_dtype(autodiff)}:
            with autodiff.precision(dtype):
                third = autodiff.compile(lambda x: x / 3)(autodiff.asarray(1.0, dtype=dtype))
                assert float(third) == float(np.asarray(1, dtype) / np.asarray(3, dtype))
        assert autodiff.asarray(np.ones(2)).dtype == before

    def test_only_layers_are_fused(self, autodiff: Autodiff) -> None:
        """A native version of what does not exist would never be called."""
        assert [name for name in autodiff.fused if not hasattr(layers, name)] == []

    @pytest.mark.parametrize("seeds", [1, 2])
    def test_fused_layers_compute_what_they_stand_for(self, wide: Autodiff, seeds: int) -> None:
        """To a few machine epsilons, and so do their gradients."""
        xp = wide.namespace()
        for name, native in wide.fused.items():
            arrays = layer_arguments(name, seeds)
            own, neutral = (_with_gradients(wide, f, xp, arrays) for f in (native, getattr(layers, name)))
            for one, other in zip(own, neutral, strict=True):
                eps = np.finfo(other.dtype).eps
                np.testing.assert_allclose(one, other, rtol=64 * eps, atol=256 * eps, err_msg=name)


def layer_arguments(name: str, seeds: int) -> list[np.ndarray[Any, Any]]:
    """Arrays for the function called `name` in `tpo.policies.layers`."""
    shapes = {"affine": ((seeds, 40, 9), (seeds, 9, 5), (seeds, 5))}.get(name, ((seeds, 40, 9),))
    rng = np.random.default_rng(0)
    index = {"take_rows": [rng.integers(0, 40, (seeds, 17))]}.get(name, [])
    return [*(3 * rng.normal(size=shape) for shape in shapes), *index]


def _with_gradients(
    autodiff: Autodiff, function: Callable[..., Any], xp: Any, arrays: list[np.ndarray[Any, Any]]
) -> list[np.ndarray[Any, Any]]:
    """The value of a layer, and the gradients in its numbers for a cotangent that weighs each otherwise."""
    numbers = {str(place): autodiff.asarray(array) for place, array in enumerate(arrays) if array.dtype.kind == "f"}
    indices = [autodiff.asarray(array) for array in arrays if array.dtype.kind != "f"]
    value, pull = autodiff.vjp(lambda numbers: function(xp, *numbers.values(), *indices), numbers)
    cotangent = np.cos(np.arange(math.prod(value.shape))).reshape(value.shape)
    return [autodiff.to_numpy(array) for array in (value, *pull(autodiff.asarray(cotangent)).values())]
