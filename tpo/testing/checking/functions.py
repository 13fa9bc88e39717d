"""Wrapping a user's function as a loss: its signature, and attribution of its errors."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.backends.protocols import Autodiff
from tpo.core.loss import Loss
from tpo.errors import InvalidArgumentError, InvalidTypeError, TPOError
from tpo.testing.laws.groups import PLAIN, as_tokens, plain_groups
from tpo.testing.laws.subjects import Differentiated, Values, dtype_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tpo.backends.protocols import Backend
    from tpo.core.arrays.typing import Namespace
    from tpo.testing.laws.groups import Array, Groups
    from tpo.testing.laws.outcomes import Outcome
    from tpo.testing.laws.subjects import LossFunction

TOKEN_MASK = "token_mask"  # noqa: S105 - no password
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

CONTRACT = (
    "(log_probs, scores, old_log_probs), each [..., K], or (log_probs, scores, old_log_probs, token_mask), with "
    "log-probs of tokens, [..., K, T], and return one loss per group, [...]"
)


class LossFailedError(InvalidArgumentError):
    """A loss that raised an exception.

    Attributes:
        reason: The exception, in words.
    """

    def __init__(self, message: str, reason: str) -> None:
        """Create the error from a full `message` and the `reason` alone."""
        super().__init__(message)
        self.reason = reason


class Kind(NamedTuple):
    """The signature of a loss.

    Attributes:
        takes_tokens: Whether it takes per-token log-probs and a token mask.
        call: Calls a loss with log-probs and the other arrays by name.
    """

    takes_tokens: bool
    call: Callable[[Callable[..., Any], Any, Mapping[str, Any]], Any]

    def groups(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """Make groups for losses of this kind; `shape` is `[..., K]`."""
        return as_tokens(plain_groups(shape)) if self.takes_tokens else plain_groups(shape)


def _by_place(names: tuple[str, ...]) -> Callable[..., Any]:
    return lambda loss, log_probs, data: loss(log_probs, *(data[name] for name in names[1:]))


def _by_name(loss: Callable[..., Any], log_probs: Any, data: Mapping[str, Any]) -> Any:
    return loss(log_probs, data["scores"], data["old_log_probs"], token_mask=data[TOKEN_MASK])


OF_CANDIDATES = Kind(takes_tokens=False, call=_by_place(PLAIN))
OF_TOKENS = Kind(takes_tokens=True, call=_by_place((*PLAIN, TOKEN_MASK)))
WITH_A_TOKEN_MASK = Kind(takes_tokens=True, call=_by_name)


def kind_of(loss: Callable[..., Any]) -> Kind:
    """Determine the kind of a loss from its signature: tokens, if it has a `token_mask` or four required parameters.

    Raises:
        InvalidTypeError: It cannot be called with three arrays, or four.
    """
    if not callable(loss):
        raise InvalidTypeError(f"the loss must be a function of {CONTRACT}; got {type(loss).__name__}. Name one.")
    try:
        signature = inspect.signature(loss)
    except ValueError:
        # Some compiled functions have no signature that can be read; the call fails if they take other arguments.
        return OF_CANDIDATES
    places = [p for p in signature.parameters.values() if p.kind in POSITIONAL]
    named = TOKEN_MASK in signature.parameters
    needed = [p.name for p in places if named or p.default is p.empty]
    fourth = needed[len(PLAIN) :][:1] == [TOKEN_MASK] if named else len(needed) == len(PLAIN) + 1
    kind = OF_TOKENS if fourth else WITH_A_TOKEN_MASK if named else OF_CANDIDATES
    try:
        signature.bind(*PLAIN, *[TOKEN_MASK] * fourth, **({TOKEN_MASK: TOKEN_MASK} if named and not fourth else {}))
    except TypeError as error:
        message = f"the loss must take {CONTRACT}; got a function that does not: {error}. Give the rest defaults."
        raise InvalidTypeError(message) from error
    return kind


@contextmanager
def _blaming_the_loss(backend: Backend, *spared: type[Exception]) -> Iterator[None]:
    """Turn every exception, including `SystemExit`, into a `LossFailedError`."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except spared:
        raise
    except BaseException as error:
        words = str(error).partition("\n")[0].rstrip(".")
        reason = f"{type(error).__name__}: {words}" if words else type(error).__name__
        message = f"the loss must run on {backend.name}; got {reason}."
        raise LossFailedError(f"{message} If it is made for one library, say which: --backend.", reason) from error


def as_loss(backend: Backend, loss: Callable[..., Any], kind: Kind) -> LossFunction:
    """Wrap a function that returns one number per group as a loss with weights of 1."""
    xp = backend.namespace()

    def weighed(log_probs: Any, data: Mapping[str, Any]) -> Loss:
        with _blaming_the_loss(backend):
            value = kind.call(loss, log_probs, data)
        shape, expected = getattr(value, "shape", None), data["scores"].shape[:-1]
        if shape is None or tuple(shape) != tuple(expected):
            got = type(value).__name__ if shape is None else f"the shape {tuple(shape)}"
            message = f"the loss must be one number per group, {tuple(expected)} for these; got {got}."
            raise InvalidArgumentError(f"{message} Reduce over candidates and their tokens, and only over those.")
        if not _is_real(xp, value):
            message = f"the loss must be real floating; got {dtype_name(value)}."
            raise InvalidArgumentError(f"{message} Only real floating-point numbers have a gradient: return such.")
        return Loss(value, xp.ones_like(value))

    return weighed


def _is_real(xp: Namespace, value: Any) -> bool:
    """Whether a loss is of a real floating dtype."""
    try:
        return bool(xp.isdtype(value.dtype, "real floating"))
    except (AttributeError, TypeError, ValueError):  # of another library than `xp`
        return "float" in dtype_name(value)


class _Values(Values):
    """A user's function on a backend that does not differentiate."""

    def outcome(self, groups: Groups) -> Outcome:
        """Evaluate it."""
        with _blaming_the_loss(self.backend, TPOError):
            return super().outcome(groups)


class _Differentiated(_Values, Differentiated):
    """A user's function on a backend that differentiates; its backward pass may fail, too."""

    def leaks(self, groups: Groups) -> Mapping[str, Array]:
        """Compute the gradients in the arrays that models computed."""
        with _blaming_the_loss(self.backend, TPOError):
            return super().leaks(groups)


def function_subject(backend: Backend, loss: LossFunction, dtype: str) -> Values:
    """Wrap `loss` on `backend` without compilation, as a subject of the laws."""
    return _Differentiated(backend, loss, dtype) if isinstance(backend, Autodiff) else _Values(backend, loss, dtype)
