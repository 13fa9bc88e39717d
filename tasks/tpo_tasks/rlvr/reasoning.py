"""Any data set of reasoning-gym, by its name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError
from tpo_tasks.rlvr import library, procedural

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "tpo/reasoning-gym"
"""The data source without the name of the data set, which follows after a slash."""


@dataclass(frozen=True, kw_only=True)
class ReasoningGym(procedural.Procedural):
    """Problems of a data set of reasoning-gym, generated and scored by that library.

    Attributes:
        dataset: The name of the data set in reasoning-gym, such as chain_sum.
        set_: A setting of the data set as NAME=VALUE, such as min_terms=3; may be repeated. Values are read as JSON, or
            else as text.

    Raises:
        InvalidArgumentError: An option is out of its range or does not suit the data set, or the data set has no scorer
            that can be used.
        NotInstalledError: reasoning-gym is missing.
        UnknownNameError: There is no such data set, or it has no such setting.
    """

    dataset: str = field()
    set_: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the options."""
        super().__post_init__()
        library.check_known(self.dataset)
        library.check_settings(self.dataset, self.config())
        self._one()

    def _one(self) -> Any:
        """A data set of one problem with the same settings."""
        return library.create(self.dataset, self.config(), size=1, seed=0)

    @property
    def generator(self) -> str:
        """The name of the data set in reasoning-gym."""
        return self.dataset

    @property
    def source(self) -> str:
        """The data source, which has the name of the data set."""
        return f"{SOURCE}/{self.dataset}"

    @property
    def ability(self) -> str:
        """The library's category of the data set, such as `arithmetic`."""
        return str(self._one().category)

    @property
    def variant(self) -> str:
        """The subfolder of the default output folder."""
        return self.dataset

    def config(self) -> Mapping[str, Any]:
        """The settings of the data set.

        Raises:
            InvalidArgumentError: One is not NAME=VALUE.
        """
        return dict(map(_setting, self.set_))


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InvalidArgumentError(f"`--set` must be NAME=VALUE; got {text!r}. Write it so, such as min_terms=3.")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


def score(dataset: str, completion: str, ground_truth: str) -> float:
    """Score a completion with the scorer of a data set of reasoning-gym.

    Args:
        dataset: The name of the data set.
        completion: The answer is in the last `<answer>` tag, or where `completion.answer_in` finds it.
        ground_truth: From the same row as the prompt.

    Returns:
        From 0 to 1, as the library says; 0 for an answer that its scorer cannot read without harm.

    Raises:
        DataError: The ground truth has another form.
        InvalidArgumentError: The data set cannot be scored.
        NotInstalledError: reasoning-gym is missing.
        UnknownNameError: There is no such data set; the nearest name is suggested.
    """
    library.check_known(dataset)
    return procedural.score(dataset, completion, ground_truth)
