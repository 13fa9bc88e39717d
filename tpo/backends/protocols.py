"""What an adapter tells `tpo` about one array library."""

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

    def bucket_size(self, count: int, limit: int) -> int:
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
