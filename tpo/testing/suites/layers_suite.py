"""Tests of a backend's native versions of layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo.policies import layers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.backends.protocols import Autodiff


class LayersSuite:
    """Tests of `Autodiff.fused`; `AutodiffSuite` includes them."""

    def test_only_layers_are_fused(self, autodiff: Autodiff) -> None:
        """Every native version has a layer; otherwise it would never be called."""
        assert [name for name in autodiff.fused if not hasattr(layers, name)] == []

    @pytest.mark.parametrize("seeds", [1, 2])
    def test_fused_layers_compute_what_they_stand_for(self, wide: Autodiff, seeds: int) -> None:
        """Native layers and their gradients agree with the neutral ones to a few machine epsilons."""
        if not wide.fused:
            pytest.skip(f"{wide.name} fuses no layers")
        xp = wide.namespace()
        for name, native in wide.fused.items():
            arrays = layer_arguments(name, seeds)
            own, neutral = (_with_gradients(wide, f, xp, arrays) for f in (native, getattr(layers, name)))
            for one, other in zip(own, neutral, strict=True):
                eps = np.finfo(other.dtype).eps
                np.testing.assert_allclose(one, other, rtol=64 * eps, atol=256 * eps, err_msg=name)


def layer_arguments(name: str, seeds: int) -> list[np.ndarray[Any, Any]]:
    """Make arguments for the function called `name` in `tpo.policies.layers`."""
    shapes = {"affine": ((seeds, 40, 9), (seeds, 9, 5), (seeds, 5))}.get(name, ((seeds, 40, 9),))
    rng = np.random.default_rng(0)
    index = {"take_rows": [rng.integers(0, 40, (seeds, 17))]}.get(name, [])
    return [*(3 * rng.normal(size=shape) for shape in shapes), *index]


def _with_gradients(
    autodiff: Autodiff, function: Callable[..., Any], xp: Any, arrays: list[np.ndarray[Any, Any]]
) -> list[np.ndarray[Any, Any]]:
    """Evaluate a layer, and its gradients for a cotangent with different entries."""
    numbers = {str(place): autodiff.asarray(array) for place, array in enumerate(arrays) if array.dtype.kind == "f"}
    indices = [autodiff.asarray(array) for array in arrays if array.dtype.kind != "f"]
    value, pull = autodiff.vjp(lambda numbers: function(xp, *numbers.values(), *indices), numbers)
    cotangent = np.cos(np.arange(math.prod(value.shape))).reshape(value.shape)
    return [autodiff.to_numpy(array) for array in (value, *pull(autodiff.asarray(cotangent)).values())]
