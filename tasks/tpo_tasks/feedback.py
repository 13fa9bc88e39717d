"""What each grouping is told of one action per context, and how it is arranged in groups.

In shapes: S seeds, B contexts, K actions. Rewards are 1 for the right action and 0 for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo import Array


class Feedback(NamedTuple):
    """What happened.

    Attributes:
        taken: `[S, B, K]` boolean, true for the action taken.
        right: `[S, B, K]` boolean, true for the right action.
        rewards: `[S, B]` floating.
        advantages: `[S, B]` floating: rewards minus the probability of two independent guesses to be the same.
    """

    taken: Array
    right: Array
    rewards: Array
    advantages: Array


class Arrangement(NamedTuple):
    """How a grouping sees it.

    Attributes:
        scores: From a namespace and the feedback to `[S, ..., K]`.
        given: The same to what else the `Group` holds, by field.
        log_probs: From a namespace, what was taken and the log-probs of all actions, both `[S, B, K]`, to those of
            the group.
    """

    scores: Callable[[Any, Feedback], Array]
    given: Mapping[str, Callable[[Any, Feedback], Array]]
    log_probs: Callable[[Any, Array, Array], Array]

    def more(self, xp: Any, feedback: Feedback) -> Mapping[str, Array]:
        """What else the `Group` holds, by field."""
        return {name: of(xp, feedback) for name, of in self.given.items()}


def _as_batch(values: Array) -> Array:
    """`[S, B]` as the groups of `tpo.groupings` over the batch: one position, and B candidates, `[S, 1, B]`."""
    return values[:, None, :]


def _log_probs_taken(xp: Any, taken: Array, log_probs: Array) -> Array:
    return _as_batch(xp.sum(xp.where(taken, log_probs, xp.zeros_like(log_probs)), axis=-1))


def _on_taken(xp: Any, feedback: Feedback) -> Array:
    """The advantage on the action taken, 0 on the others."""
    return xp.astype(feedback.taken, feedback.advantages.dtype) * feedback.advantages[..., None]


def _all(xp: Any, taken: Array, log_probs: Array) -> Array:
    del xp, taken
    return log_probs


ARRANGEMENTS: Mapping[str, Arrangement] = {
    "batch": Arrangement(
        scores=lambda _, feedback: _as_batch(feedback.rewards),
        given={"advantages": lambda _, feedback: _as_batch(feedback.advantages)},
        log_probs=_log_probs_taken,
    ),
    "actions": Arrangement(
        scores=_on_taken,
        given={"advantages": _on_taken, "taken": lambda _, feedback: feedback.taken},
        log_probs=_all,
    ),
    "scored-actions": Arrangement(
        scores=lambda xp, feedback: xp.astype(feedback.right, feedback.rewards.dtype),
        given={},
        log_probs=_all,
    ),
}
"""By the name of the grouping. `batch`: the rewards of the actions taken. `actions`: all actions, of which the one
taken has its advantage as its score. `scored-actions`: all actions, each with its reward: supervised learning."""
