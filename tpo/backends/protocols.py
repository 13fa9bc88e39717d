"""The protocols that an adapter of an array library implements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from tpo.core.arrays.ops import Ops

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np

    from tpo.core.arrays.typing import Array
    from tpo.optimizers import OptimizerSpec

Parameters = Mapping[str, Any]
"""Parameters of a policy: arrays `[seeds, ...]` by dotted name."""

OptimizerState = Any
"""State of an optimizer: a tree of arrays in tuples, lists and dictionaries."""

CarryT = TypeVar("CarryT")
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@runtime_checkable
class Backend(Ops, Protocol):
    """An array library: the operations of `tpo.core` (inherit `tpo.NeutralOps` for them) and conversion of arrays.

    Attributes:
        name: The registered name.
    """

    name: str

    def asarray(self, values: Any, *, dtype: str | None = None) -> Array:
        """Convert `values` to an array on this backend's device; `dtype` is the name of a NumPy dtype."""


@runtime_checkable
class Runner(Backend, Protocol):
    """A backend with control flow, which can run whatever needs no gradients. `tpo.EagerOps` implements it."""

    def compile(self, function: FunctionT) -> FunctionT:
        """Compile a pure function from trees of arrays to trees of arrays, where that pays."""

    def compile_over_seeds(self, function: FunctionT) -> FunctionT:
        """Compile a function whose arrays have the seeds as axis 0; scalars are shared by all seeds.

        The result of a seed must not depend on other seeds, which may be computed together or one after another.
        """

    def scan(self, function: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
        """Scan `carry, y = function(carry, x)` over axis 0 of `xs`; return the last carry and the stacked `y`.

        `xs` and `y` are arrays, or tuples of them.
        """

    def cond(self, predicate: Array, if_true: Callable[[], Any], if_false: Callable[[], Any]) -> Any:
        """Run `if_true()` if `predicate`, a boolean array `[]`, holds, else `if_false()`: never both.

        Both return trees of arrays of the same shapes and dtypes.
        """

    def placeholder(self, function: Callable[..., Any], *arrays: Array) -> Any:
        """Initial value of a scanned carry that will hold `function(*arrays)`: zeros of its shapes, if needed."""

    def bucket_size(self, count: int, limit: int) -> int:
        """Choose the padded length of an array for `count` rows, at most `limit`.

        It is `count` itself, unless each length needs a program of its own to be compiled.
        """

    def shard(self, values: Any, *, dtype: str | None = None) -> Array:
        """Convert `values`, `[S, ...]` with the seeds as axis 0; several devices may share the seeds.

        Results of computations equal those on one device, up to rounding.
        """

    def shard_like(self, values: np.ndarray[Any, Any], like: Array) -> Array:
        """Convert `values` to the dtype and the placement of `like`."""

    def precision(self, dtype: str) -> AbstractContextManager[None]:
        """Open the scope in which arrays of `dtype` exist, for libraries that hide float64 behind a switch."""


@runtime_checkable
class Autodiff(Runner, Protocol):
    """A backend that differentiates, and can therefore train.

    Attributes:
        fused: Native versions of functions in `tpo.policies.layers`, by name, each computing the same function.
    """

    fused: Mapping[str, Callable[..., Array]]

    def vjp(self, function: Callable[[Any], Array], primal: Any) -> tuple[Array, Callable[[Array], Any]]:
        """Return `function(primal)` and its pullback, which maps a cotangent to the gradient in `primal`.

        `primal` is an array or a dictionary of arrays. The pullback may be called once.
        """

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """Create the optimizer that `spec` describes."""


class Optimizer(Protocol):
    """An optimizer as two pure functions. Each seed, along axis 0, is optimized independently."""

    def init(self, params: Parameters) -> OptimizerState:
        """Create the state before the first update."""

    def update(self, grads: Parameters, state: OptimizerState, params: Parameters) -> tuple[Parameters, OptimizerState]:
        """Return parameters and state after one update. The arguments must not be used again."""
