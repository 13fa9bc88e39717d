"""Arms and checks of tasks whose candidates are whole completions or episodes, with one score each."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from tpo import Arm, groupings
from tpo_tasks.trained_network import TrainedNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS: Mapping[str, Mapping[str, Any]] = {"tpo": {"anchor": "ratio"}, "grpo": {"kl": 0.0}, "dr-grpo": {}, "rloo": {}}
"""The algorithms that are compared by default, with their options."""


class WholeCompletions(TrainedNetwork):
    """A task whose candidates are whole completions. Subclasses define the policy and the settings of arms."""

    of_single_samples: ClassVar[Mapping[str, Any]] = {}
    """Settings that differ in arms of methods of single samples."""

    @property
    @abstractmethod
    def arm_settings(self) -> Mapping[str, Any]:
        """Settings that all arms share, by the names of their fields."""

    @property
    def arms(self) -> Mapping[str, Arm]:
        """Arms with equal settings: TPO on whole completions with the ratio anchor, the others on tokens."""
        return {name: self._arm(name, options) for name, options in OPTIONS.items()}

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """Create an arm on tokens if the algorithm takes them; methods of single samples get as many completions."""
        arm = self._arm(algorithm, {})
        if compares_candidates:
            return arm
        count = arm.batch_size * arm.group_size
        return replace(arm, grouping="batch", batch_size=count, **self.of_single_samples)

    def _arm(self, algorithm: str, options: Mapping[str, Any]) -> Arm:
        arm = Arm(
            algorithm=algorithm,
            grouping="sequence",
            options=options,
            group_size=16,
            optimizer="adam",
            **self.arm_settings,
        )
        takes_tokens = arm.create_algorithm().traits.takes_tokens
        return replace(arm, grouping="sequence-tokens") if takes_tokens else arm

    def check(self, arm: Arm) -> None:
        """Raise an error for a grouping that is not one of whole completions.

        Raises:
            InvalidArgumentError: The grouping is one of tokens or actions.
            UnknownNameError: No grouping has that name.
        """
        groupings.completion_groups(arm.grouping)

    def group_fields(self, arm: Arm) -> tuple[str, ...]:
        """Names of the group fields that the arm's grouping provides."""
        return groupings.completion_groups(arm.grouping).completion_fields
