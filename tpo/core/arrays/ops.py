"""Finding the library of the arrays of a call, and the operations that the Array API has no name for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

import array_api_compat

from tpo.core.arrays.libraries import LOOKUP, OWNERS
from tpo.core.arrays.neutral_ops import PlainOps
from tpo.core.arrays.numpy_arrays import NUMPY, usable
from tpo.errors import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from tpo.core.arrays.typing import Array, Namespace

SINGLE_BITS = 32

SUM_TOKENS_FIRST = "Sum token log-probs first: tpo.sequence_log_probs()."


class Ops(Protocol):
    """The operations that the core needs from the library that owns the arrays."""

    def namespace(self) -> Namespace:
        """The Array API namespace."""

    def stop_gradient(self, array: Array) -> Array:
        """The same values, with the gradient stopped."""

    def log_softmax(self, array: Array) -> Array:
        """Log-softmax over the last axis, with `-inf` replaced by a finite floor, so that every result is finite."""

    def with_gradient(self, value: Array, array: Array, gradient: Array) -> Array:
        """Give `value`, `[...]`, the gradient `gradient` in `array`; both are `[..., K]`.

        `value` is constant. `gradient` may be differentiable: its own gradient is then the second derivative.
        """

    def with_own_gradient(self, function: Callable[[Array], tuple[Array, Array]], array: Array) -> Array:
        """Evaluate a function that returns its own gradient in `array`, `[..., K]`, and attach it to the value.

        `function` returns a value, `[...]`, and its gradient, `[..., K]`. It may be called again to differentiate the
        gradient.
        """

    def own(self, array: Array) -> Array:
        """`array` in a form that the library can compute and differentiate with now."""

    def adopt(self, values: Array, like: Array) -> Array:
        """Convert NumPy `values` to an array of this library, on the device of `like`."""

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """Copy the values to a NumPy array on the host."""

    def run(self, function: Callable[..., Array], *arrays: Array | None, **options: Any) -> Array:
        """Call `function(namespace, *arrays, **options)`, compiled if the library is slow to start single operations.

        `function` is pure, and its options are hashable. A function with the attribute `same_bits` gives the same bits
        in every library, and may be run in another library.
        """

    def keeps_roundings(self) -> bool:
        """Whether operations currently round as written, which the exact tier depends on."""


@functools.cache
def _plain_ops(namespace: Namespace) -> PlainOps:
    return PlainOps(namespace)


def _ops_of(owner_name: Callable[[type], str | None], name: str, array: Array) -> Ops:
    owner = owner_name(type(array))
    if owner is not None:
        adapter: Ops = getattr(OWNERS, owner)
        return adapter
    if array_api_compat.is_array_api_obj(array):
        return _plain_ops(array_api_compat.array_namespace(array))
    message = (
        f"`{name}` must be an array; got {type(array).__name__}. "
        "Convert it first: numpy.asarray(...), torch.tensor(...) or jax.numpy.asarray(...)."
    )
    raise InvalidTypeError(message)


def namespace_of(array: Array, name: str = "array") -> Namespace:
    """Find the Array API namespace of an array, called `name` in errors.

    Raises:
        InvalidTypeError: It is no plain array.
        InvalidArgumentError: It is a NumPy array that holds no real numbers of at most 64 bits.
    """
    array = usable(name, array) if isinstance(array, NUMPY) else array
    return _ops_of(LOOKUP.owner_name, name, array).namespace()


def unify(**arrays: Array | None) -> tuple[Ops, tuple[Array | None, ...]]:
    """Find the library of `arrays` and convert NumPy arrays among them to it.

    `None` stands for an absent array and stays.

    Returns:
        The library's `Ops`, and the arrays in the order given.

    Raises:
        InvalidTypeError: One of them is no plain array, or two libraries other than NumPy meet.
        InvalidArgumentError: A NumPy array holds no real numbers of at most 64 bits.
    """
    owner_name, kinds = LOOKUP.owner_name, {type(array) for array in arrays.values() if array is not None}
    if len(kinds) == 1 and not issubclass(next(iter(kinds)), NUMPY):
        # Arrays of one library are the usual case. This branch is three times as fast; eager losses run in every epoch.
        name, array = next((name, array) for name, array in arrays.items() if array is not None)
        ops = _ops_of(owner_name, name, array)
        return ops, tuple(array if array is None else ops.own(array) for array in arrays.values())
    arrays = {name: usable(name, array) if isinstance(array, NUMPY) else array for name, array in arrays.items()}
    owners = {name: _ops_of(owner_name, name, array) for name, array in arrays.items() if array is not None}
    foreign = {name: ops for name, ops in owners.items() if not isinstance(arrays[name], NUMPY)}
    if not owners:
        raise InvalidTypeError(f"`{next(iter(arrays))}` must be an array; got None.")
    if not foreign:
        return next(iter(owners.values())), tuple(arrays.values())
    first, ops = next(iter(foreign.items()))
    for name, other in foreign.items():
        if other is not ops:
            message = (
                f"`{first}` and `{name}` must come from one array library; got {_describe(arrays[first])} and "
                f"{_describe(arrays[name])}. Convert one of them; only NumPy arrays are converted for you."
            )
            raise InvalidTypeError(message)
    like = arrays[first]
    unified = (a if a is None else ops.own(a) if name in foreign else ops.adopt(a, like) for name, a in arrays.items())
    return ops, tuple(unified)


def _describe(array: Array) -> str:
    return f"{type(array).__module__.split('.')[0]} ({type(array).__name__})"


def check_same_shape(log_probs: Sequence[str] = (), /, **arrays: Array | None) -> None:
    """Raise an error if shapes differ, naming the first two; those called `log_probs` may have an axis of tokens.

    Raises:
        InvalidArgumentError: Two shapes differ, or the arrays have no group axis.
    """
    present = {name: tuple(array.shape) for name, array in arrays.items() if array is not None}
    first, shape = next(iter(present.items()))
    if not shape:
        raise InvalidArgumentError(f"`{first}` must have the shape [..., K]; got (). Add a group axis: x[None].")
    for name, other in present.items():
        if other != shape:
            both = ((first, shape, other), (name, other, shape))
            tokens = any(one in log_probs and longer[:-1] == rest for one, longer, rest in both)
            message = f"`{first}` and `{name}` must have the same shape [..., K]; got {shape} and {other}."
            raise InvalidArgumentError(f"{message} {SUM_TOKENS_FIRST}" if tokens else message)


def check_floating(xp: Namespace, **arrays: Array | None) -> None:
    """Raise an error if an array is not real floating.

    Raises:
        InvalidArgumentError: An array of integers, booleans or complex numbers.
    """
    for name, array in arrays.items():
        if array is not None and not xp.isdtype(array.dtype, "real floating"):
            raise InvalidArgumentError(f"`{name}` must be real floating; got {array.dtype}. Convert it to float32.")


def check_mask(xp: Namespace, **masks: Array | None) -> None:
    """Raise an error if a mask is not boolean.

    Raises:
        InvalidArgumentError: A mask has another dtype.
    """
    for name, mask in masks.items():
        if mask is not None and not xp.isdtype(mask.dtype, "bool"):
            raise InvalidArgumentError(f"`{name}` must be boolean; got {mask.dtype}. Convert it: {name} != 0.")


def unify_groups(*, mask: Array | None, **arrays: Array) -> tuple[Ops, tuple[Any, ...]]:
    """Unify real floating arrays over groups, `[..., K]`, and their mask, and check them; the mask comes last.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.
    """
    ops, unified = unify(**arrays, mask=mask)
    xp, floating = ops.namespace(), dict(zip(arrays, unified, strict=False))
    check_same_shape(("log_probs",), **floating, mask=unified[-1])
    check_floating(xp, **floating)
    check_mask(xp, mask=unified[-1])
    return ops, unified


def working_dtype(xp: Namespace, dtype: Any) -> Any:
    """The dtype for computation: at least float32, since squares of half-precision scores overflow."""
    return dtype if xp.finfo(dtype).bits >= SINGLE_BITS else xp.float32
