"""Tests of a backend that differentiates. Inherit `AutodiffSuite` and give it one fixture, `autodiff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo import TPO, Group, candidate_weights, target
from tpo.plugins import registry
from tpo.testing.laws.groups import PLAIN, plain_groups
from tpo.testing.laws.subjects import scope, widest_dtype
from tpo.testing.suites.backend_suite import BackendSuite
from tpo.testing.suites.compile_suite import CompileSuite
from tpo.testing.suites.gradients_suite import GradientsSuite
from tpo.testing.suites.layers_suite import LayersSuite
from tpo.testing.suites.namespace import needed
from tpo.testing.suites.operations_suite import OF_TRAINING, check_operation
from tpo.testing.suites.optimizer_suite import OptimizerSuite
from tpo.testing.suites.scan_suite import ScanSuite, check_equal
from tpo.testing.suites.steps_suite import StepsSuite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.backends.protocols import Autodiff, Backend


TRAINING = needed("training")


class AutodiffSuite(ScanSuite, CompileSuite, GradientsSuite, LayersSuite, OptimizerSuite, StepsSuite, BackendSuite):
    """Tests of one array library that differentiates; it includes the other suites of array libraries.

    Example:
        class TestTorch(AutodiffSuite):
            @pytest.fixture
            def autodiff(self):
                return registry.backend("torch")
    """

    @pytest.fixture
    def autodiff(self) -> Autodiff:
        """The backend under test, from `registry.backend(name)`."""
        raise NotImplementedError("a suite must be told what to test: write the fixture `autodiff`")

    @pytest.fixture
    def backend(self, autodiff: Autodiff) -> Backend:
        """The backend under test, for the tests of `BackendSuite`."""
        return autodiff

    @pytest.fixture
    def wide(self, autodiff: Autodiff) -> Iterator[Autodiff]:
        """The backend under test, with its widest dtype."""
        with scope(autodiff, widest_dtype(autodiff)):
            yield autodiff

    @pytest.mark.parametrize("name", [*TRAINING.functions, *TRAINING.dtypes])
    def test_the_namespace_has_what_training_calls(self, autodiff: Autodiff, name: str) -> None:
        """Training calls functions of the namespace in addition to those of the core."""
        assert hasattr(autodiff.namespace(), name)

    @pytest.mark.parametrize("name", OF_TRAINING)
    def test_operation_of_training(self, autodiff: Autodiff, name: str) -> None:
        """Each operation gives NumPy's numbers, shape and dtype."""
        check_operation(autodiff, name)

    def test_vjp_of_an_array(self, wide: Autodiff) -> None:
        """`vjp` gives value and gradient, and does not change its argument."""
        x, cotangent = wide.asarray(np.asarray([1.0, 2.0, 3.0])), wide.asarray(np.asarray([1.0, 10.0, 100.0]))
        value, pull = wide.vjp(lambda x: x * x * x, x)
        check_equal(wide, value, [1, 8, 27])
        check_equal(wide, pull(cotangent), [3, 120, 2700])
        check_equal(wide, x, [1, 2, 3])

    def test_vjp_of_a_dictionary_with_a_parameter_that_is_not_used(self, wide: Autodiff) -> None:
        """Every name gets a gradient, 0 for unused parameters."""
        xp, given = wide.namespace(), {"b": [2.0, 3.0], "a": [1.0], "c": 5.0}
        params = {name: wide.asarray(np.asarray(values)) for name, values in given.items()}
        value, pull = wide.vjp(lambda p: xp.sum(p["b"] * p["b"]) * p["a"][0], params)
        grads = pull(2 * xp.ones_like(value))
        check_equal(wide, value, 13)
        assert set(grads) == set(given)
        for name, expected in {"b": [8, 12], "a": [26], "c": 0}.items():
            check_equal(wide, grads[name], expected)

    def test_what_ignores_its_input_has_gradient_zero(self, wide: Autodiff) -> None:
        """The gradient in an unused input is 0, in the input's shape."""
        x = wide.asarray(np.asarray([3.0, 4.0]))
        value, pull = wide.vjp(lambda x: wide.namespace().ones_like(wide.stop_gradient(x)), x)
        check_equal(wide, value, [1, 1])
        check_equal(wide, pull(wide.namespace().ones_like(value)), [0, 0])

    def test_what_vjp_returns_is_constant(self, wide: Autodiff) -> None:
        """Results of `vjp` are constant, also inside another `vjp`."""

        def through(x: Any) -> Any:
            value, pull = wide.vjp(lambda y: y * y, wide.stop_gradient(x))
            return wide.stop_gradient(value + pull(value)) + 0 * x

        x = wide.asarray(np.asarray([3.0]))
        value, pull = wide.vjp(through, x)
        check_equal(wide, value, [9 + 9 * 6])
        check_equal(wide, pull(x), [0])

    def test_stop_gradient_drops_the_gradient(self, wide: Autodiff) -> None:
        """`stop_gradient` removes the gradient through its argument, and no other."""
        x = wide.asarray(np.asarray([2.0, 3.0]))
        value, pull = wide.vjp(lambda x: wide.stop_gradient(x) * x, x)
        check_equal(wide, value, [4, 9])
        check_equal(wide, pull(wide.namespace().ones_like(value)), [2, 3])

    def test_a_gradient_that_is_given_is_the_gradient(self, wide: Autodiff) -> None:
        """The given gradient is multiplied by its group's cotangent; where it is 0, infinite log-probs do no harm."""
        xp = wide.namespace()
        x, given = wide.asarray(np.asarray([[1.0, -np.inf], [3.0, 4.0]])), np.asarray([[5.0, 0.0], [-7.0, 2.0]])

        def valued(x: Any) -> Any:
            value = wide.stop_gradient(xp.sum(xp.clip(x, -1.0), axis=-1))
            return wide.with_gradient(value, x, wide.stop_gradient(wide.asarray(given)))

        value, pull = wide.vjp(valued, x)
        check_equal(wide, value, [0, 7])
        check_equal(wide, pull(wide.asarray(np.asarray([2.0, 10.0]))), [[10, 0], [-70, 20]])

    def test_it_owns_what_is_differentiated(self, wide: Autodiff) -> None:
        """The core finds the backend from traced arrays, too."""
        owners: list[Any] = []

        def watched(x: Any) -> Any:
            traced: Any = type(x)
            owners.append(registry.owner_of(traced))
            return x

        wide.vjp(watched, wide.asarray(np.asarray([1.0])))
        assert owners[0] is registry.backend(wide.name)

    def test_numpy_arrays_are_adopted_while_something_is_differentiated(self, wide: Autodiff) -> None:
        """NumPy data can be combined with traced log-probs."""
        x = wide.asarray(np.asarray([2.0, 3.0]))
        data = np.asarray([5.0, 7.0], wide.to_numpy(x).dtype)
        value, pull = wide.vjp(lambda x: x * wide.adopt(data, x), x)
        check_equal(wide, value, [10, 21])
        check_equal(wide, pull(wide.namespace().ones_like(value)), [5, 7])

    @pytest.mark.parametrize("precision", ["exact", "fast"])
    def test_the_gradient_of_tpo_is_p_minus_q(self, wide: Autodiff, precision: Any) -> None:
        """The gradient is `p - q`, and exactly 0 for a tied group."""
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
        """A float64 array of NumPy is converted in the same way before and after a scope."""
        before = autodiff.asarray(np.ones(2)).dtype
        for dtype in {"float32", widest_dtype(autodiff)}:
            with autodiff.precision(dtype):
                third = autodiff.compile(lambda x: x / 3)(autodiff.asarray(1.0, dtype=dtype))
                assert float(third) == float(np.asarray(1, dtype) / np.asarray(3, dtype))
        assert autodiff.asarray(np.ones(2)).dtype == before
