"""Advantages, the weights of policy-gradient terms: scores minus a baseline, per candidate or per token."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from tpo.core.standardizing.standardizer import Standardizer


TOKEN_AXES = (-2, -1)
"""The axes of candidates and tokens in `[..., K, T]`."""


class Advantages(NamedTuple):
    """The signal of the policy-gradient methods. T is 1 for log-probs of whole candidates.

    Attributes:
        advantages: `[..., K, 1]` constant weights, or `[..., K, T]` where each token has its own.
        old_log_probs: `[..., K, T]` in nats.
        valid: `[..., K, T]` boolean: unmasked tokens of nonzero probability.
    """

    advantages: Array
    old_log_probs: Array
    valid: Array


def advantages_of(group: Group, advantages: Array) -> Advantages:
    """Build the signal of a group from advantages `[..., K]`, one per candidate."""
    return token_advantages(group, advantages[..., None])


def token_advantages(group: Group, advantages: Array) -> Advantages:
    """Build the signal of a group from advantages `[..., K, T]`, or `[..., K, 1]` shared by a candidate's tokens."""
    _, xp = group.library()
    valid = valid_tokens(group)
    counted = valid if advantages.shape == valid.shape else xp.any(valid, axis=-1, keepdims=True)
    bounded = bounded_advantages(xp, advantages, counted, TOKEN_AXES)
    return Advantages(bounded, group.by_token(group.old_log_probs), valid)


def centred_advantages(group: Group) -> Advantages:
    """Advantages that are scores minus their group's mean; exactly 0 in tied groups."""
    _, xp = group.library()
    return advantages_of(group, centre(xp, group.relative_scores(), group.mask))


def standardized_advantages(group: Group, standardizer: Standardizer) -> Advantages:
    """Advantages that are standardized scores; exactly 0 in tied groups."""
    _, xp = group.library()
    return advantages_of(group, standardizer.fast(xp, group.relative_scores(), group.mask))


def given_advantages(group: Group) -> Advantages:
    """Advantages that the caller gave with the group."""
    given: Array = group.advantages
    return advantages_of(group, given)


class AdvantageSource(NamedTuple):
    """A source of advantages, with the requirements that it adds to an algorithm.

    Attributes:
        of: Builds the signal of a group.
        needs: As in `Traits.needs`.
        breaks: As in `Traits.breaks`.
        min_group_size: As in `Traits.min_group_size`.
    """

    of: Callable[[Group], Advantages]
    needs: tuple[str, ...] = ()
    breaks: Mapping[str, str] = MappingProxyType({})
    min_group_size: int = 2

    def declared(self, traits: Traits) -> Traits:
        """Add the needs, broken laws and group size of this source to `traits`."""
        size = min(traits.min_group_size, self.min_group_size)
        breaks = MappingProxyType({**traits.breaks, **self.breaks})
        return traits._replace(needs=(*traits.needs, *self.needs), breaks=breaks, min_group_size=size)


ADVANTAGE_SOURCES: Mapping[str, AdvantageSource] = MappingProxyType(
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
"""Sources of advantages by name. `centred`: the score minus the mean over the group. `given`: the group's own
`advantages`, against a baseline that the caller knows."""


def advantage_source(name: str) -> AdvantageSource:
    """Look up a source of advantages by name.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("choice of advantages", name, ADVANTAGE_SOURCES)


def chosen_source(algorithm: Any) -> str:
    """The name of the source of advantages that an algorithm uses; for a class of algorithms, its default."""
    # A function of its own: `torch.compile` cannot trace `operator.attrgetter`.
    name: str = algorithm.advantages
    return name


def traits_by_source(traits: Traits) -> dict[str, Traits]:
    """The traits of an algorithm under each source of advantages, by the name of the source."""
    return {name: source.declared(traits) for name, source in ADVANTAGE_SOURCES.items()}


def untied(signal: Advantages) -> Advantages:
    """Give tied groups, whose advantages are all 0, value 0 and weight 0."""
    xp = namespace_of(signal.advantages)
    return signal._replace(valid=signal.valid & xp.any(signal.advantages != 0, axis=-2, keepdims=True))


def penalty_to_go(group: Group) -> Array:
    """Log-ratios of the old policy to the reference, summed from each token to the last, `[..., K, T]` in nats."""
    _, xp = group.library()
    old, reference = group.by_token(group.old_log_probs), group.by_token(group.reference())
    by_token = constant_log_ratios(xp, old, reference, valid_tokens(group))
    return xp.flip(xp.cumulative_sum(xp.flip(by_token, axis=-1), axis=-1), axis=-1)


def valid_tokens(group: Group) -> Array:
    """Tokens that count, `[..., K, T]` boolean: of candidates taken, unmasked, and of nonzero probability."""
    mask = None if group.mask is None else group.mask[..., None]
    valid = possible_candidates(group.by_token(group.old_log_probs), mask)
    if group.taken is not None:
        valid = valid & group.taken[..., None]
    return valid if group.token_mask is None else valid & group.token_mask
