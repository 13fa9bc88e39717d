"""Neutral optimizer specs on PyTorch tensors, updated in place, with states that are trees of tensors.

Adam is the library's own. Muon and Adam with Nesterov momentum follow optax, where `torch.optim` computes something
else, so that runs on both backends can be compared number for number.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, Protocol

import torch

# Of the functions of `torch.optim`, the one used here: named in `__all__` of its module in 2.13 and 2.14. The class
# `torch.optim.Adam` imports the compiler when it is made, a second at every start, and adds .2 ms to an update.
from torch.optim.adam import adam

from tpo import SGD, Adam, Muon
from tpo_torch.denormals import without_denormals
from tpo_torch.muon import MuonRule

if TYPE_CHECKING:
    from tpo import OptimizerSpec, Parameters

Tensors = list[torch.Tensor]
RuleState = dict[str, Any]


class RuleUpdate(Protocol):
    """How one rule updates the parameters it is given."""

    def init(self, params: Tensors) -> RuleState:
        """The state before the first update: tensors and lists of tensors."""

    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """Update `params` and `state` in place."""


class TorchOptimizer:
    """The rules of an `OptimizerSpec`, each on its own parameters."""

    def __init__(self, spec: OptimizerSpec) -> None:
        """Follow `spec`."""
        self._spec = spec

    def init(self, params: Parameters) -> dict[str, RuleState]:
        """The state before the first update, by rule."""
        return {
            str(rule): create_rule(rule, self._spec.learning_rate).init([params[name] for name in names])
            for rule, names in self._spec.partition(list(params)).items()
        }

    @torch.no_grad()
    def update(
        self, grads: Parameters, state: dict[str, RuleState], params: Parameters
    ) -> tuple[Parameters, dict[str, RuleState]]:
        """The same parameters and state, updated in place."""
        for rule, names in self._spec.partition(list(params)).items():
            update = create_rule(rule, self._spec.learning_rate)
            update.update([params[n] for n in names], [grads[n] for n in names], state[str(rule)])
        return params, state


@singledispatch
def create_rule(rule: Any, learning_rate: float) -> RuleUpdate:
    """The update that `rule` stands for."""
    raise TypeError(f"no PyTorch update for {rule!r} at {learning_rate}")


@create_rule.register
def _(rule: SGD, learning_rate: float) -> RuleUpdate:
    return SGDRule(rule, learning_rate)


@create_rule.register
def _(rule: Adam, learning_rate: float) -> RuleUpdate:
    return (NesterovAdamRule if rule.nesterov else AdamRule)(rule, learning_rate)


@create_rule.register
def _(rule: Muon, learning_rate: float) -> RuleUpdate:
    return MuonRule(rule, learning_rate)


class SGDRule:
    """`torch.optim.SGD` as a function."""

    def __init__(self, rule: SGD, learning_rate: float) -> None:
        """Follow `rule`."""
        self._rule, self._learning_rate = rule, learning_rate

    def init(self, params: Tensors) -> RuleState:
        """Velocities."""
        return {"velocity": [torch.zeros_like(p) for p in params]}

    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """One step."""
        for param, grad, velocity in zip(params, grads, state["velocity"], strict=True):
            direction = velocity.mul_(self._rule.momentum).add_(grad) if self._rule.momentum else grad
            param.add_(direction, alpha=-self._learning_rate)


class AdamRule:
    """`torch.optim.Adam` as a function."""

    def __init__(self, rule: Adam, learning_rate: float) -> None:
        """Follow `rule`."""
        self._rule, self._learning_rate = rule, learning_rate

    def init(self, params: Tensors) -> RuleState:
        """First and second moments, and the number of updates, per parameter."""
        return {
            "first": [torch.zeros_like(p) for p in params],
            "second": [torch.zeros_like(p) for p in params],
            "count": [torch.zeros((), dtype=torch.float32, device=p.device) for p in params],
        }

    @without_denormals()
    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """One step.

        The first moment of a weight that gets no gradient any more, of a pixel that is always dark, fades to a denormal
        and stays one.
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
            beta1=self._rule.b1,
            beta2=self._rule.b2,
            lr=self._learning_rate,
            weight_decay=0.0,
            eps=self._rule.eps,
            maximize=False,
        )


class NesterovAdamRule:
    """Adam whose first moment looks one step ahead, as `optax.adam(nesterov=True)` computes it."""

    def __init__(self, rule: Adam, learning_rate: float) -> None:
        """Follow `rule`."""
        self._rule, self._learning_rate = rule, learning_rate

    def init(self, params: Tensors) -> RuleState:
        """First and second moments per parameter, and the number of updates."""
        return {
            "first": [torch.zeros_like(p) for p in params],
            "second": [torch.zeros_like(p) for p in params],
            "count": torch.zeros((), dtype=torch.int64),
        }

    def update(self, params: Tensors, grads: Tensors, state: RuleState) -> None:
        """One step."""
        rule = self._rule
        state["count"] += 1
        count = int(state["count"])
        along, now = rule.b1 / (1 - rule.b1 ** (count + 1)), (1 - rule.b1) / (1 - rule.b1**count)
        for param, grad, first, second in zip(params, grads, state["first"], state["second"], strict=True):
            first.lerp_(grad, 1 - rule.b1)
            second.mul_(rule.b2).addcmul_(grad, grad, value=1 - rule.b2)
            ahead = (first * along).add_(grad, alpha=now)
            scale = (second / (1 - rule.b2**count)).sqrt_().add_(rule.eps)
            param.addcdiv_(ahead, scale, value=-self._learning_rate)
