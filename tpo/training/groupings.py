"""Groupings: arrangements of sampled tokens or actions in groups `[..., K]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo.core.arrays.ops import namespace_of
from tpo.core.log_probs import sequence_log_probs
from tpo.errors import InvalidArgumentError, look_up
from tpo.training.grouping_protocols import CompletionGroups, Grouping, Sampling, TokenGroups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.arrays.typing import Array
    from tpo.core.loss import Loss
    from tpo.training.arm import Arm


TOKEN_FIELDS = ("token_mask",)
"""Fields of groups whose log-probs are those of tokens."""


class _PromptGrouping:
    """One group of K whole completions per prompt."""

    sized_by = "group_size"

    def sampling(self, arm: Arm) -> Sampling:
        """Sample K completions."""
        return Sampling(completions=arm.group_size, candidates=1)

    def by_completion(self, values: Array) -> Array:
        """Return `[S, B, K, ...]` as it is."""
        return values

    def reduce(self, loss: Loss) -> Array:
        """The mean over prompts."""
        return loss.mean(axis=(1,))


@dataclass(frozen=True, kw_only=True)
class SequenceGrouping(_PromptGrouping):
    """One group of K whole completions per prompt: log-probs are summed over tokens, rewards averaged.

    Attributes:
        length_exponent: Sums of log-probs are divided by this power of the length: 0 for the paper's sum, 1 for a mean.
    """

    length_exponent: float = 0.0

    completion_fields = ()

    def log_probs(self, token_log_probs: Array) -> Array:
        """Sum log-probs over tokens, `[S, B, C, T, 1]` to `[S, B, K]`."""
        return sequence_log_probs(token_log_probs[..., 0], length_exponent=self.length_exponent)

    def scores(self, token_rewards: Array) -> Array:
        """Average rewards over tokens, `[S, B, C, T, 1]` to `[S, B, K]`."""
        xp = namespace_of(token_rewards)
        return xp.mean(token_rewards[..., 0], axis=-1)

    def completion_log_probs(self, token_log_probs: Array, token_mask: Array) -> Array:
        """Sum log-probs over the tokens of each completion, to `[S, B, K]`; the length is their number."""
        return sequence_log_probs(token_log_probs, token_mask, length_exponent=self.length_exponent)

    def of_completions(self, token_mask: Array) -> Mapping[str, Array]:
        """Return no fields: the log-probs are those of whole candidates."""
        del token_mask
        return {}


class SequenceTokensGrouping(_PromptGrouping):
    """One group of K whole completions per prompt, with the log-probs of their tokens and one score each."""

    completion_fields = TOKEN_FIELDS

    def completion_log_probs(self, token_log_probs: Array, token_mask: Array) -> Array:
        """Return log-probs of tokens, `[S, B, K, T]`, as they are: the group has their mask."""
        del token_mask
        return token_log_probs

    def of_completions(self, token_mask: Array) -> Mapping[str, Array]:
        """Return the mask of the tokens."""
        return {"token_mask": token_mask}


class TokenGrouping:
    """One group of K next tokens per prompt and position, at each prefix of one sampled trajectory."""

    sized_by = "group_size"

    def sampling(self, arm: Arm) -> Sampling:
        """Sample one completion with K candidate tokens per position."""
        return Sampling(completions=1, candidates=arm.group_size)

    def log_probs(self, token_log_probs: Array) -> Array:
        """Arrange log-probs `[S, B, 1, T, K]` as `[S, B, T, K]`."""
        return token_log_probs[:, :, 0, ...]

    def scores(self, token_rewards: Array) -> Array:
        """Arrange rewards `[S, B, 1, T, K]` as `[S, B, T, K]`."""
        return token_rewards[:, :, 0, ...]

    def reduce(self, loss: Loss) -> Array:
        """The mean over prompts and positions."""
        return loss.mean(axis=(1, 2))


class BatchGrouping:
    """One group per position, of one sample for each prompt of the batch: the baseline is a mean across contexts.

    Whole completions with one score each are one group, since their score belongs to no position.
    """

    sized_by = "batch_size"
    completion_fields = TOKEN_FIELDS

    def sampling(self, arm: Arm) -> Sampling:
        """Sample one completion with one token per position."""
        del arm
        return Sampling(completions=1, candidates=1)

    def log_probs(self, token_log_probs: Array) -> Array:
        """Arrange log-probs `[S, B, 1, T, 1]` as `[S, T, K]`, where K is the batch."""
        return self._by_position(token_log_probs)

    def scores(self, token_rewards: Array) -> Array:
        """Arrange rewards `[S, B, 1, T, 1]` as `[S, T, K]`, where K is the batch."""
        return self._by_position(token_rewards)

    def _by_position(self, values: Array) -> Array:
        xp = namespace_of(values)
        return xp.permute_dims(values[:, :, 0, :, 0], (0, 2, 1))

    def by_completion(self, values: Array) -> Array:
        """Arrange one completion per prompt, `[S, B, 1, ...]`, as one group of the batch, `[S, 1, K, ...]`."""
        return values[:, None, :, 0, ...]

    def completion_log_probs(self, token_log_probs: Array, token_mask: Array) -> Array:
        """Arrange log-probs of tokens as one group of the batch, `[S, 1, K, T]`."""
        del token_mask
        return self.by_completion(token_log_probs)

    def of_completions(self, token_mask: Array) -> Mapping[str, Array]:
        """Return the mask of the tokens, `[S, 1, K, T]`."""
        return {"token_mask": self.by_completion(token_mask)}

    def reduce(self, loss: Loss) -> Array:
        """The mean over prompts, summed over positions."""
        xp = namespace_of(loss.value)
        return xp.sum(loss.mean(axis=()), axis=1)


class ActionsGrouping:
    """One group per context, of all possible actions, sampled or not."""

    sized_by = None

    def reduce(self, loss: Loss) -> Array:
        """The mean over contexts."""
        return loss.mean(axis=(1,))


GROUPINGS: dict[str, Grouping] = {
    "sequence": SequenceGrouping(),
    "sequence-sqrt": SequenceGrouping(length_exponent=0.5),
    "sequence-mean": SequenceGrouping(length_exponent=1.0),
    "sequence-tokens": SequenceTokensGrouping(),
    "token": TokenGrouping(),
    "batch": BatchGrouping(),
    "actions": ActionsGrouping(),
    "scored-actions": ActionsGrouping(),
}
"""Groupings by name. Under `actions` only the sampled action has a score; under `scored-actions` all have one."""


def grouping(name: str) -> Grouping:
    """Look up a grouping by name.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("grouping", name, GROUPINGS)


def token_groups(name: str) -> TokenGroups:
    """Look up a grouping of candidate tokens by name.

    Raises:
        UnknownNameError: The name is unknown.
        InvalidArgumentError: It is not a grouping of tokens.
    """
    found = grouping(name)
    if not isinstance(found, TokenGroups):
        raise _other_grouping("tokens", name, TokenGroups)
    return found


def completion_groups(name: str) -> CompletionGroups:
    """Look up a grouping of whole completions by name.

    Raises:
        UnknownNameError: The name is unknown.
        InvalidArgumentError: It is not a grouping of whole completions.
    """
    found = grouping(name)
    if not isinstance(found, CompletionGroups):
        raise _other_grouping("whole completions", name, CompletionGroups)
    return found


def _other_grouping(of: str, name: str, kind: type) -> InvalidArgumentError:
    known = ", ".join(other for other, one in GROUPINGS.items() if isinstance(one, kind))
    return InvalidArgumentError(f"the grouping must be one of {of} for this task; got {name!r}. It has: {known}.")


def check_group_size(arm: Arm, needed: int) -> None:
    """Raise an error, before training, if the groups of an arm are too small for its algorithm.

    Raises:
        InvalidArgumentError: K is below `needed`.
    """
    field = grouping(arm.grouping).sized_by
    if field is None:
        return
    size = getattr(arm, field)
    if size < needed:
        message = f"the {field.replace('_', ' ')} must be at least {needed} for {arm.algorithm}; got {size}."
        raise InvalidArgumentError(f"{message} Use larger groups: --set arm.{field}={needed}.")
