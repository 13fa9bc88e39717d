"""Finding the first step of a run at which a metric is not finite."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.training.task import ClosedForm

if TYPE_CHECKING:
    from collections.abc import Mapping


def watched_metrics(task: Any) -> tuple[str, ...]:
    """The metrics of a task, or its class, that must be finite; others may be means of nothing.

    A task with updates in closed form has no loss: there it is NaN.
    """
    return ("error",) if isinstance(task, ClosedForm) else ("error", "loss", "gradient_norm")


def first_not_finite(arrays: Mapping[str, np.ndarray[Any, Any]], task: Any) -> tuple[str, int] | None:
    """The metric that ceases first to be finite in the arrays of a cell, `[S, N]`, and the step, counted from 1."""
    found = []
    for metric in watched_metrics(task):
        finite = np.isfinite(arrays.get(metric, np.zeros((1, 1)))).all(axis=0)
        if not finite.all():
            found.append((metric, int(finite.argmin()) + 1))
    # Of several at one step the first in the order in which they are watched, as the warning names it.
    return min(found, key=itemgetter(1), default=None)
