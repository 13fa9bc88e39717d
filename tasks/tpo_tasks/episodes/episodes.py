"""Episodes as candidates: K attempts at the same start, each with one score.

In shapes: S seeds, B starts, C episodes per start, T steps at most, D observed numbers, A actions.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tpo import MLP, Arm, Array, Autodiff, Parameters, Randomness, Rollout, groupings
from tpo_tasks.whole_completions import WholeCompletions

if TYPE_CHECKING:
    from collections.abc import Mapping

State = tuple[Any, ...]
"""The state of episodes: arrays `[S, B, C, ...]`."""

EPISODE_LENGTH = "episode_length"
"""Name of the metric for the mean number of steps of an episode."""

HIDDEN = (32, 32)


class Episodes(WholeCompletions):
    """A task of episodes, without its environment, which subclasses define.

    The policy is a multilayer perceptron that sees the environment's observation. A candidate is a whole episode: its
    log-prob is the sum over its steps, and its score that of the environment.
    """

    measures = (EPISODE_LENGTH,)
    of_single_samples: ClassVar[Mapping[str, Any]] = {"epochs": 1}
    batch_size: ClassVar[int]
    """Default number of starts per step."""

    learning_rate: ClassVar[float]
    """Default learning rate, of Adam."""

    observed: ClassVar[int]
    """D, the size of an observation."""

    actions: ClassVar[int] = 2
    """A, the number of actions."""

    @property
    @abstractmethod
    def longest(self) -> int:
        """T, the most steps of an episode."""

    @abstractmethod
    def starts(self, generator: np.random.Generator, count: int) -> dict[str, np.ndarray[Any, Any]]:
        """Draw starts: arrays `[B, ...]` by name, float64."""

    @abstractmethod
    def begin(self, xp: Any, starts: Mapping[str, Array], episodes: Array) -> State:
        """The first state of all episodes; `episodes` is an array of zeros, `[S, B, C]`, for the shape and dtype."""

    @abstractmethod
    def observe(self, xp: Any, starts: Mapping[str, Array], state: State) -> Array:
        """The observation of a state, which the policy sees, `[S, B, C, D]`."""

    @abstractmethod
    def advance(self, xp: Any, starts: Mapping[str, Array], state: State, action: Array) -> tuple[State, Array]:
        """The state after an action, `[S, B, C]` numbers of actions, and whether the episode ends with it."""

    @abstractmethod
    def score(self, xp: Any, starts: Mapping[str, Array], state: State, steps: Array) -> Array:
        """The score of episodes, `[S, B, C]`, from 0 to 1, by their last state and their number of steps."""

    @property
    def policy(self) -> MLP:
        """The network, sized for the environment."""
        return MLP(widths=(self.observed, *HIDDEN, self.actions))

    @property
    def arm_settings(self) -> Mapping[str, Any]:
        """Settings that all arms share."""
        return {"batch_size": self.batch_size, "learning_rate": self.learning_rate}

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw starts, `[B, ...]`, and uniform noise for actions, `[T, B, C]`."""
        count = groupings.completion_groups(arm.grouping).sampling(arm).completions
        noise = randomness.generator("sampling").random((self.longest, arm.batch_size, count))
        return {"noise": noise, **self.starts(randomness.generator("starts"), arm.batch_size)}

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Act in every episode until it ends."""
        xp = backend.namespace()
        noise = xp.permute_dims(inputs["noise"], (1, 0, 2, 3))
        choices = backend.asarray(np.arange(self.actions))

        def act(carry: Any, uniform: Array) -> tuple[Any, Any]:
            state, running = carry
            seen = self.observe(xp, inputs, state)
            action = self._choose(backend, params, seen, uniform, choices.dtype)
            after, ends = self.advance(xp, inputs, state, action)
            kept = tuple(_where(xp, running, new, old) for new, old in zip(after, state, strict=True))
            return (kept, running & ~ends), (seen, action, running)

        first = self.begin(xp, inputs, xp.zeros_like(noise[0, ...])), noise[0, ...] >= 0
        (last, _), (seen, action, running) = backend.scan(act, first, noise)
        seen, action, mask = (_time_last(xp, array) for array in (seen, action, running))
        steps = xp.sum(xp.astype(mask, noise.dtype), axis=-1)
        scores = self.score(xp, inputs, last, steps)
        arrange = groupings.completion_groups(arm.grouping)
        return Rollout(
            data=(seen, action, mask),
            scores=arrange.by_completion(scores),
            error=1 - xp.mean(scores, axis=(1, 2)),
            more={EPISODE_LENGTH: xp.mean(steps, axis=(1, 2))},
            group=arrange.of_completions(mask),
        )

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """Compute log-probs of the episodes of the groups, or of their steps."""
        xp, (seen, action, mask) = backend.namespace(), data
        choices = backend.asarray(np.arange(self.actions))
        taken = xp.astype(action[..., None] == choices, seen.dtype)
        of_steps = xp.sum(taken * self._of_all(backend, params, seen), axis=-1)
        return groupings.completion_groups(arm.grouping).completion_log_probs(of_steps, mask)

    def _choose(self, backend: Autodiff, params: Parameters, seen: Array, uniform: Array, dtype: Any) -> Array:
        """Sample actions, `[S, B, C]`, by uniform numbers of the same shape."""
        xp, shape = backend.namespace(), uniform.shape
        log_probs = xp.reshape(self._of_all(backend, params, seen), (shape[0], -1, self.actions))
        return xp.reshape(self.policy.sample(backend, log_probs, xp.reshape(uniform, (shape[0], -1)), dtype), shape)

    def _of_all(self, backend: Autodiff, params: Parameters, seen: Array) -> Array:
        """Log-probs of all actions, `[S, ..., A]`, at observations `[S, ..., D]`."""
        xp, shape = backend.namespace(), seen.shape
        log_probs = self.policy.log_probs(backend, params, xp.reshape(seen, (shape[0], -1, self.observed)))
        return xp.reshape(log_probs, (*shape[:-1], self.actions))


def _where(xp: Any, condition: Array, new: Array, old: Array) -> Array:
    """Choose whole episodes, `[S, B, C, ...]`, by a condition `[S, B, C]`."""
    wide = xp.reshape(condition, (*condition.shape, *(1 for _ in new.shape[condition.ndim :])))
    return xp.where(wide, new, old)


def _time_last(xp: Any, array: Array) -> Array:
    """Move the time axis behind the completions C: `[T, S, B, C, ...]` to `[S, B, C, T, ...]`."""
    return xp.permute_dims(array, (1, 2, 3, 0, *range(4, array.ndim)))
