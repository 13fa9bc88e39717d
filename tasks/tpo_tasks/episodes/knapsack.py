"""Knapsack: pack items one by one, and be scored by the value of all that was packed."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tpo import Array, InvalidArgumentError
from tpo_tasks.episodes.episodes import Episodes, State
from tpo_tasks.ranges import check_range

if TYPE_CHECKING:
    from collections.abc import Mapping

LIGHTEST, HEAVIEST = 0.1, 1.0
MOST_ITEMS = 16
"""The most items whose best packing is found by trying all."""


@dataclass(frozen=True, kw_only=True)
class Knapsack(Episodes):
    """Decide on each item of a knapsack: K whole packings per problem, scored by their value over the best value.

    Weights and values are uniform from .1 to 1. A packing that exceeds the capacity ends there and scores 0.

    Attributes:
        items: Number of items, from 2 to 16.
        capacity: Capacity of the knapsack, as a share of the weight of all items, from 1 / items to below 1: with
            less, it may be that no item fits, and no packing is better than another.

    Raises:
        InvalidArgumentError: An option is out of its range.
    """

    items: int = 12
    capacity: float = 0.5

    batch_size: ClassVar[int] = 16
    learning_rate: ClassVar[float] = 3e-3
    observed: ClassVar[int] = 6

    def __post_init__(self) -> None:
        """Check the options."""
        remedy = "Choose one in this range: all 2**items packings are tried to find the best."
        check_range("items", self.items, 2, MOST_ITEMS, remedy)
        if not 1 / self.items <= self.capacity < 1:
            # Rounded up, so that the number shown is accepted.
            least = math.ceil(1000 / self.items) / 1000
            message = f"`capacity` must be at least 1 / items ({least}) and below 1; got {self.capacity}."
            raise InvalidArgumentError(
                f"{message} It is a share of the weight of all items; with less, it may be that none of them fits."
            )

    @property
    def longest(self) -> int:
        """T, one step per item."""
        return self.items

    def starts(self, generator: np.random.Generator, count: int) -> dict[str, np.ndarray[Any, Any]]:
        """Draw problems: weights and values `[B, T]`, the room `[B]`, and the value of the best packing `[B]`."""
        weights, values = generator.uniform(LIGHTEST, HEAVIEST, (2, count, self.items))
        room = self.capacity * weights.sum(-1)
        return {"weights": weights, "values": values, "room": room, "best": best_values(weights, values, room)}

    def begin(self, xp: Any, starts: Mapping[str, Array], episodes: Array) -> State:
        """The state is the number of the item, the room left, and the value packed, `[S, B, C]` each."""
        return episodes, starts["room"][:, :, None] + xp.zeros_like(episodes), xp.zeros_like(episodes)

    def observe(self, xp: Any, starts: Mapping[str, Array], state: State) -> Array:
        """The item's weight and value, the room left, the weight and value still to come, and the items left."""
        item, room, _ = state
        here, later = self._places(xp, item)
        sums = [_over_items(xp, where, starts[name]) for where in (here, later) for name in ("weights", "values")]
        return xp.stack(
            [sums[0], sums[1], room, sums[2] / self.items, sums[3] / self.items, item / self.items], axis=-1
        )

    def advance(self, xp: Any, starts: Mapping[str, Array], state: State, action: Array) -> tuple[State, Array]:
        """Pack the item (1) or leave it (0); packing one that does not fit ends the episode with a value of 0."""
        item, room, value = state
        here, _ = self._places(xp, item)
        packed = xp.astype(action, room.dtype)
        room = room - packed * _over_items(xp, here, starts["weights"])
        value = value + packed * _over_items(xp, here, starts["values"])
        bursts = room < 0
        return (item + 1, room, xp.where(bursts, xp.zeros_like(value), value)), bursts

    def score(self, xp: Any, starts: Mapping[str, Array], state: State, steps: Array) -> Array:
        """The value packed, over the best value."""
        del xp, steps
        _, _, value = state
        return value / starts["best"][:, :, None]

    def _places(self, xp: Any, item: Array) -> tuple[Array, Array]:
        """Where the item stands among all, and which are later, `[S, B, C, T]` booleans."""
        each = xp.broadcast_to(xp.ones_like(item)[..., None], (*item.shape, self.items))
        numbers = xp.cumulative_sum(each, axis=-1) - 1
        return numbers == item[..., None], numbers > item[..., None]


def _over_items(xp: Any, where: Array, values: Array) -> Array:
    """Sum values `[S, B, T]` over the items of each episode, `[S, B, C, T]`."""
    return xp.sum(xp.where(where, values[:, :, None, :], xp.zeros_like(values)[:, :, None, :]), axis=-1)


def best_values(
    weights: np.ndarray[Any, Any], values: np.ndarray[Any, Any], room: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """The value of the best packing of each problem, `[B]`, of all `2 ** T`."""
    packings = np.asarray(list(itertools.product((0.0, 1.0), repeat=weights.shape[-1])))
    fits = weights @ packings.T <= room[:, None]
    found: np.ndarray[Any, Any] = np.where(fits, values @ packings.T, 0.0).max(-1)
    return found
