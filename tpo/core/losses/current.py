"""Preparing the current log-probs for a loss: one library with the signal, and at least float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from tpo.core.arithmetic.limits import log_ratio_bound
from tpo.core.arrays.elementwise import cast, where_else
from tpo.core.arrays.ops import check_floating, check_same_shape, unify, working_dtype
from tpo.errors import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace


class Signal(Protocol):
    """A signal that is a named tuple."""

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the fields in order."""


class SignalWithValid(Signal, Protocol):
    """A signal with a boolean array `valid`."""

    @property
    def valid(self) -> Array:
        """The candidates `[..., K]` or tokens `[..., K, T]` that count: unmasked, and possible under the old policy."""


AnySignalT = TypeVar("AnySignalT", bound=Signal)
SignalT = TypeVar("SignalT", bound=SignalWithValid)


class Current(NamedTuple):
    """Differentiable log-probs under the current policy, with the library and the bound to compute with.

    Attributes:
        ops: The library of the arrays.
        xp: Its namespace.
        log_probs: `[..., K]` or `[..., K, T]` in nats, in the working dtype: at least float32. The cast from half
            precision rounds the gradient once, on its way back.
        bound: The bound on the magnitude of log-ratios, in nats.
    """

    ops: Ops
    xp: Namespace
    log_probs: Array
    bound: float


def current_candidates(log_probs: Array, signal: SignalT, kind: type[SignalT]) -> tuple[Current, SignalT]:
    """Prepare log-probs of candidates, `[..., K]`, and convert the signal to their library.

    Args:
        log_probs: `[..., K]` real floating, in nats.
        signal: A named tuple with a boolean array `valid`, `[..., K]`.
        kind: The class of the signal that is wanted.

    Raises:
        InvalidTypeError: The signal is another, such as that of another algorithm.
        InvalidArgumentError: The shape is not that of `valid`, or `log_probs` is not floating.
    """
    ops, log_probs, signal = adopt_signal(log_probs, signal, kind)
    check_same_shape(("log_probs",), old_log_probs=signal.valid, log_probs=log_probs)
    return _widened(ops, log_probs), signal


def current_tokens(log_probs: Array, signal: SignalT, kind: type[SignalT]) -> tuple[Current, SignalT]:
    """Prepare log-probs of tokens, `[..., K, T]` and 0 in invalid slots, and convert the signal to their library.

    Args:
        log_probs: `[..., K]` or `[..., K, T]` as the group's, real floating, in nats.
        signal: A named tuple with a boolean array `valid`, `[..., K, T]`; T is 1 for log-probs of candidates.
        kind: The class of the signal that is wanted.

    Raises:
        InvalidTypeError: The signal is another, such as that of another algorithm.
        InvalidArgumentError: The shape is not that of the group's log-probs, or they are not floating.
    """
    ops, log_probs, signal = adopt_signal(log_probs, signal, kind)
    shape, expected = tuple(log_probs.shape), tuple(signal.valid.shape)
    plain = expected[:-1] if expected[-1:] == (1,) else expected
    if shape not in (expected, plain):
        raise _misshapen(plain, shape)
    now = _widened(ops, log_probs)
    tokens = where_else(now.xp, signal.valid, now.xp.reshape(now.log_probs, expected), 0.0)
    return now._replace(log_probs=tokens), signal


def adopt_signal(log_probs: Array, signal: AnySignalT, kind: type[AnySignalT]) -> tuple[Ops, Array, AnySignalT]:
    """Convert log-probs and signal to the library of `log_probs`: a signal may have been prepared in NumPy.

    Inner signals of wrapped algorithms, which are tuples, are left alone: those algorithms convert them.

    Raises:
        InvalidTypeError: The signal is not of the class `kind`.
    """
    check_signal(signal, kind)
    fields = list(signal)
    arrays = {f"signal[{place}]": value for place, value in enumerate(fields) if not isinstance(value, tuple)}
    ops, (log_probs, *adopted) = unify(log_probs=log_probs, **arrays)
    remaining = iter(adopted)
    owned = [value if isinstance(value, tuple) else next(remaining) for value in fields]
    return ops, log_probs, type(signal)(*owned)


def check_signal(signal: Any, kind: type) -> None:
    """Raise an error for a signal that is not of the class that an algorithm prepares.

    Raises:
        InvalidTypeError: It is a group, or the signal of another algorithm.
    """
    if not isinstance(signal, kind):
        message = f"`signal` must be a {kind.__name__}, which `prepare` returns; got {type(signal).__name__}."
        raise InvalidTypeError(f"{message} Pass algorithm.prepare(group) of the same algorithm.")


def check_log_probs(xp: Namespace, log_probs: Array | None, old_log_probs: Array) -> None:
    """Raise an error for log-probs that do not fit the group.

    Args:
        xp: The library of the arrays.
        log_probs: The log-probs of a caller.
        old_log_probs: An array shaped as those of the group.

    Raises:
        InvalidArgumentError: They are missing, not floating, or of another shape.
    """
    expected, found = tuple(old_log_probs.shape), None if log_probs is None else tuple(log_probs.shape)
    if found != expected:
        raise _misshapen(expected, found)
    check_floating(xp, log_probs=log_probs)


def _misshapen(expected: tuple[int, ...], found: tuple[int, ...] | None) -> InvalidArgumentError:
    message = f"`log_probs` must have the shape of the group's `old_log_probs`, {expected}; got {found}."
    return InvalidArgumentError(message)


def _widened(ops: Ops, log_probs: Array) -> Current:
    xp = ops.namespace()
    check_floating(xp, log_probs=log_probs)
    wide = cast(xp, log_probs, working_dtype(xp, log_probs.dtype))
    return Current(ops, xp, wide, log_ratio_bound(xp, log_probs.dtype))
