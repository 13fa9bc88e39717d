"""What every algorithm is: a frozen value with `prepare` and `loss`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.ops import Array


class Traits(NamedTuple):
    """What an algorithm is made of, for tables and for choosing a grouping.

    Attributes:
        update_rule: In a few words.
        compares_candidates: Whether the update compares candidates of one context. Where not, the group is a
            batch of single samples from different contexts.
        critic: Whether it needs a learned value.
        fixed_reference: Whether it needs a frozen policy besides the old one.
        min_group_size: The smallest group it can learn from.
    """

    update_rule: str
    compares_candidates: bool
    critic: bool = False
    fixed_reference: bool = False
    min_group_size: int = 2


class Algorithm(Protocol):
    """How scored groups become a loss. Implementations are frozen dataclasses; their fields are options."""

    traits: ClassVar[Traits]

    def prepare(self, group: Group) -> Any:
        """The signal to learn from, once per rollout: a tuple of arrays that carries no gradient."""

    def loss(self, log_probs: Array, signal: Any) -> Loss:
        """The loss per group, once per epoch, differentiable in `log_probs`, `[..., K]` in nats."""
