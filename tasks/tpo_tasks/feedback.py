"""Arranging bandit feedback, one action per context, in the groups of each grouping.

In shapes: S seeds, B contexts, K actions. Rewards are 1 for the right action and 0 for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo import Array


class Feedback(NamedTuple):
    """The actions taken in a step, and their rewards.

    Attributes:
        taken: `[S, B, K]` boolean, true for the action taken.
        right: `[S, B, K]` boolean, true for the right action.
        rewards: `[S, B]` floating.
        advantages: `[S, B]` floating: rewards minus the probability that two independent guesses agree.
    """

    taken: Array
    right: Array
    rewards: Array
    advantages: Array


class Arrangement(NamedTuple):
    """How one grouping turns the feedback on actions into groups: their scores, other fields and log-probs.

    Attributes:
        scores: A function of a namespace and the feedback that returns scores `[S, ..., K]`.
        given: Functions of the same arguments for other fields of `Group`, by field.
        log_probs: A function of a namespace, the actions taken and the log-probs of all actions, both `[S, B, K]`,
            that returns the log-probs of the group.
    """

    scores: Callable[[Any, Feedback], Array]
    given: Mapping[str, Callable[[Any, Feedback], Array]]
    log_probs: Callable[[Any, Array, Array], Array]

    def more(self, xp: Any, feedback: Feedback) -> Mapping[str, Array]:
        """Compute the other fields of `Group`."""
        return {name: of(xp, feedback) for name, of in self.given.items()}


def _as_batch(values: Array) -> Array:
    """Reshape `[S, B]` to the groups of the `batch` grouping, `[S, 1, B]`: one position, and B candidates."""
    return values[:, None, :]


def _log_probs_taken(xp: Any, taken: Array, log_probs: Array) -> Array:
    return _as_batch(xp.sum(xp.where(taken, log_probs, xp.zeros_like(log_probs)), axis=-1))


def _on_taken(xp: Any, feedback: Feedback) -> Array:
    """Scores of all actions: the advantage for the action taken, 0 for the others."""
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
"""Arrangements by grouping. `batch`: the rewards of the actions taken. `actions`: all actions, where the action taken
is scored by its advantage, the others by 0. `scored-actions`: all actions with their rewards: supervised learning."""
