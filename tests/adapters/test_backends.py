"""The suites of `tpo.testing` on the built-in adapters, and tests specific to one adapter."""

import numpy as np
import pytest

from tpo.plugins import registry
from tpo.testing import AutodiffSuite, BackendSuite


class TestNumpy(BackendSuite):
    @pytest.fixture
    def backend(self):
        return registry.backend("numpy")


class TestMlx(BackendSuite):
    @pytest.fixture
    def backend(self):
        return registry.backend("mlx")


class TestTorch(AutodiffSuite):
    @pytest.fixture
    def autodiff(self):
        return registry.backend("torch")


class TestJax(AutodiffSuite):
    @pytest.fixture
    def autodiff(self):
        return registry.backend("jax")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_jax_has_float64_in_its_scope_and_not_before_or_after(dtype):
    jax = registry.backend("jax")
    assert jax.asarray(np.ones(2)).dtype == "float32"
    with jax.precision(dtype):
        assert jax.asarray(np.ones(2)).dtype == dtype
    assert jax.asarray(np.ones(2)).dtype == "float32"
