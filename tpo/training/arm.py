"""An arm: an algorithm with its grouping and hyperparameters, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from tpo.core.compositions.gated import Gated
from tpo.core.standardizing.names import standardizer_named
from tpo.core.standardizing.standardizer import Standardizer
from tpo.errors import InvalidArgumentError, InvalidTypeError, unknown_name
from tpo.plugins import registry
from tpo.plugins.contracts import Contract

if TYPE_CHECKING:
    from dataclasses import Field

    from tpo.core.algorithms.base import Algorithm

MINIMA = {"epochs": 1, "batch_size": 1, "group_size": 1}
POSITIVE = ("learning_rate", "gate")
KINDS = {"algorithm": str, "grouping": str, "optimizer": str, "options": Mapping}
EXAMPLES = {
    "algorithm": "tpo",
    "grouping": "sequence",
    "optimizer": "muon",
    "options": {"eta": 0.5},
    "epochs": 4,
    "batch_size": 100,
    "group_size": 8,
    "learning_rate": 0.001,
    "gate": 1.0,
}
"""Values that are usual, for error messages."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One training configuration of a task, such as one curve of a figure.

    Attributes:
        algorithm: The registered name of the algorithm.
        options: Fields of the algorithm that differ from its defaults; a standardizer may be given by its name, such as
            `centred`.
        grouping: How candidates form groups, such as `token` or `sequence`; `tpo run TASK --help` lists a task's.
        epochs: Gradient passes over one rollout.
        batch_size: Contexts per step.
        group_size: Candidates per group, for groupings that sample several.
        learning_rate: The learning rate of the optimizer.
        optimizer: `muon`, `adam` or `sgd`.
        gate: The temperature of a `Gated` around the algorithm, which weights each group by its delight; `None` for
            no gate.

    Raises:
        InvalidTypeError: A name is no text, or the options are no mapping.
        InvalidArgumentError: A number is too small, not whole or not finite; a learning rate or temperature is not
            positive.
    """

    algorithm: str
    grouping: str
    options: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 4
    batch_size: int = 100
    group_size: int = 8
    learning_rate: float = 1e-3
    optimizer: str = "muon"
    gate: float | None = None

    def __post_init__(self) -> None:
        """Check the types and the numbers."""
        for name, kind in KINDS.items():
            if not isinstance(getattr(self, name), kind):
                message = f"`{name}` must be a {kind.__name__}; got {getattr(self, name)!r}."
                raise InvalidTypeError(f"{message} For example {EXAMPLES[name]!r}.")
        for name, least in MINIMA.items():
            value = getattr(self, name)
            if not isinstance(value, Integral):
                raise _refused(name, "a whole number", value)
            if value < least:
                raise _refused(name, f"at least {least}", value)
        for name in POSITIVE:
            value = getattr(self, name)
            if value is not None and not (isinstance(value, Real) and 0 < float(value) < math.inf):
                raise _refused(name, "positive and finite", value)

    def create_algorithm(self) -> Algorithm:
        """Create the algorithm with its options, wrapped in `Gated` if `gate` is set.

        Raises:
            UnknownNameError: The algorithm or one of its options does not exist, or a standardizer.
            PluginError: It does not accept its options.
        """
        cls = registry.algorithm(self.algorithm)
        known = {field.name: field for field in fields(cls)}
        for name in self.options:
            if name not in known:
                raise unknown_name(f"option of {self.algorithm}", name, known)
        options = {name: _decoded(value, known[name]) for name, value in self.options.items()}
        remedy = "Choose others, or fix its plug-in."
        with Contract("algorithm", self.algorithm, "accept its options", remedy).calling():
            created: Algorithm = cls(**options)
        return created if self.gate is None else Gated(created, eta=self.gate)


def _refused(name: str, must: str, value: Any) -> InvalidArgumentError:
    return InvalidArgumentError(f"`{name}` must be {must}; got {value}. For example {EXAMPLES[name]}.")


def _decoded(value: Any, option: Field[Any]) -> Any:
    """The value of an option; a text stands for the standardizer of that name, if the option is one."""
    default = option.default if option.default_factory is MISSING else option.default_factory()
    return standardizer_named(value) if isinstance(value, str) and isinstance(default, Standardizer) else value
