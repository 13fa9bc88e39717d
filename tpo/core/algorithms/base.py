"""The interface of every algorithm: a frozen dataclass with `prepare` and `loss`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss

DECLARABLE: Mapping[str, str] = MappingProxyType(
    {
        "shift": "shifting all the scores of a group changes nothing",
        "permutation": "permuting the candidates permutes the gradient",
        "tied": "a tied group whose policy has not moved has a gradient of exactly 0",
        "direction": "where scores differ, a small step against the gradient raises the expected score",
        "finite": "everything is finite at log-probs of -10000",
        "constant": "the prepared signal carries no gradient",
        "padding": "padding tokens change nothing",
        "half": "half precision gives what float32 gives, rounded once",
    }
)
"""Laws that every algorithm obeys unless its traits say otherwise: name to statement."""


class Traits(NamedTuple):
    """Properties of an algorithm, used by tables, checks and the choice of a grouping.

    Attributes:
        update_rule: The update in a few words.
        compares_candidates: Whether the update compares candidates of one context. If not, the group is a batch
            of single samples from different contexts.
        critic: Whether it needs a learned value function.
        fixed_reference: Whether it needs a frozen reference policy in addition to the old policy.
        min_group_size: The smallest group it can learn from.
        takes_tokens: Whether log-probs may be those of tokens, `[..., K, T]` with a `token_mask`.
        needs: The optional arrays of `Group` that it requires.
        breaks: The laws that it breaks by design: a name from `DECLARABLE` to the reason.
        title: Its display name; empty for the name of the class.
    """

    update_rule: str
    compares_candidates: bool
    critic: bool = False
    fixed_reference: bool = False
    min_group_size: int = 2
    takes_tokens: bool = False
    needs: tuple[str, ...] = ()
    breaks: Mapping[str, str] = MappingProxyType({})
    title: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle `breaks` as a dictionary, since read-only mappings cannot be pickled."""
        return _restored, tuple(self._replace(breaks=dict(self.breaks)))


def _restored(*fields: Any) -> Traits:
    traits = Traits(*fields)
    return traits._replace(breaks=MappingProxyType(dict(traits.breaks)))


class TraitsByOption:
    """Class attribute for traits that depend on options of an algorithm.

    Instances hold only their options, so the traits are looked up on access. On the class they are the traits of
    the options' default values.
    """

    def __init__(self, key: Callable[[Any], Hashable], by_key: Mapping[Any, Traits]) -> None:
        """Store what the traits depend on, a function of an instance or the class, and the traits of each value."""
        self._key = key
        self._by_key = by_key

    def __get__(self, algorithm: object, cls: type) -> Traits:
        """The traits of an instance, or of its class."""
        return self._by_key[self._key(cls if algorithm is None else algorithm)]


class Algorithm(Protocol):
    """A rule that turns scored groups into a loss. Implementations are frozen dataclasses; their fields are options."""

    @property
    def traits(self) -> Traits:
        """The properties of the algorithm, usually a class attribute: `traits = tpo.Traits(...)`."""

    def prepare(self, group: Group) -> Any:
        """Compute the training signal, once per rollout: a tuple of arrays that carries no gradient."""

    def loss(self, log_probs: Array, signal: Any) -> Loss:
        """Compute one loss per group, once per epoch, differentiable in `log_probs` (nats, shaped as the group's)."""


@runtime_checkable
class WeighsCandidates(Protocol):
    """An algorithm whose signal gives each candidate a weight."""

    def weights(self, signal: Any) -> Array:
        """Weights of the candidates, `[..., K]`, not negative."""


@runtime_checkable
class FitsTarget(Protocol):
    """An algorithm that fits the policy over each group to a target distribution."""

    def excess_cross_entropy(self, log_probs: Array, signal: Any) -> Array:
        """Compute KL(q || p), `[...]` in nats: the cross-entropy to the target minus its entropy, 0 at the optimum."""
