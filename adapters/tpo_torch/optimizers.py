"""Optimizers from an `OptimizerSpec`, which update PyTorch tensors in place; their states are trees of tensors.

Adam is PyTorch's. Muon and Adam with Nesterov momentum follow optax instead of `torch.optim`, which computes something
else, so that runs on both backends can be compared number for number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Protocol

import torch

# The functional Adam, in `__all__` of its module in 2.13 and 2.14. Creating the class `torch.optim.Adam` imports the
# compiler, which takes a second at every start, and its updates take .2 ms longer.
from torch.optim.adam import adam

from tpo import SGD, Adam, InvalidTypeError, Muon
from tpo_torch.denormals import without_denormals
from tpo_torch.muon import MuonRule
from tpo_torch.nesterov import nesterov_factors

if TYPE_CHECKING:
    from tpo import OptimizerSpec, Parameters

Tensors = list[torch.Tensor]
RuleState = dict[str, Any]


class RuleUpdate(Protocol):
    """An update rule for a set of parameters."""

    def init(self, params: Tensors) -> RuleState:
        """Create the state before the first update: tensors and lists of tensors."""

    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """Update `params` and `state` in place."""


class TorchOptimizer:
    """An optimizer that applies each rule of an `OptimizerSpec` to its own parameters."""

    def __init__(self, spec: OptimizerSpec) -> None:
        """Create the optimizer of `spec`."""
        self._spec = spec

    def init(self, params: Parameters) -> dict[str, RuleState]:
        """Create the initial state: for each update rule, that of its parameters."""
        return {
            str(rule): create_rule(rule, self._spec.learning_rate).init([params[name] for name in names])
            for rule, names in self._spec.partition(list(params)).items()
        }

    @torch.no_grad()
    def update(
        self, grads: Parameters, state: dict[str, RuleState], params: Parameters
    ) -> tuple[Parameters, dict[str, RuleState]]:
        """Update parameters and state in place and return them."""
        for rule, names in self._spec.partition(list(params)).items():
            update = create_rule(rule, self._spec.learning_rate)
            update.update([params[n] for n in names], [grads[n] for n in names], state[str(rule)])
        return params, state


@singledispatch
def create_rule(rule: Any, learning_rate: float) -> RuleUpdate:
    """Create the update of a rule.

    Raises:
        InvalidTypeError: It is another one than SGD, Adam or Muon.
    """
    del learning_rate
    raise InvalidTypeError(f"an update rule must be SGD, Adam or Muon; got {rule!r}. Choose one of them.")


@create_rule.register
def _(rule: SGD, learning_rate: float) -> RuleUpdate:
    return SGDRule(rule, learning_rate)


@create_rule.register
def _(rule: Adam, learning_rate: float) -> RuleUpdate:
    return (NesterovAdamRule if rule.nesterov else AdamRule)(rule, learning_rate)


@create_rule.register
def _(rule: Muon, learning_rate: float) -> RuleUpdate:
    return MuonRule(rule, learning_rate)


@dataclass(frozen=True)
class SGDRule:
    """`torch.optim.SGD` as a function."""

    rule: SGD
    learning_rate: float

    def init(self, params: Tensors) -> RuleState:
        """Create velocities of 0."""
        return {"velocity": [torch.zeros_like(p) for p in params]}

    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """Update `params` and `state` in place."""
        for param, grad, velocity in zip(params, grads, state["velocity"], strict=True):
            direction = velocity.mul_(self.rule.momentum).add_(grad) if self.rule.momentum else grad
            param.add_(direction, alpha=-self.learning_rate)


@dataclass(frozen=True)
class AdamRule:
    """`torch.optim.Adam` as a function."""

    rule: Adam
    learning_rate: float

    def init(self, params: Tensors) -> RuleState:
        """Create first and second moments, and a count of updates, for each parameter."""
        return {
            "first": [torch.zeros_like(p) for p in params],
            "second": [torch.zeros_like(p) for p in params],
            "count": [torch.zeros((), dtype=torch.float32, device=p.device) for p in params],
        }

    @without_denormals()
    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """Update `params` and `state` in place, flushing denormals.

        The first moment of a weight whose gradient has become 0, such as that of a pixel that is always dark, decays to
        a denormal and stays one.
        """
        adam(
            params,
            grads,
            state["first"],
            state["second"],
            [],
            state["count"],
            fused=True,
            amsgrad=False,
            beta1=self.rule.b1,
            beta2=self.rule.b2,
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=self.rule.eps,
            maximize=False,
        )


@dataclass(frozen=True)
class NesterovAdamRule:
    """Adam with Nesterov momentum, as `optax.adam(nesterov=True)` computes it."""

    rule: Adam
    learning_rate: float

    def init(self, params: Tensors) -> RuleState:
        """Create first and second moments for each parameter, and one count of updates."""
        return {
            "first": [torch.zeros_like(p) for p in params],
            "second": [torch.zeros_like(p) for p in params],
            "count": torch.zeros((), dtype=torch.int64),
        }

    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """Update `params` and `state` in place."""
        rule = self.rule
        state["count"] += 1
        count = int(state["count"])
        along, now = nesterov_factors(rule.b1, count)
        for param, grad, first, second in zip(params, grads, state["first"], state["second"], strict=True):
            first.lerp_(grad, 1 - rule.b1)
            second.mul_(rule.b2).addcmul_(grad, grad, value=1 - rule.b2)
            ahead = (first * along).add_(grad, alpha=now)
            scale = (second / (1 - rule.b2**count)).sqrt_().add_(rule.eps)
            param.addcdiv_(ahead, scale, value=-self.learning_rate)
