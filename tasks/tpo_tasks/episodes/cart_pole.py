"""Cart and pole: push a cart left or right so that the pole on it does not fall."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tpo_tasks.episodes.episodes import Episodes, State
from tpo_tasks.ranges import check_least

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from tpo import Array

GRAVITY, CART, POLE, HALF_LENGTH, FORCE, SECONDS = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
FARTHEST, STEEPEST = 2.4, 12 * 2 * math.pi / 360
SPREAD = 0.05


@dataclass(frozen=True, kw_only=True)
class CartPole(Episodes):
    """Balance a pole on a cart: K attempts from the same start, scored by how long the pole stays up.

    The observation is the position and velocity of the cart, and the angle and angular velocity of the pole.

    Attributes:
        steps: The most steps of an episode, from 1 on; an episode that lasts as long scores 1.

    Raises:
        InvalidArgumentError: `steps` is too small.

    Source:
        Barto, Sutton and Anderson 1983, with the constants and the Euler step of Gymnasium's CartPole.
    """

    steps: int = field(default=200, metadata={"flag": "episode_steps"})

    batch_size: ClassVar[int] = 4
    learning_rate: ClassVar[float] = 3e-3
    observed: ClassVar[int] = 4

    def __post_init__(self) -> None:
        """Check the options."""
        check_least(self, {"steps": 1}, "Gymnasium's versions have 200 and 500.")

    @property
    def longest(self) -> int:
        """T, the most steps of an episode."""
        return self.steps

    def starts(self, generator: np.random.Generator, count: int) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the first observations, `[B, 4]`."""
        return {"start": generator.uniform(-SPREAD, SPREAD, (count, 4))}

    def begin(self, xp: Any, starts: Mapping[str, Array], episodes: Array) -> State:
        """The state is the observation, `[S, B, C, 4]`."""
        return (starts["start"][:, :, None, :] + xp.zeros_like(episodes)[..., None],)

    def observe(self, xp: Any, starts: Mapping[str, Array], state: State) -> Array:
        """Return the state."""
        del xp, starts
        observation: Array = state[0]
        return observation

    def advance(self, xp: Any, starts: Mapping[str, Array], state: State, action: Array) -> tuple[State, Array]:
        """One Euler step under a push to the right (1) or left (0); the end if the pole falls or the cart leaves."""
        del starts
        place, speed, angle, spin = (state[0][..., number] for number in range(4))
        force = FORCE * (2 * xp.astype(action, place.dtype) - 1)
        sine, cosine = xp.sin(angle), xp.cos(angle)
        mass = CART + POLE
        pushed = (force + POLE * HALF_LENGTH * spin * spin * sine) / mass
        turning = (GRAVITY * sine - cosine * pushed) / (HALF_LENGTH * (4 / 3 - POLE * cosine * cosine / mass))
        thrust = pushed - POLE * HALF_LENGTH * turning * cosine / mass
        moved = xp.stack(
            [place + SECONDS * speed, speed + SECONDS * thrust, angle + SECONDS * spin, spin + SECONDS * turning],
            axis=-1,
        )
        return (moved,), (xp.abs(moved[..., 0]) > FARTHEST) | (xp.abs(moved[..., 2]) > STEEPEST)

    def score(self, xp: Any, starts: Mapping[str, Array], state: State, steps: Array) -> Array:
        """The share of the steps that the pole stayed up."""
        del xp, starts, state
        return steps / self.steps
