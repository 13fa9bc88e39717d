"""The base class of tasks that train a neural network: its parameters, and those that Muon updates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from tpo import MLP, Randomness, Transformer


class TrainedNetwork(ABC):
    """A task whose policy is a neural network, which subclasses define."""

    @property
    @abstractmethod
    def policy(self) -> Transformer | MLP:
        """The network, sized for the task."""

    @property
    def matrices(self) -> tuple[str, ...]:
        """Names of the parameters that Muon updates."""
        return self.policy.matrices

    def initial_parameters(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the parameters of one seed, float64."""
        return self.policy.initial_parameters(randomness.generator("parameters"))
