"""The laws checked on anyone's loss: which hold, which break, and the smallest group that shows it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo import plugins
from tpo.core.loss import Loss
from tpo.errors import InvalidArgumentError, InvalidTypeError
from tpo.testing.groups import PLAIN, plain_groups
from tpo.testing.laws import LAWS, broken
from tpo.testing.outcomes import breaks
from tpo.testing.shrink import ROWS, shrink
from tpo.testing.subjects import function_subject, scope, widest_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tpo.backends import Backend
    from tpo.testing.groups import Array, Groups
    from tpo.testing.laws import Law
    from tpo.testing.outcomes import Subject
    from tpo.testing.subjects import LossFunction

SIZE = 5
SINGLE = "float32"
TOLERANCE = 1e4
"""Machine epsilons of the largest number in a group; a loss by plain formulas stays far below."""

CONTRACT = "(log_probs, scores, old_log_probs), each [..., K], and return one loss per group, [...]"


class Counterexample(NamedTuple):
    """A group in which a law breaks, as small as it was found to be.

    Attributes:
        group: Each array's numbers, `[K]`, by name.
        what: The part of the outcome that is wrong.
        got: What came, a number or `[K]`.
        expected: What should have.
    """

    group: Mapping[str, list[float]]
    what: str
    got: list[float]
    expected: list[float]


class Verdict(NamedTuple):
    """Whether a law holds for a loss on one backend.

    Attributes:
        law: A name from `tpo.testing.laws.LAWS`.
        backend: A registered name.
        counterexample: `None` where it holds.
    """

    law: str
    backend: str
    counterexample: Counterexample | None

    @property
    def holds(self) -> bool:
        """Whether no group was found that breaks it."""
        return self.counterexample is None


def check_loss(loss: Callable[..., Any], backends: Sequence[str]) -> Iterator[Verdict]:
    """Check the laws on a loss of `(log_probs, scores, old_log_probs)`, on each backend in turn.

    Laws about gradients are left out on a backend that does not differentiate.

    Args:
        loss: Takes three arrays of the backend, `[..., K]`, and returns `[...]`.
        backends: Registered names.

    Yields:
        A `Verdict` per law and backend.

    Raises:
        InvalidTypeError: `loss` cannot be called with three arrays.
        InvalidArgumentError: It fails, returns another shape, or depends on nothing.
        UnknownNameError: No backend has that name.
        NotInstalledError: A backend's library is missing.
    """
    check_signature(loss)
    for name in backends:
        yield from _check_on(plugins.backend(name), loss)


def check_signature(loss: Callable[..., Any]) -> None:
    """Refuse what cannot be called with three arrays.

    Raises:
        InvalidTypeError: It cannot.
    """
    if not callable(loss):
        raise InvalidTypeError(f"the loss must be a function of {CONTRACT}; got {type(loss).__name__}. Name one.")
    try:
        inspect.signature(loss).bind(*PLAIN)
    except TypeError as error:
        message = f"the loss must take {CONTRACT}; got a function that does not: {error}. Give the rest defaults."
        raise InvalidTypeError(message) from error
    except ValueError:
        """No signature to read, as that of some compiled functions: calling it will tell."""


def _check_on(backend: Backend, loss: Callable[..., Any]) -> Iterator[Verdict]:
    function, groups = _as_loss(backend, loss), plain_groups((ROWS, SIZE))
    widest = widest_dtype(backend)
    with scope(backend, widest):
        with np.errstate(all="ignore"):
            gradient = function_subject(backend, function, widest).outcome(groups).gradient
        if gradient is not None and not gradient.any():
            message = f"the loss must depend on `log_probs`; got a gradient of 0 on {backend.name} for every group."
            raise InvalidArgumentError(f"{message} Compute it from `log_probs` without detaching them.")
        for name, law in LAWS.items():
            if gradient is not None or not law.about_gradients:
                dtypes = {widest, SINGLE} if law.in_single_too else {widest}
                subjects = [function_subject(backend, function, dtype) for dtype in sorted(dtypes, reverse=True)]
                found = (_counterexample(law, subject, groups) for subject in subjects)
                yield Verdict(name, backend.name, next(filter(None, found), None))


def _as_loss(backend: Backend, loss: Callable[..., Any]) -> LossFunction:
    xp = backend.namespace()

    def weighed(log_probs: Any, data: Mapping[str, Any]) -> Loss:
        try:
            value = loss(log_probs, data["scores"], data["old_log_probs"])
        except Exception as error:  # whatever a stranger's function raises
            reason = str(error).partition("\n")[0].rstrip(".")
            message = f"the loss must run on {backend.name}; got {type(error).__name__}: {reason}."
            raise InvalidArgumentError(f"{message} If it is made for one library, say which: --backend.") from error
        shape, expected = getattr(value, "shape", None), log_probs.shape[:-1]
        if shape is None or tuple(shape) != tuple(expected):
            got = type(value).__name__ if shape is None else f"the shape {tuple(shape)}"
            message = f"the loss must be one number per group, {tuple(expected)} for these; got {got}."
            raise InvalidArgumentError(f"{message} Reduce over the last axis, and only over that.")
        return Loss(value, xp.ones_like(value))

    return weighed


def _counterexample(law: Law, subject: Subject, groups: Groups) -> Counterexample | None:
    def shows(groups: Groups) -> Array:
        """Groups that break the law and are posed for it."""
        posed = law.pose(groups)
        moved = [(posed[name] != values).any(axis=-1) for name, values in groups.items()]
        with np.errstate(all="ignore"):
            return np.asarray(broken(law, subject, groups, TOLERANCE)[0] & ~np.any(moved, axis=0))

    groups = law.pose(groups)
    wrong = shows(groups)
    if not wrong.any():
        return None
    first = int(np.argmax(wrong))
    smallest = shrink(shows, {name: values[first : first + 1] for name, values in groups.items()})
    repeated = {name: np.repeat(values, ROWS, axis=0) for name, values in smallest.items()}
    # A loss that mixes groups may break only in the company that a group was found in.
    return _describe(law, subject, repeated if shows(repeated).any() else groups)


def _describe(law: Law, subject: Subject, groups: Groups) -> Counterexample:
    """The first group that breaks `law`, among groups of which one does."""
    with np.errstate(all="ignore"):
        wrong, comparisons = broken(law, subject, groups, TOLERANCE)
    row = int(np.argmax(wrong))
    guilty = next(comparison for comparison in comparisons if breaks(comparison, 1, TOLERANCE)[row])
    shown = {name: values[row].tolist() for name, values in groups.items()}
    return Counterexample(shown, guilty.what, _numbers(guilty.got[row]), _numbers(guilty.expected[row]))


def _numbers(values: Array) -> list[float]:
    return [float(value) + 0.0 for value in np.ravel(values)]  # not -0.0
