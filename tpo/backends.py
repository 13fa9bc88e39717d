"""What an adapter tells `tpo` about one array library, and the neutral description of an optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from tpo.core.ops import Ops
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np

    from tpo.core.ops import Array

Parameters = Mapping[str, Any]
"""Arrays by dotted name, each `[seeds, ...]`."""

OptimizerState = Any
"""A tree of arrays: tuples, lists and dictionaries."""

CarryT = TypeVar("CarryT")
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@runtime_checkable
class Backend(Ops, Protocol):
    """An array library: what `tpo` itself needs, and what `tpo.core` asks of it: inherit `tpo.NeutralOps` for that.

    Attributes:
        name: As registered.
    """

    name: str

    def asarray(self, values: Any, *, dtype: str | None = None) -> Array:
        """`values` on this backend's device; `dtype` is the name of a NumPy dtype."""


@runtime_checkable
class Runner(Backend, Protocol):
    """A backend with control flow, which can run whatever needs no gradients. `tpo.EagerOps` has all of it."""

    def compile(self, function: FunctionT) -> FunctionT:
        """`function` compiled where that pays: it takes and returns trees of arrays, and is pure."""

    def compile_over_seeds(self, function: FunctionT) -> FunctionT:
        """Like `compile`, for arrays that all have the seeds as axis 0, or no axis at all: those are the same for all.

        What a seed comes to must not depend on the others: they may be computed together, or one after another.
        """

    def scan(self, function: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
        """`carry, y = function(carry, x)` for each `x` along axis 0 of `xs`; the last carry, the stacked `y`.

        `xs` and `y` are arrays, or tuples of them.
        """

    def cond(self, predicate: Array, if_true: Callable[[], Any], if_false: Callable[[], Any]) -> Any:
        """`if_true()` where `predicate`, a boolean array `[]`, holds, and `if_false()` otherwise: never both.

        Both give trees of arrays of the same shapes and dtypes.
        """

    def placeholder(self, function: Callable[..., Any], *arrays: Array) -> Any:
        """What a scanned carry holds until there is a `function(*arrays)`: its tree of shapes, where that matters."""

    def padded(self, count: int, limit: int) -> int:
        """How long an array should be that must hold `count` rows, of `limit` at most.

        `count` itself, unless every length is a program to compile.
        """

    def shard(self, values: Any, *, dtype: str | None = None) -> Array:
        """`values`, `[S, ...]` with the seeds as axis 0; of several devices, each may hold some of the seeds.

        What is computed from such arrays is what it would be on one device, but for roundings.
        """

    def shard_like(self, values: np.ndarray[Any, Any], like: Array) -> Array:
        """`values`, with the dtype of `like`, where `like` is."""

    def precision(self, dtype: str) -> AbstractContextManager[None]:
        """The scope in which arrays of `dtype` exist, for libraries that hide float64 behind a switch."""


@runtime_checkable
class Autodiff(Runner, Protocol):
    """A backend that differentiates, and so can train.

    Attributes:
        fused: Native versions of functions in `tpo.policies.layers`, by name, each computing the same function.
    """

    fused: Mapping[str, Callable[..., Array]]

    def vjp(self, function: Callable[[Any], Array], primal: Any) -> tuple[Array, Callable[[Array], Any]]:
        """`function(primal)` and its pullback, which maps a cotangent to the gradient in `primal`.

        `primal` is an array or a dictionary of arrays. The pullback may be called once.
        """

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """The optimizer that `spec` describes."""


class Optimizer(Protocol):
    """An optimizer as two functions. Every seed, along axis 0, is optimized on its own."""

    def init(self, params: Parameters) -> OptimizerState:
        """The state before the first update."""

    def update(self, grads: Parameters, state: OptimizerState, params: Parameters) -> tuple[Parameters, OptimizerState]:
        """The parameters and state after one update. The arguments must not be used again."""


@dataclass(frozen=True, kw_only=True)
class SGD:
    """Stochastic gradient descent.

    Attributes:
        momentum: Decay of the velocity `v = momentum * v + gradient`; 0 for none.
    """

    momentum: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Adam:
    """Adam (Kingma and Ba 2015).

    Attributes:
        b1: Decay of the first moment.
        b2: Decay of the second moment.
        eps: Added to the root of the second moment.
        nesterov: Whether the first moment looks one step ahead (Dozat 2016).
    """

    b1: float = 0.9
    b2: float = 0.999
    eps: float = 1e-8
    nesterov: bool = False


@dataclass(frozen=True, kw_only=True)
class Muon:
    """Muon (Jordan et al. 2024): momentum orthogonalized by Newton-Schulz iterations, for matrices.

    Per seed, a parameter is `[fan_in, fan_out]`. Its update is scaled by `sqrt(max(1, fan_out / fan_in))`.

    Attributes:
        beta: Decay of the momentum, which is Nesterov's, with bias correction.
        iterations: Newton-Schulz iterations.
        coefficients: Of the quintic iteration.
        eps: Added to the Frobenius norm that the momentum is divided by.
    """

    beta: float = 0.95
    iterations: int = 5
    coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315)
    eps: float = 1e-8


Rule = SGD | Adam | Muon


@dataclass(frozen=True, kw_only=True)
class OptimizerSpec:
    """An optimizer, named per parameter and independent of any library.

    Attributes:
        learning_rate: Above 0, the same for all parameters.
        default: The rule of every parameter not in `rules`.
        rules: Parameter name to the rule it is updated by.

    Raises:
        InvalidArgumentError: `learning_rate` is not positive, or not finite.
    """

    learning_rate: float
    default: Rule = field(default_factory=Adam)
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the learning rate."""
        if not 0 < self.learning_rate < math.inf:
            message = f"`learning_rate` must be positive and finite; got {self.learning_rate}. The paper uses 0.001."
            raise InvalidArgumentError(message)

    def rule_of(self, name: str) -> Rule:
        """The rule that updates the parameter `name`."""
        return self.rules.get(name, self.default)

    def partition(self, names: list[str]) -> dict[Rule, list[str]]:
        """The parameters grouped by rule, in the order given."""
        parts: dict[Rule, list[str]] = {}
        for name in names:
            parts.setdefault(self.rule_of(name), []).append(name)
        return parts


def muon_for(matrices: Iterable[str], learning_rate: float) -> OptimizerSpec:
    """Muon for `matrices`, Adam with Nesterov momentum for the rest, as the paper's transformer experiments have it."""
    rules = dict.fromkeys(matrices, Muon())
    return OptimizerSpec(learning_rate=learning_rate, default=Adam(nesterov=True), rules=rules)


def adam_for(matrices: Iterable[str], learning_rate: float) -> OptimizerSpec:
    """Adam for every parameter."""
    del matrices
    return OptimizerSpec(learning_rate=learning_rate, default=Adam())


def sgd_for(matrices: Iterable[str], learning_rate: float) -> OptimizerSpec:
    """Plain gradient descent for every parameter."""
    del matrices
    return OptimizerSpec(learning_rate=learning_rate, default=SGD())


OPTIMIZERS: Mapping[str, Callable[[Iterable[str], float], OptimizerSpec]] = {
    "muon": muon_for,
    "adam": adam_for,
    "sgd": sgd_for,
}
"""By name: from the parameters that are matrices and a learning rate to the optimizer."""
