"""Nesterov momentum with bias correction, as optax computes it."""

from __future__ import annotations


def nesterov_factors(beta: float, count: int) -> tuple[float, float]:
    """The factors of the momentum and of the gradient in the `count`-th update, for momentum of decay `beta`."""
    return beta / (1 - beta ** (count + 1)), (1 - beta) / (1 - beta**count)
