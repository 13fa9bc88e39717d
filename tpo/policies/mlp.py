"""A multilayer perceptron that gives a distribution over actions.

One definition for every backend. Parameters are a flat dictionary, and every array has the seeds as axis 0. In shapes:
S seeds, N rows, D inputs, K actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import InvalidArgumentError
from tpo.policies.initializers import lecun_normal
from tpo.policies.layers import dense, relu, scaled_dense, scaled_dense_on_shared
from tpo.policies.sampling import invert

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff, Parameters
    from tpo.core.arrays.typing import Array

LEAST_WIDTHS = 2


@dataclass(frozen=True, kw_only=True)
class MLP:
    """Dense layers with ReLU between them, and a softmax over actions.

    Kernels are initialized from normals truncated at two deviations with variance 1 over the number of inputs (LeCun et
    al. 1998); biases start at 0.

    Attributes:
        widths: Widths of all layers: at least the number of inputs and the number of actions.
        input_scale: Factor of the inputs: 1/255 for bytes.

    Raises:
        InvalidArgumentError: There are fewer than two widths, or one is below 1.

    Source:
        The policy of Kaddour 2026, section 3.3. Its initialization is not published; this is that of the paper's
        transformer.
    """

    widths: tuple[int, ...] = (784, 50, 50, 10)
    input_scale: float = 1.0

    def __post_init__(self) -> None:
        """Check the widths."""
        if len(self.widths) < LEAST_WIDTHS or min(self.widths) < 1:
            message = f"`widths` must be at least two numbers from 1 on; got {self.widths}."
            raise InvalidArgumentError(f"{message} The first is that of the inputs, the last that of the actions.")

    @property
    def matrices(self) -> tuple[str, ...]:
        """The parameters that Muon updates: the kernels."""
        return tuple(f"{name}.kernel" for name in self._layers)

    @property
    def _layers(self) -> tuple[str, ...]:
        return tuple(f"layers.{number}" for number in range(len(self.widths) - 1))

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the parameters of one seed, float64, without the seeds axis."""
        params: dict[str, np.ndarray[Any, Any]] = {}
        for name, (fan_in, fan_out) in zip(self._layers, pairwise(self.widths), strict=True):
            params |= {f"{name}.kernel": lecun_normal(rng, fan_in, fan_out), f"{name}.bias": np.zeros(fan_out)}
        return params

    def log_probs(self, backend: Autodiff, params: Parameters, x: Array) -> Array:
        """Log-probs of the actions, `[S, N, K]` in nats, for inputs `[S, N, D]`; differentiable in `params`."""
        return self._after_first(backend, params, scaled_dense(backend, params, self._layers[0], x, self.input_scale))

    def log_probs_on_shared(self, backend: Autodiff, params: Parameters, x: Array) -> Array:
        """Log-probs of the actions, `[S, N, K]`, for inputs `[N, D]` shared by all seeds, with less work."""
        return self._after_first(
            backend, params, scaled_dense_on_shared(backend, params, self._layers[0], x, self.input_scale)
        )

    def sample(self, backend: Autodiff, log_probs: Array, noise: Array, dtype: Any) -> Array:
        """Sample one action per row, `[S, N]` of `dtype`, from log-probs `[S, N, K]` and uniform numbers `[S, N]`."""
        return invert(backend.namespace(), log_probs, noise[..., None], dtype)[..., 0]

    def _after_first(self, backend: Autodiff, params: Parameters, x: Array) -> Array:
        for name in self._layers[1:]:
            x = dense(backend, params, name, relu(backend, x))
        return backend.log_softmax(x)
