"""The interfaces of groupings: how sampled tokens, completions or actions become groups `[..., K]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.arrays.typing import Array
    from tpo.core.loss import Loss
    from tpo.training.arm import Arm


class Sampling(NamedTuple):
    """The number of samples that a grouping needs per prompt.

    Attributes:
        completions: Whole completions per prompt.
        candidates: Next tokens drawn at every prefix of a completion; the completion continues with the first.
    """

    completions: int
    candidates: int


class Grouping(Protocol):
    """A definition of groups `[S, ..., K]`, S seeds."""

    @property
    def sized_by(self) -> str | None:
        """The field of an arm that sets the group size; `None` if the task sets it."""

    def reduce(self, loss: Loss) -> Array:
        """Reduce a loss per group to the loss of each seed, `[S]`."""


@runtime_checkable
class TokenGroups(Grouping, Protocol):
    """A grouping that arranges arrays per candidate token, `[S, B, C, T, M]`, in groups `[S, ..., K]`.

    S seeds, B prompts, C completions per prompt, T positions, M candidate tokens per position.
    """

    def sampling(self, arm: Arm) -> Sampling:
        """Return the numbers of completions and candidate tokens that `arm` samples."""

    def log_probs(self, token_log_probs: Array) -> Array:
        """Compute the log-probs of the candidates of each group."""

    def scores(self, token_rewards: Array) -> Array:
        """Compute the scores of the candidates of each group."""


@runtime_checkable
class CompletionGroups(Grouping, Protocol):
    """A grouping of whole completions, which may end at different lengths and have one score each.

    S seeds, B prompts, C completions per prompt, T positions.
    """

    @property
    def completion_fields(self) -> tuple[str, ...]:
        """Names of the optional fields of `Group` in `of_completions`."""

    def sampling(self, arm: Arm) -> Sampling:
        """Return the number of completions that `arm` samples, with one candidate token per position."""

    def by_completion(self, values: Array) -> Array:
        """Arrange one value per completion, `[S, B, C, ...]`, in groups, `[S, G, K, ...]`."""

    def completion_log_probs(self, token_log_probs: Array, token_mask: Array) -> Array:
        """Compute the log-probs of each group from those of tokens, `[S, B, C, T]`, and the mask of the tokens."""

    def of_completions(self, token_mask: Array) -> Mapping[str, Array]:
        """Compute the optional fields of `Group` from the mask of the tokens, `[S, B, C, T]`."""
