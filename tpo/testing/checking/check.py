"""Checking the laws on a user's loss: which hold, which break, and a minimal group that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.errors import InvalidArgumentError, look_up
from tpo.plugins import registry
from tpo.testing.checking.counterexample import Counterexample, counterexample, failure
from tpo.testing.checking.functions import LossFailedError, as_loss, function_subject, kind_of
from tpo.testing.checking.shrink import ROWS
from tpo.testing.laws.all_laws import LAWS
from tpo.testing.laws.subjects import scope, widest_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tpo.backends.protocols import Backend
    from tpo.testing.checking.functions import Kind
    from tpo.testing.laws.groups import Groups
    from tpo.testing.laws.law import Law
    from tpo.testing.laws.outcomes import Outcome
    from tpo.testing.laws.subjects import LossFunction

SIZE = 5
SINGLE = "float32"


class Verdict(NamedTuple):
    """The result of checking a law on one backend.

    Attributes:
        law: A name from `tpo.testing.laws.LAWS`.
        backend: The registered name of the backend.
        counterexample: A group that breaks the law, or `None` if the law holds.
    """

    law: str
    backend: str
    counterexample: Counterexample | None

    @property
    def holds(self) -> bool:
        """Whether no counterexample was found."""
        return self.counterexample is None


def check_loss(
    loss: Callable[..., Any],
    backends: Sequence[str],
    *,
    skip: Sequence[str] = (),
    begun: Callable[[str, str], object] | None = None,
) -> Iterator[Verdict]:
    """Check the laws on a loss of `(log_probs, scores, old_log_probs)`, on each backend in turn.

    A loss that also takes a `token_mask`, or takes four arguments, is a token loss. Laws about gradients are skipped on
    backends that do not differentiate, and laws about tokens for losses that are not token losses.

    Args:
        loss: A function of arrays of the backend that returns `[...]`. It takes three arrays `[..., K]`; or log-probs
            `[..., K, T]`, scores `[..., K]`, old log-probs and a boolean token mask `[..., K, T]`.
        backends: Registered names of backends.
        skip: Names of laws to leave out, such as laws that the loss breaks by design.
        begun: Called with the names of law and backend before each check.

    Yields:
        A `Verdict` per law and backend.

    Raises:
        InvalidTypeError: `loss` cannot be called with such arrays.
        InvalidArgumentError: It fails, returns another shape or no real numbers, or does not depend on its arguments.
        UnknownNameError: No backend, or no law, has that name.
        NotInstalledError: A backend's library is missing.
    """
    kind, skipped = kind_of(loss), [look_up("law", name, LAWS) for name in skip]
    laws = {
        name: law for name, law in LAWS.items() if law not in skipped and (kind.takes_tokens or not law.about_tokens)
    }
    for name in backends:
        yield from _check_on(registry.backend(name), loss, kind, laws, begun or _silent)


def _silent(law: str, backend: str) -> None:
    del law, backend


def _check_on(
    backend: Backend,
    loss: Callable[..., Any],
    kind: Kind,
    laws: Mapping[str, Law],
    begun: Callable[[str, str], object],
) -> Iterator[Verdict]:
    function, groups = as_loss(backend, loss, kind), kind.groups((ROWS, SIZE))
    widest = widest_dtype(backend)
    with scope(backend, widest):
        with np.errstate(all="ignore"):
            outcome = function_subject(backend, function, widest).outcome(groups)
        _check_dependence(outcome, backend)
        for name, law in laws.items():
            if outcome.gradient is not None or not law.about_gradients:
                begun(name, backend.name)
                yield Verdict(name, backend.name, _first_counterexample(law, backend, function, groups, widest))


def _check_dependence(outcome: Outcome, backend: Backend) -> None:
    if outcome.gradient is not None and not outcome.gradient.any():
        message = f"the loss must depend on `log_probs`; got a gradient of 0 on {backend.name} for every group."
        raise InvalidArgumentError(f"{message} Compute it from `log_probs` without detaching them.")


def _first_counterexample(
    law: Law, backend: Backend, loss: LossFunction, groups: Groups, widest: str
) -> Counterexample | None:
    """Find the first counterexample, from the widest dtype to the narrowest in which `law` is checked."""
    dtypes = sorted({widest, SINGLE} if law.in_single_too else {widest}, reverse=True)
    try:
        found = (counterexample(law, function_subject(backend, loss, dtype), groups) for dtype in dtypes)
        return next(filter(None, found), None)
    except LossFailedError as error:
        if not law.broken_by_failure:
            raise
        return failure(law, error.reason)
