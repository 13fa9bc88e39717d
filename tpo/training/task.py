"""The interface of tasks: contexts, a policy, and scores for the policy's samples."""

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
    """The samples of one step and their scores, for S seeds. A tuple of arrays, constant to differentiation.

    Attributes:
        data: The arrays that `Task.log_probs` needs to evaluate the candidates again: an array, or a tuple of them.
        scores: `[S, ..., K]` floating.
        error: `[S]` the error to report, from 0 (solved) to 1, under the policy that sampled.
        more: Other metrics, `[S]` each, by the names that the task declares by `ReportsMetrics`.
        group: Optional fields of `Group` that the task knows, such as `advantages`, `[S, ..., K]`, by name. The task
            must declare them by `ProvidesGroupFields`.
    """

    data: Any
    scores: Array
    error: Array
    more: Mapping[str, Array] = {}
    group: Mapping[str, Array] = {}


class Task(Protocol):
    """A task: a frozen dataclass whose fields are its options (and flags on the command line).

    Arrays that are computed for all seeds at once have the seeds as axis 0. What is drawn by the `Randomness` of a
    seed, such as its parameters and inputs, is of that seed alone; the trainer stacks the seeds.
    """

    @property
    def arms(self) -> Mapping[str, Arm]:
        """Default arms of the algorithms the task was tuned for, by algorithm."""

    def default_arm(self, algorithm: str, *, compares_candidates: bool) -> Arm:
        """Create the arm for an algorithm that is not in `arms`."""

    def check(self, arm: Arm) -> None:
        """Raise an InvalidArgumentError for an arm that does not fit the task."""

    def initial_parameters(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the parameters of one seed, float64."""

    @property
    def matrices(self) -> tuple[str, ...]:
        """Names of the parameters that Muon updates, if it is the optimizer."""

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw contexts and sampling noise of one seed and step: integers, and float64 to be cast."""

    def rollout(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Sample candidates for the contexts and score them."""

    def log_probs(self, backend: Autodiff, params: Parameters, data: Any, arm: Arm) -> Array:
        """Compute log-probs `[S, ..., K]` of the candidates in `Rollout.data`, in nats, differentiable in `params`."""


@runtime_checkable
class Drafts(Protocol):
    """A task that samples a draft first, to save work in the rest of the rollout."""

    def draft(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array], arm: Arm) -> Any:
        """Compute the draft, a tree of arrays, from the arguments of `Task.rollout`."""

    def settle(self, backend: Autodiff, draft: Any) -> Mapping[str, Any]:
        """Compute additional inputs of `Task.rollout`, with which it gives the same result with less work.

        Called between two compiled programs, where arrays have concrete values. Shapes may depend on the values;
        `Autodiff.bucket_size` limits the number of different shapes.
        """


@runtime_checkable
class SharesWork(Protocol):
    """A task that evaluates duplicate samples of a rollout once."""

    def share(self, backend: Autodiff, data: Any) -> Any:
        """Rewrite `Rollout.data` so that `Task.log_probs` gives the same result with less work.

        Called between two compiled programs, where arrays have concrete values. Shapes may depend on the values;
        `Autodiff.bucket_size` limits the number of different shapes.
        """


@runtime_checkable
class OneShot(Protocol):
    """A task whose policy gives the log-probs of all actions in one pass, so that sampling needs no second evaluation.

    With a single epoch the policy is then evaluated once per step. It also has all of `Task`, where `rollout` is `act`
    on `all_log_probs`, and `log_probs` is `select` from them.
    """

    def all_log_probs(self, backend: Autodiff, params: Parameters, inputs: Mapping[str, Array]) -> Array:
        """Compute log-probs of all actions in each context, `[S, B, K]` in nats, differentiable in `params`."""

    def act(self, backend: Autodiff, log_probs: Array, inputs: Mapping[str, Array], arm: Arm) -> Rollout:
        """Sample actions by `log_probs`, `[S, B, K]`, and score them."""

    def select(self, backend: Autodiff, log_probs: Array, data: Any, arm: Arm) -> Array:
        """Select log-probs `[S, ..., K]` of the candidates in `Rollout.data` from those of all actions, `[S, B, K]`."""


class WarmUp(NamedTuple):
    """Settings of the supervision before step 0.

    Attributes:
        steps: The number of updates; 0 for no supervision.
        learning_rate: The learning rate of Adam, above 0.
    """

    steps: int
    learning_rate: float


@runtime_checkable
class WarmStarts(Protocol):
    """A task whose policy is trained on examples, by Adam, before step 0.

    The result depends on the task, the seed, the backend and the dtype, and so is the same for all arms. `tpo run`
    keeps it in the user's cache folder.
    """

    @property
    def warm_up(self) -> WarmUp:
        """The settings of the supervision."""

    def examples(self, randomness: Randomness) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the examples of one seed and one step of supervision: integers, and float64 to be cast."""

    def supervised_loss(self, backend: Autodiff, params: Parameters, examples: Mapping[str, Array]) -> Array:
        """Compute the loss of each seed on its examples, `[S]`, differentiable in `params`."""


@runtime_checkable
class Evaluated(Protocol):
    """A task with held-out data, on which the policy is evaluated at an interval of steps and after the last step.

    Attributes:
        evaluate_every: The number of steps between two evaluations.
    """

    evaluate_every: int

    def held_out(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return the evaluation data: arrays, which keep their dtype and have no seeds axis."""

    def evaluate(
        self, backend: Autodiff, params: Parameters, data: Mapping[str, Array], arm: Arm
    ) -> Mapping[str, Array]:
        """Evaluate the policy of each seed on `data` from `held_out`: metrics by name, `[S]` each.

        One of them is `test_error`, from 0 to 1.
        """


@runtime_checkable
class ReportsMetrics(Protocol):
    """A task with metrics besides its errors. It declares their names, so that unknown names fail before training."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the metrics in `Rollout.more`, `Evaluated.evaluate` or `ClosedForm.advance`, without the errors."""


@runtime_checkable
class ProvidesGroupFields(Protocol):
    """A task that provides optional fields of `Group`, and declares them for the algorithms that need them."""

    def group_fields(self, arm: Arm) -> tuple[str, ...]:
        """Return the names of the fields in `Rollout.group`."""


@runtime_checkable
class ClosedForm(Protocol):
    """A task with updates in closed form, trained without gradients and without an optimizer.

    It has all of `Task` except `rollout` and `log_probs`, and also runs on backends that do not differentiate.

    Attributes:
        block: The number of steps, n, whose inputs are drawn at once, `[S, n, ...]`.
    """

    block: int

    def advance(
        self, backend: Any, params: Parameters, inputs: Mapping[str, Array], arm: Arm
    ) -> tuple[Parameters, Mapping[str, Array]]:
        """Take the steps of `inputs`; return the parameters, and each step's metrics by name, `[n, S]`.

        One of the metrics is `error`.
        """
