"""Scores minus a baseline, as weights of policy-gradient terms, per candidate or per token."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arithmetic.fast import centre
from tpo.core.arithmetic.limits import bounded_advantages
from tpo.core.arrays.ops import namespace_of
from tpo.core.loss import possible_candidates
from tpo.core.losses.ratios import constant_log_ratios
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.core.algorithms.base import Traits
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.standardizer import Standardizer


TOKEN_AXES = (-2, -1)
"""The axes of the candidates and tokens of a group."""


class Advantages(NamedTuple):
    """The signal of the policy-gradient methods. Where log-probs are those of candidates, T is 1.

    Attributes:
        advantages: `[..., K, 1]` constant weights, or `[..., K, T]` where each token has its own.
        old_log_probs: `[..., K, T]` in nats.
        valid: `[..., K, T]` boolean: in the masks and possible.
    """

    advantages: Array
    old_log_probs: Array
    valid: Array


def advantages_of(group: Group, advantages: Array) -> Advantages:
    """The signal with these `advantages`, `[..., K]`, one per candidate."""
    return token_advantages(group, advantages[..., None])


def token_advantages(group: Group, advantages: Array) -> Advantages:
    """The signal with these `advantages`, `[..., K, T]`, or `[..., K, 1]` where all tokens of a candidate share one."""
    _, xp = group.library()
    valid = valid_tokens(group)
    counted = valid if advantages.shape == valid.shape else xp.any(valid, axis=-1, keepdims=True)
    bounded = bounded_advantages(xp, advantages, counted, TOKEN_AXES)
    return Advantages(bounded, group.by_token(group.old_log_probs), valid)


def centred_advantages(group: Group) -> Advantages:
    """Scores minus their group's mean; exactly 0 where the group is tied."""
    _, xp = group.library()
    return advantages_of(group, centre(xp, group.relative_scores(), group.mask))


def standardized_advantages(group: Group, standardizer: Standardizer) -> Advantages:
    """Standardized scores; exactly 0 where the group is tied."""
    _, xp = group.library()
    return advantages_of(group, standardizer.fast(xp, group.relative_scores(), group.mask))


def given_advantages(group: Group) -> Advantages:
    """The group's own `advantages`."""
    given: Array = group.advantages
    return advantages_of(group, given)


class AdvantageSource(NamedTuple):
    """Where the advantages of a method come from.

    Attributes:
        of: The signal of a group.
        needs: As in `Traits.needs`.
        breaks: As in `Traits.breaks`.
        min_group_size: As in `Traits.min_group_size`.
    """

    of: Callable[[Group], Advantages]
    needs: tuple[str, ...] = ()
    breaks: Mapping[str, str] = MappingProxyType({})
    min_group_size: int = 2

    def declared(self, traits: Traits) -> Traits:
        """`traits` with what this choice needs and breaks besides."""
        size = min(traits.min_group_size, self.min_group_size)
        breaks = MappingProxyType({**traits.breaks, **self.breaks})
        return traits._replace(needs=(*traits.needs, *self.needs), breaks=breaks, min_group_size=size)


CHOICES: Mapping[str, AdvantageSource] = MappingProxyType(
    {
        "centred": AdvantageSource(centred_advantages),
        "given": AdvantageSource(
            given_advantages,
            needs=("advantages",),
            breaks=MappingProxyType({"tied": "advantages that are given are taken as they are, whatever the scores"}),
            min_group_size=1,
        ),
    }
)
"""`centred`: the score minus the mean over the group. `given`: those that come with the group, against a baseline that
its maker knows."""


def choice(name: str) -> AdvantageSource:
    """The choice of advantages called `name`.

    Raises:
        UnknownNameError: There is none.
    """
    return look_up("choice of advantages", name, CHOICES)


def traits_by_choice(traits: Traits) -> dict[str, Traits]:
    """`traits` as each choice of advantages makes them, by its name."""
    return {name: source.declared(traits) for name, source in CHOICES.items()}


def untied(signal: Advantages) -> Advantages:
    """The signal in which tied groups, whose advantages are all 0, count for nothing, in value and in weight."""
    xp = namespace_of(signal.advantages)
    return signal._replace(valid=signal.valid & xp.any(signal.advantages != 0, axis=-2, keepdims=True))


def penalty_to_go(group: Group) -> Array:
    """`[..., K, T]` in nats: `log_probs - ref_log_probs` of the old policy, summed from each token to the last."""
    _, xp = group.library()
    old, reference = group.by_token(group.old_log_probs), group.by_token(group.reference())
    by_token = constant_log_ratios(xp, old, reference, valid_tokens(group))
    return xp.flip(xp.cumulative_sum(xp.flip(by_token, axis=-1), axis=-1), axis=-1)


def valid_tokens(group: Group) -> Array:
    """`[..., K, T]` boolean: taken, in the masks, and not of probability 0."""
    mask = None if group.mask is None else group.mask[..., None]
    valid = possible_candidates(group.by_token(group.old_log_probs), mask)
    if group.taken is not None:
        valid = valid & group.taken[..., None]
    return valid if group.token_mask is None else valid & group.token_mask
