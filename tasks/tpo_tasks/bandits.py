"""Tabular bandits: a softmax over arms with updates in closed form, on any backend, including NumPy.

In shapes: S seeds, n steps, K arms, N contexts, B samples per step.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import Arm, Array, InvalidArgumentError, Randomness, unknown_name
from tpo_tasks.directions import EXACT, SAMPLED, against, cosine, normalized
from tpo_tasks.ranges import check_least

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo import Parameters, Runner

STEP_SIZE = 0.1
"""Default learning rate, the length of a step in the logits."""
MISALIGNMENT = "misalignment"
"""Name of the metric 1 - cos(angle between the update and the gradient of the error)."""
BLOCK = 50
"""The number of steps whose noise is drawn at once."""


class _Bandit:
    """Base class of both bandits."""

    directions: Mapping[str, Any]
    minima: Mapping[str, int]
    block = BLOCK
    matrices: tuple[str, ...] = ()
    measures: tuple[str, ...] = (MISALIGNMENT,)

    def __post_init__(self) -> None:
        """Check the options."""
        check_least(self, self.minima)

    @property
    def arms(self) -> Mapping[str, Arm]:
        """Default arms, one per method."""
        return {name: self.default_arm(name, compares_candidates=False) for name in self.directions}

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """Create the arm of a method."""
        del compares_candidates
        return Arm(algorithm=algorithm, grouping="actions", epochs=1, optimizer="sgd", learning_rate=STEP_SIZE)

    def check(self, arm: Arm) -> None:
        """Raise an error for a method without an update in closed form.

        Raises:
            UnknownNameError: The method has none.
            InvalidArgumentError: The arm sets an option that updates in closed form do not have.
        """
        if arm.algorithm not in self.directions:
            raise unknown_name("method with an update in closed form", arm.algorithm, self.directions)
        usual = replace(self.arms[arm.algorithm], learning_rate=arm.learning_rate)
        for field in fields(arm):
            if getattr(arm, field.name) != getattr(usual, field.name):
                message = (
                    f"`{field.name}` must be {getattr(usual, field.name)!r}, where updates are known in closed form;"
                )
                raise InvalidArgumentError(
                    f"{message} got {getattr(arm, field.name)!r}. Only `learning_rate` can be set."
                )


@dataclass(frozen=True, kw_only=True)
class SingleContextBandit(_Bandit):
    """A bandit with one rewarding arm, learned from samples.

    Attributes:
        arms_count: Number of arms, K; the first arm pays 1, the others 0.
        samples: Arms pulled per step, B.

    Raises:
        InvalidArgumentError: A number is too small.

    Source:
        Kaddour 2026, section 3.1, Figure 3, after Osband 2026.
    """

    arms_count: int = 100
    samples: int = 100

    directions = SAMPLED
    minima = MappingProxyType({"arms_count": 2, "samples": 1})

    def initial_parameters(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """Create logits of 0, `[K]`."""
        del randomness
        return {"logits": np.zeros(self.arms_count)}

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw uniform noise `[n, B]` for a block of steps."""
        del arm
        return {"noise": randomness.generator("arms").random((self.block, self.samples))}

    def advance(self, backend: Runner, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Any:
        """Take a block of steps; return the new logits, and each metric before each step, `[n, S]`."""
        xp, direction = backend.namespace(), SAMPLED[arm.algorithm]

        def step(logits: Array, noise: Array) -> tuple[Array, tuple[Array, Array]]:
            log_probs = backend.log_softmax(logits)
            policy = xp.exp(log_probs)
            below = xp.astype(noise[..., None] <= xp.cumulative_sum(policy, axis=-1)[:, None, :-1], policy.dtype)
            upto = xp.concat([xp.mean(below, axis=1), xp.ones_like(policy[:, :1])], axis=-1)
            pulled = xp.concat([upto[:, :1], upto[:, 1:] - upto[:, :-1]], axis=-1)
            g = direction(xp, log_probs, pulled)
            oracle = policy[:, :1] * against(xp, policy)
            moved = logits + arm.learning_rate * normalized(xp, g, axes=(-1,))
            return moved, (1 - policy[:, 0], 1 - cosine(xp, g, oracle, axes=(-1,)))

        noise = xp.permute_dims(inputs["noise"], (1, 0, 2))
        logits, (error, misalignment) = backend.scan(step, params["logits"], noise)
        return {"logits": logits}, {"error": error, MISALIGNMENT: misalignment}


@dataclass(frozen=True, kw_only=True)
class MultiContextBandit(_Bandit):
    """A bandit with many contexts that share one step length, trained by exact gradients.

    Attributes:
        contexts: Number of contexts, N.
        arms_count: Number of arms, K; the first arm is the right one everywhere.

    Raises:
        InvalidArgumentError: A number is too small.

    Source:
        Kaddour 2026, section 3.2, Figure 4, after Osband 2026.
    """

    contexts: int = 100
    arms_count: int = 10

    directions = EXACT
    minima = MappingProxyType({"contexts": 1, "arms_count": 2})

    def initial_parameters(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """Draw logits `[N, K]`, standard normal."""
        return {"logits": randomness.generator("logits").normal(size=(self.contexts, self.arms_count))}

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Return a placeholder per step, `[n]`: nothing is random."""
        del randomness, arm
        return {"placeholder": np.zeros(self.block)}

    def advance(self, backend: Runner, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Any:
        """Take a block of steps; return the new logits, and each metric, `[n, S]`, with the error after each step."""
        xp, direction = backend.namespace(), EXACT[arm.algorithm]

        def step(logits: Array, placeholder: Array) -> tuple[Array, tuple[Array, Array]]:
            del placeholder
            policy = xp.exp(backend.log_softmax(logits))
            g = direction(xp, policy)
            misalignment = 1 - cosine(xp, g, against(xp, policy), axes=(-2, -1))
            logits = logits + arm.learning_rate * normalized(xp, g, axes=(-2, -1))
            error = xp.mean(1 - xp.exp(backend.log_softmax(logits))[..., 0], axis=-1)
            return logits, (error, misalignment)

        logits, (error, misalignment) = backend.scan(step, params["logits"], inputs["placeholder"][0, ...])
        return {"logits": logits}, {"error": error, MISALIGNMENT: misalignment}
