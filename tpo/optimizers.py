"""Optimizers as data, independent of any library: SGD, Adam, Muon, and their assignment to parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


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
        nesterov: Whether the first moment is Nesterov's (Dozat 2016).
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
        beta: Decay of the momentum, which is Nesterov's with bias correction.
        iterations: The number of Newton-Schulz iterations.
        coefficients: The coefficients of the quintic iteration.
        eps: Added to the Frobenius norm by which the momentum is divided.
    """

    beta: float = 0.95
    iterations: int = 5
    coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315)
    eps: float = 1e-8


Rule = SGD | Adam | Muon


@dataclass(frozen=True, kw_only=True)
class OptimizerSpec:
    """An optimizer that assigns an update rule to each parameter, independent of any library.

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
        """Group parameter names by rule, in the order given."""
        parts: dict[Rule, list[str]] = {}
        for name in names:
            parts.setdefault(self.rule_of(name), []).append(name)
        return parts


def muon_for(matrices: Iterable[str], learning_rate: float) -> OptimizerSpec:
    """Muon for `matrices`, Adam with Nesterov momentum for the rest, as in the paper's transformer experiments."""
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
"""Optimizers by name: functions of the names of matrix parameters and a learning rate."""
