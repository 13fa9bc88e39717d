"""Running an algorithm on groups: its loss, weight and gradient as NumPy arrays."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from tests.libraries import Library
from tpo import DG, GRPO, PPO, REINFORCE, TPO, Group

ALGORITHMS = (TPO(eta=0.3), GRPO(), GRPO(kl=0.0), PPO(), DG(), REINFORCE())


class Outcome(NamedTuple):
    """What an algorithm makes of groups: `[...]`, `[...]` and `[..., K]`."""

    value: np.ndarray
    weight: np.ndarray
    gradient: np.ndarray


def run(autodiff: Any, algorithm: Any, log_probs: Any, **group: Any) -> Outcome:
    """The loss of `log_probs` under the signal prepared from `Group(**group)`, and its gradient."""
    library = Library(autodiff.name)
    log_probs, *values = (_array(autodiff, values) for values in (log_probs, *group.values()))
    outcome = _compiled(autodiff, algorithm)(log_probs, dict(zip(group, values, strict=True)))
    return Outcome(*(library.numpy(array) for array in outcome))


def _array(autodiff: Any, values: Any) -> Any:
    # A copy, since PyTorch warns of arrays that cannot be written to.
    return autodiff.asarray(np.array(values)) if isinstance(values, np.ndarray) else values


@functools.cache
def _compiled(autodiff: Any, algorithm: Any) -> Any:
    def compute(log_probs: Any, given: dict[str, Any]) -> tuple[Any, Any, Any]:
        signal = algorithm.prepare(Group(**given))
        value, pull = autodiff.vjp(lambda x: algorithm.loss(x, signal).value, log_probs)
        ones = autodiff.namespace().ones_like(value)
        return value, algorithm.loss(log_probs, signal).weight, pull(ones)

    return autodiff.compile(compute)
