"""What a task is: contexts, a policy, and scores for what the policy samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from tpo.backends.protocols import Autodiff, Parameters
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm
    from tpo.training.randomness import Randomness


class Rollout(NamedTuple):
    """What was sampled in one step, and how good it was. A tuple of arrays, constant to differentiation.

    Attributes:
        data: Whatever `Task.log_probs` needs to evaluate the candidates again: a tuple of arrays.
        scores: `[S, ..., K]` floating.
        error: `[S]` the error to report, from 0 (solved) to 1, under the policy that sampled.
        more: Whatever else is worth measuring, `[S]` each, by name: those that the task `ReportsMetrics` by.
        group: What else `Group` can hold and the task knows, by field: `advantages`, `[S, ..., K]`, for example. The
            task must say that it `ProvidesGroupFields`.
    """

    data: Any
    scores: Array
    error: Array
    more: Mapping[str, Array] = {}
    group: Mapping[str, Array] = {}


class Task(Protocol):
    """A task, a frozen dataclass whose fields are its options (and flags on the command line).

    Every array that it exchanges with the trainer has the seeds as axis 0.
    """

    @property
    def arms(self) -> Mapping[str, Arm]:
        """The default arm of each algorithm the task was tuned for, by algorithm."""

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """The arm for an algorithm that is not in `arms`."""

    def check(self, arm: Arm) -> None:
        """Refuse an arm that makes no sense here, with an InvalidArgumentError."""

    def initial_parameters(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """The parameters of one seed, float64."""

    @property
    def matrices(self) -> tuple[str, ...]:
        """The parameters that Muon updates, where it is the optimizer."""

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Contexts and sampling noise of one seed and step: integers, and float64 to be cast."""

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Sample candidates for the contexts and score them."""

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """`[S, ..., K]` log-probs of the candidates in `Rollout.data`, in nats, differentiable in `params`."""


@runtime_checkable
class Drafts(Protocol):
    """A task that looks at part of a rollout first, to see how much of the rest there is to do."""

    def draft(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Any:
        """What is looked at: a tree of arrays, from the arguments of `Task.rollout`."""

    def settle(self, backend: Autodiff, draft: Any) -> Mapping[str, Any]:
        """What `Task.rollout` then finds among its inputs besides: the same result with less work.

        Called between two compiled programs, where the arrays have values. The shapes may depend on those:
        `Autodiff.bucket_size` keeps them few.
        """


@runtime_checkable
class SharesWork(Protocol):
    """A task that evaluates only once what a rollout sampled several times."""

    def share(self, backend: Autodiff, data: Any) -> Any:
        """`Rollout.data` for `Task.log_probs` to evaluate with less work, and the same result.

        Called between two compiled programs, where the arrays have values. The shapes may depend on those:
        `Autodiff.bucket_size` keeps them few.
        """


@runtime_checkable
class OneShot(Protocol):
    """A task whose policy gives the log-probs of all actions at once, so that sampling one evaluates it, too.

    With a single epoch the policy is then evaluated once per step. It has what `Task` has, where `rollout` is `act` on
    `all_log_probs`, and `log_probs` is `select` from them.
    """

    def all_log_probs(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array]) -> Array:
        """`[S, B, K]` log-probs of all actions in each context, in nats, differentiable in `params`."""

    def act(self, backend: Autodiff, log_probs: Array, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Sample actions by `log_probs`, `[S, B, K]`, and score them."""

    def select(self, backend: Autodiff, log_probs: Array, data: Any, arm: Arm) -> Array:
        """`[S, ..., K]` log-probs of the candidates in `Rollout.data`, out of `[S, B, K]` of all actions."""


@runtime_checkable
class Evaluated(Protocol):
    """A task whose policy is also measured apart from training: after every so many steps, and after the last.

    Attributes:
        evaluate_every: How many steps lie between two evaluations.
    """

    evaluate_every: int

    def held_out(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """What policies are measured on: arrays, which keep their dtype and have no seeds axis."""

    def evaluate(
        self, backend: Autodiff, params: Parameters, data: Mapping[str, Array], arm: Arm
    ) -> Mapping[str, Array]:
        """What the policy of each seed came to on `data`, what `held_out` gave, by name: `[S]` each.

        One of them is the `test_error`, from 0 to 1.
        """


@runtime_checkable
class ReportsMetrics(Protocol):
    """A task that measures more than its errors, and says what: so a name that is none is refused before training."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The names in `Rollout.more`, and of what `Evaluated.evaluate` or `ClosedForm.advance` give besides errors."""


@runtime_checkable
class ProvidesGroupFields(Protocol):
    """A task that knows more of its groups than scores, and says what: algorithms that need it can be trained then."""

    def group_fields(self, arm: Arm) -> tuple[str, ...]:
        """The fields of `Rollout.group`."""


@runtime_checkable
class ClosedForm(Protocol):
    """A task whose updates are known in closed form: no gradient is taken, and no optimizer used.

    It has what `Task` has, but for `rollout` and `log_probs`, and runs on backends that do not differentiate too.

    Attributes:
        block: How many steps its inputs are drawn for at once; they are `[S, n, ...]`.
    """

    block: int

    def advance(
        self, backend: Any, params: Parameters, inputs: Mapping[str, Array], arm: Arm
    ) -> tuple[Parameters, Mapping[str, Array]]:
        """The parameters after as many steps as `inputs` are for, and each step's metrics by name, `[n, S]`.

        One of them is the `error`.
        """
