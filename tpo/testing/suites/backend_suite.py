"""Tests of a backend. Inherit `BackendSuite` and give it one fixture, `backend`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo.backends.protocols import Autodiff, Backend
from tpo.core.arrays.neutral_ops import neutral_log_softmax
from tpo.errors import InvalidArgumentError
from tpo.plugins import registry
from tpo.testing.golden import digests
from tpo.testing.laws.subjects import dtype_name, scope, widest_dtype
from tpo.testing.suites.operations_suite import OperationsSuite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tpo.testing.laws.groups import Array

FAR = -1e30
"""A hugely negative log-prob, in nats."""

VALUES = np.asarray([[1.0, 2.0, -3.0], [0.5, 0.0, 1e3]])


class BackendSuite(OperationsSuite):
    """Tests of one array library, including the operations of its namespace.

    Example:
        class TestNumpy(BackendSuite):
            @pytest.fixture
            def backend(self):
                return registry.backend("numpy")
    """

    @pytest.fixture
    def backend(self) -> Backend:
        """The backend under test, from `registry.backend(name)`."""
        raise NotImplementedError("a suite must be told what to test: write the fixture `backend`")

    @pytest.fixture(params=["float32", "float64"])
    def dtype(self, request: pytest.FixtureRequest, backend: Backend) -> Iterator[str]:
        """Each floating dtype of the backend, in its scope."""
        name: str = request.param
        if name not in ("float32", widest_dtype(backend)):
            pytest.skip(f"{backend.name} has no {name}")
        with scope(backend, name):
            yield name

    def test_it_keeps_the_protocol(self, backend: Backend) -> None:
        """The backend matches its registered description."""
        info = registry.host().find("backend", registry.host().backends(), backend.name)
        assert isinstance(backend, Backend)
        assert isinstance(backend, Autodiff) == info.differentiates

    @pytest.mark.parametrize("kind", ["float32", "int32", "bool"])
    def test_values_go_in_and_come_out(self, backend: Backend, kind: str) -> None:
        """`asarray` and `to_numpy` are inverse, and the dtype is the namespace's."""
        array = backend.asarray(VALUES, dtype=kind)
        assert array.dtype == getattr(backend.namespace(), kind)
        _check_equal(backend, array, VALUES.astype(kind))

    def test_floating_values_keep_their_dtype(self, backend: Backend, dtype: str) -> None:
        """NumPy arrays keep their values and dtype, including read-only and reversed ones."""
        backwards = VALUES.astype(dtype)[::-1]
        backwards.flags.writeable = False
        array = backend.asarray(backwards)
        assert dtype_name(array) == dtype
        _check_equal(backend, array, backwards)

    def test_it_owns_its_arrays(self, backend: Backend) -> None:
        """The core finds the backend from the type of an array; NumPy arrays belong to NumPy."""
        array_type: Any = type(backend.asarray(VALUES))
        owner = registry.owner_of(array_type)
        assert owner is registry.backend("numpy" if array_type is np.ndarray else backend.name)

    def test_numpy_arrays_are_adopted(self, backend: Backend, dtype: str) -> None:
        """`adopt` converts NumPy arrays to arrays like the given one."""
        like = backend.asarray([1.0])
        adopted = backend.adopt(VALUES.astype(dtype), like)
        assert type(adopted) is type(like)
        _check_equal(backend, adopted, VALUES.astype(dtype))

    def test_stop_gradient_keeps_the_values(self, backend: Backend, dtype: str) -> None:
        """`stop_gradient` keeps values and dtype."""
        _check_equal(backend, backend.stop_gradient(backend.asarray(VALUES, dtype=dtype)), VALUES.astype(dtype))

    @pytest.mark.parametrize("shape", [(50, 9), (5, 20), (9,), (2, 3, 4)])
    def test_log_softmax_is_the_neutral_one(self, backend: Backend, dtype: str, shape: tuple[int, ...]) -> None:
        """`log_softmax` agrees with the neutral one to a few machine epsilons, also far from 0."""
        values = 10 * np.random.default_rng(0).normal(size=shape) - 1000
        array, eps = backend.asarray(values, dtype=dtype), float(np.finfo(dtype).eps)
        own, neutral = backend.log_softmax(array), neutral_log_softmax(backend.namespace(), array)
        assert dtype_name(own) == dtype
        np.testing.assert_allclose(backend.to_numpy(own), backend.to_numpy(neutral), rtol=4 * eps, atol=2 * eps)

    def test_log_softmax_of_impossible_candidates_is_finite(self, backend: Backend, dtype: str) -> None:
        """Impossible candidates get a hugely negative number, and the others are normalized among themselves."""
        values = np.asarray([[np.log(0.25), np.log(0.75), -np.inf], [-np.inf, 0.0, -np.inf]])
        own = backend.to_numpy(backend.log_softmax(backend.asarray(values, dtype=dtype)))
        assert np.isfinite(own).all()
        possible = values != -np.inf
        assert (own[~possible] < FAR).all()
        np.testing.assert_allclose(own[possible], values[possible], rtol=0, atol=8 * float(np.finfo(dtype).eps))
        nothing = backend.to_numpy(backend.log_softmax(backend.asarray(np.full(2, -np.inf), dtype=dtype)))
        assert np.isfinite(nothing).all()

    def test_run_calls_a_function_with_its_namespace(self, backend: Backend, dtype: str) -> None:
        """`run` passes the namespace, absent arrays and options."""
        array = backend.asarray(VALUES, dtype=dtype)
        result = backend.run(_scaled_sum, array, None, factor=2)
        _check_equal(backend, result, 2 * VALUES.astype(dtype).sum(axis=-1))

    def test_exact_targets_are_the_golden_ones(self, backend: Backend, dtype: str) -> None:
        """The exact tier gives the bits recorded in `tpo.testing.golden`."""
        if not backend.keeps_roundings():
            pytest.skip(f"{backend.name} keeps no roundings")
        digests.check(functools.partial(_run_padded, backend), (dtype,))

    def test_a_device_that_is_not_there_is_refused(self, backend: Backend) -> None:
        """An unknown device is refused by name."""
        with pytest.raises(InvalidArgumentError, match=r"device.* must be .*; got 'nowhere:0'"):
            registry.backend(backend.name, "nowhere:0")


def _scaled_sum(xp: Any, array: Any, absent: None, *, factor: int) -> Any:
    assert absent is None
    return factor * xp.sum(array, axis=-1)


def _run_padded(backend: Backend, function: Callable[..., Sequence[Any]], groups: Sequence[Array]) -> tuple[Array, ...]:
    """Run a function on groups padded to two sizes, which changes no bit and avoids compiling for every size."""
    size = groups[0].shape[-1]
    width = next(most for most in map(max, (digests.SIZES, digests.LONG_SIZES)) if most >= size)
    wide = [np.pad(values, [(0, 0), (0, width - size)]) for values in groups]
    return tuple(backend.to_numpy(array)[..., :size] for array in function(*map(backend.asarray, wide)))


def _check_equal(backend: Backend, array: Any, expected: Array) -> None:
    back = backend.to_numpy(array)
    assert type(back) is np.ndarray
    assert back.dtype == expected.dtype
    np.testing.assert_array_equal(back, expected)
